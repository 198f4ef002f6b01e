"""`receipts read`: what came back, anywhere, without a publication."""

import json

BOUNCE = """From: MAILER-DAEMON@mx.example
To: news@gazette.example
Subject: failure notice

<reader@port.example>:
Sorry, no mailbox here by that name. (#5.1.1)
"""


def test_one_object_a_mail(anywhere, tmp_path):
    bounce, letter = tmp_path / "bounce.eml", tmp_path / "letter.eml"
    bounce.write_text(BOUNCE)
    letter.write_text("From: ann@port.example\nSubject: Hello\n\nI like it.\n")
    result = anywhere("receipts", "read", bounce, letter)
    first, second = (json.loads(line) for line in result.out.splitlines())
    assert first == {
        "file": str(bounce),
        "class": "hard",
        "reason": "userunknown",
        "recipients": ["reader@port.example"],
        "status": "5.1.1",
        "suppress": True,
    }
    assert (second["class"], second["reason"], second["status"]) == ("not-a-bounce", "human", None)
