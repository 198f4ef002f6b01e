"""Tokens: the right one reads back, every other one is refused, and nothing shows through."""

import stat
import string
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ConfigError, TokenError
from publisher.kit.tokens import SignedTokens

TOKENS = SignedTokens({1: b"a" * 32, 2: b"b" * 32}, 2)
values = st.text(max_size=120)
purposes = st.text(max_size=20)
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


@given(purposes, values)
def test_a_token_reads_back(purpose, value):
    token = TOKENS.sign(purpose, value)
    assert set(token) <= URL_SAFE
    assert TOKENS.read(purpose, token) == value
    assert TOKENS.sign(purpose, value) == token, "a parcel is the same at every attempt"


@given(purposes, purposes, values)
def test_a_token_is_good_for_its_purpose_only(purpose, other, value):
    token = TOKENS.sign(purpose, value)
    if purpose != other:
        with pytest.raises(TokenError):
            TOKENS.read(other, token)


def test_purpose_and_value_cannot_be_shifted_into_one_another():
    token = TOKENS.sign("unsubscribe", "x17")
    with pytest.raises(TokenError):
        TOKENS.read("unsubscribex", token)


@given(values, st.data())
def test_any_change_is_refused(value, data):
    token = TOKENS.sign("unsubscribe", value)
    at = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.sampled_from(sorted(URL_SAFE - {token[at]})))
    with pytest.raises(TokenError):
        TOKENS.read("unsubscribe", token[:at] + char + token[at + 1 :])


@given(st.text(max_size=80))
def test_rubbish_is_refused(text):
    for read in (
        lambda: TOKENS.read("unsubscribe", text),
        lambda: TOKENS.read_return_address(text),
    ):
        with pytest.raises(TokenError):
            read()


@pytest.mark.parametrize(
    "change", [lambda t: t + "=", lambda t: " " + t, lambda t: t + "A" * 5_000]
)
def test_a_second_spelling_is_refused(change):
    with pytest.raises(TokenError):
        TOKENS.read("unsubscribe", change(TOKENS.sign("unsubscribe", "17")))


def test_the_value_does_not_show():
    token = TOKENS.sign("unsubscribe", "17")
    neighbour = TOKENS.sign("unsubscribe", "18")
    assert "17" not in token
    assert token[2:20] != neighbour[2:20]
    with pytest.raises(TokenError):
        SignedTokens({2: b"c" * 32}, 2).read("unsubscribe", token)


@given(st.integers(0, 2**53))
def test_a_return_address_survives_the_loss_of_case(number):
    address = TOKENS.return_address("bounces@gazette.example", str(number))
    assert len(address.rpartition("@")[0]) <= 64
    assert address == address.lower()
    assert TOKENS.read_return_address(address) == str(number)
    assert TOKENS.read_return_address(address.upper()) == str(number)


def test_a_forged_return_address_is_refused():
    with pytest.raises(TokenError):
        TOKENS.read_return_address("bounces@gazette.example")
    address = SignedTokens({2: b"z" * 32}, 2).return_address("bounces@gazette.example", "17")
    with pytest.raises(TokenError):
        TOKENS.read_return_address(address)
    with pytest.raises(ConfigError, match="room"):
        TOKENS.return_address("b" * 50 + "@gazette.example", "17")


def test_the_key_file_is_made_once_and_kept_private(tmp_path):
    path = tmp_path / "secrets" / "tokens.key"
    token = SignedTokens.load(path).sign("unsubscribe", "17")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SignedTokens.load(path).read("unsubscribe", token) == "17"
    assert [entry.name for entry in path.parent.iterdir()] == ["tokens.key"]


def test_many_first_users_agree_on_one_key(tmp_path):
    path = tmp_path / "secrets" / "tokens.key"
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: SignedTokens.load(path).sign("p", "17"), range(32)))
    assert len(set(tokens)) == 1


def test_old_keys_stay_valid_after_a_new_one_is_added(tmp_path):
    path = tmp_path / "tokens.key"
    old = SignedTokens.load(path).sign("unsubscribe", "17")
    with path.open("a") as file:
        file.write("2 " + "ab" * 32 + "\n")
    changed = SignedTokens.load(path)
    assert changed.read("unsubscribe", old) == "17"
    assert changed.sign("unsubscribe", "17") != old


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "1 abcd\n",
        "1\n",
        "300 " + "ab" * 32,
        "x " + "ab" * 32,
        "\x80\xff\0",
        "1 " + "zz" * 32,
        "1 " + "ab" * 32 + "\n1 " + "cd" * 32,
    ],
)
def test_a_damaged_key_file_is_never_replaced(tmp_path, text):
    path = tmp_path / "tokens.key"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="tokens"):
        SignedTokens.load(path)
    assert path.read_text("utf-8") == text


def test_an_unusable_place_is_a_configuration_error(tmp_path):
    (tmp_path / "secrets").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be used"):
        SignedTokens.load(tmp_path / "secrets" / "tokens.key")


@given(st.binary(min_size=1, max_size=64), purposes, values)
def test_a_tag_is_the_keyed_hash_of_its_label_and_value(key: bytes, purpose: str, value: str):
    label = purpose.encode("utf-8")
    whole = f"tag:{len(label)}:".encode() + label + value.encode()
    sealed = urlsafe_b64decode(SignedTokens({1: key}, 1).sign(purpose, value) + "==")
    assert sealed[1:17] == blake2b(whole, key=key).digest()[:16]
