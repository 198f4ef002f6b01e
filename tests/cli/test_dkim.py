"""`dkim new` and `dkim show`, and what `check` and `doctor` say of signing."""

import stat

import pytest

from publisher.kit.dkim import new_key, read_key
from tests.verifying import verified

SIGNED = """
[mail.dkim]
selector = "s1"
key = { file = "secrets/dkim-s1.pem" }
"""


def configure(publication, text):
    path = publication / "publisher.toml"
    path.write_text(path.read_text() + text)


def key_file(publication, name, kind="rsa"):
    path = publication / "secrets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(new_key(kind))
    path.chmod(0o600)


def test_a_new_key_is_private_and_its_record_is_shown(cli, publication):
    result = cli("dkim", "new")
    assert result.code == 0
    path = publication / "secrets/dkim-s1.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    record = read_key(path.read_text()).record
    assert "name   s1._domainkey.gazette.example\n" in result.out
    assert f"text   {record}\n" in result.out
    assert f'( "{record[:255]}" "{record[255:]}" )' in result.out
    assert SIGNED.strip() in result.out


def test_the_record_in_json(cli, publication):
    row = cli("--json", "dkim", "new", "--kind", "ed25519", "--domain", "bücher.example").json
    record = read_key((publication / row["file"]).read_text()).record
    assert row == {
        "file": "secrets/dkim-e1.pem",
        "selector": "e1",
        "domain": "xn--bcher-kva.example",
        "kind": "ed25519",
        "bits": 256,
        "name": "e1._domainkey.xn--bcher-kva.example",
        "type": "TXT",
        "text": record,
        "strings": [record],
    }


def test_the_next_key_gets_the_next_name_and_none_is_overwritten(cli, publication):
    cli("dkim", "new")
    before = (publication / "secrets/dkim-s1.pem").read_bytes()
    configure(publication, SIGNED)
    result = cli("dkim", "new")
    assert '[[mail.dkim.also]]\nselector = "s2"' in result.out
    refused = cli("dkim", "new", "--selector", "s1")
    assert refused.code == 78
    assert "never overwritten" in refused.err
    assert (publication / "secrets/dkim-s1.pem").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [("--selector", "a b"), ("--selector", "../x"), ("--domain", "nowhere")]
)
def test_names_that_dns_cannot_have_are_refused(cli, publication, arguments):
    result = cli("dkim", "new", *arguments)
    assert result.code == 2
    assert "write for example" in result.err
    assert not list(publication.glob("secrets/*.pem"))


def test_the_records_in_use_are_shown(cli, publication):
    assert cli("dkim", "show").code == 1
    key_file(publication, "dkim-s1.pem")
    key_file(publication, "e.pem", "ed25519")
    also = '[[mail.dkim.also]]\nselector = "E1"\nkey = { file = "secrets/e.pem" }\n'
    configure(publication, SIGNED + also)
    rows = cli("--json", "dkim", "show").json
    names = ["s1._domainkey.gazette.example", "e1._domainkey.gazette.example"]
    assert [row["name"] for row in rows] == names
    assert all(name in cli("dkim", "show").out for name in names)
    assert cli("check").code == 0
    states = {row["check"]: row for row in cli("--json", "doctor").json}
    assert states["dkim"]["state"] == "ok"
    assert "s1 (rsa), e1 (ed25519)" in states["dkim"]["detail"]
    (publication / "secrets/e.pem").chmod(0o644)
    states = {row["check"]: row for row in cli("--json", "doctor").json}
    assert states["e.pem"]["state"] == "problem"


def test_a_preview_is_signed_as_what_is_sent(cli, publication):
    key_file(publication, "dkim-s1.pem")
    configure(publication, SIGNED)
    cli("collect")
    assert cli("preview", "morning", "--out", str(publication / "preview")).code == 0
    records = {row["name"]: row["text"] for row in cli("--json", "dkim", "show").json}
    assert verified((publication / "preview/digest.eml").read_bytes(), records) == 1


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        (SIGNED, "mail.dkim.key", "cannot read secrets/dkim-s1.pem"),
        (SIGNED.replace("dkim-s1", "good"), None, ""),
        (SIGNED.replace("dkim-s1", "torn"), "mail.dkim.key", "no private key in PEM form"),
        (
            SIGNED.replace("dkim-s1", "good") + 'domain = "relay.example"\n',
            "mail.dkim.domain",
            "is relay.example, but From is at gazette.example",
        ),
        (
            '[mail]\nfrom = "news@127.0.0.1"\n' + SIGNED.replace("dkim-s1", "good"),
            "mail.from",
            "127.0.0.1 is no domain of yours",
        ),
        (
            SIGNED.replace("dkim-s1", "good")
            + '[[mail.dkim.also]]\nselector = "S1"\nkey = { file = "secrets/good.pem" }\n',
            "mail.dkim.also[0].selector",
            "s1 is named twice",
        ),
    ],
    ids=["absent", "good", "torn", "not aligned", "no domain", "twice"],
)
def test_check_says_what_is_wrong_with_signing(cli, publication, table, key, message):
    key_file(publication, "good.pem")
    (publication / "secrets/torn.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    configure(publication, table)
    result = cli("--json", "check")
    found = [(row["key"], row["message"]) for row in result.json["problems"]]
    assert [place for place, _ in found] == [key] * (key is not None)
    assert all(message in said for _, said in found)
    assert result.code == (78 if key else 0)
    if key:
        states = {row["check"]: row for row in cli("--json", "doctor").json}
        assert states["dkim"]["state"] == "problem"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("[mail.dkim]\n", "mail.dkim.key: is missing"),
        (SIGNED.replace('"s1"', '"s 1"'), 'mail.dkim.selector: "s 1" is no selector'),
        (SIGNED + 'domain = "a b"\n', "mail.dkim.domain:"),
        (SIGNED + "threads = -1\n", "mail.dkim.threads: expected a whole number >= 0"),
        (SIGNED + "[[mail.dkim.also]]\n", "mail.dkim.also[0].key: is missing"),
    ],
)
def test_mistakes_in_the_table_are_located(cli, publication, table, expected):
    configure(publication, table)
    result = cli("check")
    assert result.code == 78
    assert expected in result.err
