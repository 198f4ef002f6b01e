"""What relays say when they refuse, in their own words, and what that means."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.refusing import (
    CODES,
    PHRASES,
    SUBJECTS,
    Refusal,
    is_greylisted,
    refusal_of,
    worn_out,
)

HARD, SOFT, POLICY = Refusal.HARD, Refusal.SOFT, Refusal.POLICY
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)

SAID = [
    # Nobody there.
    ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist. (Gmail)", HARD),
    ("5.1.1", "550 5.1.1 <x@y>: User unknown in virtual relay recipient table (Postfix)", HARD),
    ("5.1.2", "550 5.1.2 Bad destination host", HARD),
    ("5.1.6", "551 5.1.6 mailbox has moved", HARD),
    ("5.1.10", "556 5.1.10 Recipient address has null MX", HARD),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled (Gmail)", HARD),
    ("550", "550 No such user here", HARD),
    ("550", "550 user unknown", HARD),
    ("554", "554 delivery error: dd This user doesn't have a yahoo.com account (Yahoo)", HARD),
    ("5.1.0", "550 5.1.0 recipient address does not exist", HARD),
    # Trouble there.
    ("4.2.1", "450 4.2.1 The user is receiving mail at a rate that prevents more (Gmail)", SOFT),
    ("5.2.1", "550 5.2.1 The user is receiving mail too quickly right now (Gmail)", SOFT),
    ("4.2.2", "452 4.2.2 mailbox full", SOFT),
    ("5.2.2", "552 5.2.2 The account is over quota (Gmail)", SOFT),
    ("552", "552 Requested mail action aborted: exceeded storage allocation", SOFT),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied (Exchange Online)", SOFT),
    ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (Outlook)", SOFT),
    ("4.7.0", "421 4.7.0 Too many concurrent SMTP connections", SOFT),
    ("4.5.3", "452 4.5.3 Too many recipients received this hour", SOFT),
    ("4.4.1", "451 4.4.1 connection timed out", SOFT),
    ("450", "450 user unknown, try again later", SOFT),
    ("421", "421 closing", SOFT),
    ("550", "550 no", SOFT),
    ("4.2.0", "450 4.2.0 <x@y>: Recipient address rejected: Greylisted (postgrey)", SOFT),
    ("4.7.1", "451 4.7.1 Greylisting in action, please come back in 00:05:00", SOFT),
    ("4.7.1", "450 4.7.1 try again later", SOFT),
    # Trouble with us.
    ("5.7.1", "550 5.7.1 likely unsolicited mail (Gmail)", POLICY),
    ("5.7.26", "550 5.7.26 This mail is unauthenticated (Gmail)", POLICY),
    ("5.7.515", "550 5.7.515 Access denied, sending domain does not meet the level", POLICY),
    ("4.7.28", "421 4.7.28 Our system has detected an unusual rate of mail (Gmail)", POLICY),
    ("4.7.0", "421 4.7.0 [TSS04] Messages deferred due to user complaints (Yahoo)", POLICY),
    ("5.7.9", "554 5.7.9 Message not accepted for policy reasons (Yahoo)", POLICY),
    ("553", "553 5.7.1 [BL21] Connections will not be accepted (Yahoo)", POLICY),
    ("550", "550 SC-001 (BAY004) Unfortunately, messages weren't sent (Outlook)", POLICY),
    ("421", "421 RP-001 The mail server IP has exceeded the rate limit (Outlook)", POLICY),
    ("5.7.1", "550 5.7.1 part of their network is on our block list (S3140) (Outlook)", POLICY),
    ("5.7.1", "554 5.7.1 <x@y>: Relay access denied (Postfix)", POLICY),
    ("5.1.1", "550 5.1.1 blocked by Spamhaus", POLICY),
    ("4.7.1", "450 4.7.1 Access denied. IP name  lookup\tfailed [192.0.2.222]", POLICY),
    ("5.1.8", "550 5.1.8 sender's domain not found", POLICY),
    ("5.3.4", "552 5.3.4 Message too big for system", POLICY),
    ("5.2.3", "552 5.2.3 message length exceeds limit", POLICY),
    ("552", "552 message exceeds fixed maximum message size", POLICY),
    ("530", "530 5.7.0 Authentication required", POLICY),
    ("554", "554 no", POLICY),
    ("5.6.1", "554 5.6.1 media not supported", POLICY),
    # Trouble with the sender, whoever else they call unknown.
    ("5.1.0", "550 5.1.0 <n@y>: Sender address rejected: User unknown in virtual table", POLICY),
    ("5.1.1", "550 5.1.1 <n@y>: Sender address rejected: User unknown in local table", POLICY),
    ("550", "550 Sender verify failed: no such user", POLICY),
    ("550", "550 Verification failed for <n@y> No Such User Here", POLICY),
    ("550", "550 Callback: user unknown", POLICY),
    ("550", "550 Your account is disabled, contact support", POLICY),
    ("550", "550 Sender address does not exist", POLICY),
    ("5.0.0", "550 5.0.0 Sender account is closed", POLICY),
    # Whose account or address that is nobody says.
    ("550", "550 Account disabled", SOFT),
    ("550", "550 mail relay account not found", SOFT),
    ("550", "550 address does not exist", SOFT),
    ("550", "550 invalid recipient domain", SOFT),
    ("550", "550 no such address", SOFT),
    # Names are no words.
    ("5.1.1", "550 5.1.1 <info@arc.example>: Recipient address rejected: User unknown", HARD),
    ("5.1.1", "550 5.1.1 <spamtrap@x>: Recipient address rejected: User unknown", HARD),
    ("5.1.1", "550 5.1.1 <virus@hospital.example> unknown", HARD),
    ("5.1.1", "550 5.1.1 joe unknown; see https://x/rp?dkim", HARD),
    ("5.1.1", "550 5.1.1 dmarc@x.example... unknown", HARD),
    ("5.1.1", '550 5.1.1 <"bulk mail"@x.example>... unknown', HARD),
    ("5.2.1", "550 5.2.1 mailbox for arc.example is disabled", HARD),
    ("550", "550 <sender@x.example>: user unknown", HARD),
    # A link to a block list is not in the way of anybody, but says what it is about.
    ("550", "550 no. See https://www.spamhaus.org/query/ip/192.0.2.1", POLICY),
    ("550", "550 listed at zen.spamhaus.org", POLICY),
    # Code and words agree; what else is said is a remark, unless a provider's way of asking for less.
    ("5.1.1", "550 5.1.1 User unknown. This rejection is no spam verdict", HARD),
    ("5.1.2", "550 5.1.2 unknown recipient, refused by policy reasons", HARD),
    ("5.1.1", "550 5.1.1 unknown user is receiving mail too quickly", SOFT),
]


@pytest.mark.parametrize(("code", "reason", "means"), SAID, ids=[said[1][:40] for said in SAID])
def test_what_relays_say(code, reason, means):
    assert refusal_of(code, reason) is means
    assert refusal_of(code, reason.upper()) is means


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.example[:30])
def test_every_phrase_is_found_in_its_own_example(phrase):
    code, enhanced, *_ = [*phrase.example.split(" "), ""]
    assert refusal_of(enhanced if "." in enhanced else code, phrase.example) is phrase.refusal


def test_without_a_code_nothing_is_said():
    assert refusal_of("", "the connection was lost, in the middle of the message") is None
    assert refusal_of("", "a sample subscriber") is None
    assert refusal_of("", "version 5.1.1 of the relay hung up") is None


@given(
    st.integers(0, 9), st.integers(0, 999), st.sampled_from("45"), st.sampled_from(["450", "550"])
)
def test_any_code_means_something_and_only_the_listed_are_hard(subject, detail, digit, basic):
    code = f"{digit}.{subject}.{detail}"
    means = refusal_of(code, f"{basic} {code} no")
    assert means is not None
    assert (means is HARD) == (CODES.get(code) is HARD)
    if str(subject) in SUBJECTS and code not in CODES and not code.endswith(".5.0"):
        assert means is POLICY


WORDS = [
    "spam",
    "arc",
    "dkim",
    "sender",
    "user unknown",
    "greylist",
    "your account",
    "blocked",
    "rate",
]
PLACES = [
    "<{0}@x.example>",
    "<info@{0}.example>",
    "{0}@x.example",
    "info@mx.{0}.example",
    '<"{0}"@x.example>',
    "https://x.example/{0}?of={0}",
    "mx.{0}.example",
]


@given(st.sampled_from(SAID), st.sampled_from(WORDS), st.sampled_from(PLACES), st.booleans())
def test_words_in_names_mean_nothing(said, word, place, glued):
    code, reason, means = said
    word = word if place.startswith('<"') else word.replace(" ", "-")
    name = place.format(word)
    basic, _, rest = reason.partition(" ")
    assert refusal_of(code, f"{reason} {name}{'.' if glued else ''}") is means
    if not rest.startswith(code):
        assert refusal_of(code, f"{basic} {name}: {rest}") is means


SENDER = "news@gazette.example"


@pytest.mark.parametrize(
    ("reason", "means"),
    [
        ("550 5.1.1 <news@gazette.example>: User unknown", POLICY),
        ("550 5.1.1 News@Gazette.example... User unknown", POLICY),
        ("550 5.1.1 User unknown: news@gazette.example.", POLICY),
        ("550 5.1.1 <bignews@gazette.example>: User unknown", HARD),
        ("550 5.1.1 <news@gazette.example.org>: User unknown", HARD),
        ("550 5.2.2 from <news@gazette.example>: over quota", SOFT),
    ],
)
def test_an_answer_that_names_our_own_address_suppresses_nobody(reason, means):
    assert refusal_of("", reason, SENDER) is means


@given(st.text(max_size=200), st.integers(400, 499))
def test_what_is_said_for_now_is_never_hard(text, code):
    assert refusal_of(str(code), f"{code} {text}") is not HARD or text.lstrip().startswith("5.")


@given(st.text(max_size=300), st.text(max_size=10))
def test_anything_may_be_said(text, code):
    refusal_of(code, text)
    is_greylisted(code, text)


def test_greylisting_is_known_by_its_word_and_by_its_code():
    assert is_greylisted("450", "450 grey-listed, come back")
    assert is_greylisted("4.7.1", "450 4.7.1 try again later")
    assert not is_greylisted("4.7.1", "450 4.7.1 blocked, see our policy")
    assert not is_greylisted("4.2.2", "452 4.2.2 mailbox full")


@pytest.mark.parametrize(
    ("days", "enough"),
    [
        ([], False),
        ([0, 20], False),
        ([0, 1, 2, 3, 13], False),
        ([0, 1, 2, 3, 14], True),
        ([14, 9, 3, 2, 0], True),
    ],
)
def test_five_soft_failures_over_two_weeks_are_enough(days, enough):
    assert worn_out([NOON + day * DAY for day in days]) is enough
