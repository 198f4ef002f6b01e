"""What `doctor` says of the records that stand in DNS, or do not."""

import pytest

from publisher.app.signing import Signing
from publisher.cli.records import records
from publisher.kit.dkim import DkimSigner, Signature, new_key, read_key

KEY = read_key(new_key("ed25519").decode())
SIGNING = Signing(
    signer=DkimSigner([Signature(domain="gazette.example", selector="s1", key=KEY)]), threads=0
)
DKIM = "s1._domainkey.gazette.example"
GOOD = {
    "gazette.example": ("other", "v=spf1 mx -all"),
    DKIM: (KEY.record,),
    "_dmarc.gazette.example": ("v=DMARC1; p=none",),
}


def found(answers, domain="gazette.example", signing=SIGNING):
    told = records(domain, signing, lambda name: answers.get(name, ()))
    return {what: (state, detail) for what, state, detail in told}


def test_all_is_there():
    told = found(GOOD)
    assert {what: state for what, (state, _) in told.items()} == {
        "SPF": "ok",
        "DKIM s1": "ok",
        "DMARC": "ok",
    }


def test_a_domain_below_is_under_the_policy_of_the_one_above():
    answers = {**GOOD, "mail.gazette.example": ("v=spf1 -all",)}
    assert found(answers, "mail.gazette.example")["DMARC"][0] == "ok"


def test_who_signs_nothing_is_asked_for_no_key():
    assert set(found(GOOD, signing=None)) == {"SPF", "DMARC"}


@pytest.mark.parametrize(
    ("what", "changes", "detail"),
    [
        ("SPF", {"gazette.example": ("v=spf10 x",)}, "has none"),
        ("SPF", {"gazette.example": ("v=spf1 -all", "V=SPF1 mx")}, "has 2 records"),
        ("DKIM s1", {DKIM: ()}, "has no record"),
        ("DKIM s1", {DKIM: ("v=DKIM1; k=ed25519; p=AAAA",)}, "has another key"),
        ("DMARC", {"_dmarc.gazette.example": ("v=spf1",)}, "publish at least"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(what, changes, detail):
    state, told = found({**GOOD, **changes})[what]
    assert state == "problem"
    assert detail in told


def test_a_record_in_pieces_is_the_same_key():
    pieces = KEY.record.replace("p=", "p= ").replace("; ", " ;  ")
    assert found({**GOOD, DKIM: (pieces,)})["DKIM s1"][0] == "ok"


def test_without_an_answer_nothing_is_claimed():
    told = found(dict.fromkeys(GOOD))
    assert {state for state, _ in told.values()} == {"note"}


def test_doctor_asks_once_mail_leaves_this_machine(cli, publication, monkeypatch):
    asked = []
    monkeypatch.setattr("publisher.kit.dns.txt", asked.append)
    cli("doctor")
    assert asked == []
    path = publication / "publisher.toml"
    relay = '[transports.relay]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
    path.write_text(path.read_text() + f'{relay}[mail]\ntransport = "relay"\n')
    states = {row["check"]: row["state"] for row in cli("--json", "doctor").json}
    assert asked == ["gazette.example", "_dmarc.gazette.example"]
    assert (states["SPF"], states["DMARC"]) == ("note", "note")
