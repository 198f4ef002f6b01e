"""Signatures of webhooks, against the example of the specification, and its rules."""

import base64
from datetime import UTC, datetime

import pytest

from publisher.kit.webhooks import key_of, signed

MOMENT = datetime.fromtimestamp(1614265330, UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_specification():
    """Standard Webhooks, the vectors that its libraries are tested with."""
    made = signed([key_of(SECRET)], "msg_p5jXN8AQM9LWM0D4loKWxJek", MOMENT, BODY)
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_sign_side_by_side():
    one, two = key_of(SECRET), key_of("an old one")
    both = signed([one, two], "m", MOMENT, BODY)["webhook-signature"].split()
    alone = [signed([key], "m", MOMENT, BODY)["webhook-signature"] for key in (one, two)]
    assert both == alone
    assert len(set(both)) == 2


@pytest.mark.parametrize("change", ["id", "moment", "body", "key"])
def test_a_signature_holds_for_nothing_else(change):
    key, number, moment, body = key_of(SECRET), "m", MOMENT, BODY
    before = signed([key], number, moment, body)["webhook-signature"]
    match change:
        case "id":
            number = "n"
        case "moment":
            moment = moment.replace(second=1)
        case "body":
            body += b" "
        case "key":
            key += b"x"
    assert signed([key], number, moment, body)["webhook-signature"] != before


def test_a_secret_is_base64_after_its_mark_or_text():
    assert key_of("whsec_" + base64.b64encode(b"abc").decode()) == b"abc"
    assert key_of("abc") == b"abc"
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_not base64")
