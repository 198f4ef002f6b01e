"""From nothing to a digest in the outbox, as the README promises."""

import re
from email import policy
from email.parser import BytesParser

import feedparser

PICTURE = re.compile(r'<img [^>]*src="http://127\.0\.0\.1:8080/(media/proxy/[^"]+)" (.{48})')


def outbox(operator):
    return sorted((operator.folder / "var/outbox/new").iterdir())


def test_init_check_and_one_round(operator):
    operator.types("check")
    operator.types("run", "--once", "--no-web")
    mails = outbox(operator)
    assert len(mails) == 3
    titles = [row["title"] for row in operator.asks("articles", "list")]
    for mail in mails:
        message = BytesParser(policy=policy.default).parsebytes(mail.read_bytes())
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        flat = " ".join(text.split())
        named = [title for title in titles if title in flat]
        assert named, text
        assert message["Subject"] in titles
        assert "<script" not in html
        assert "stylesheet" not in html
        ((picture, size),) = PICTURE.findall(html)
        assert (operator.folder / "public" / picture).is_file()
        assert size == 'width="600" height="220" alt="The ferry at night'

    for name in ("rss", "atom"):
        document = feedparser.parse(
            (operator.folder / f"public/feeds/harbour.{name}").read_bytes()
        )
        assert not document.bozo
        assert document.entries
    assert (operator.folder / "public/feeds/harbour.json").is_file()
    assert (operator.folder / "public/index.html").is_file()

    editions = operator.asks("editions", "list")
    assert [(row["audience"], row["complete"]) for row in editions] == [(3, True)]
    operator.types("run", "--once", "--no-web")
    assert outbox(operator) == mails


def test_nothing_changes_when_nothing_changed(operator):
    operator.types("run", "--once", "--no-web")
    public = operator.folder / "public"
    before = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    operator.types("collect", "--all")
    operator.types("publish")
    assert {path: path.read_bytes() for path in public.rglob("*") if path.is_file()} == before


def test_the_same_key_sends_once_and_a_new_story_is_news_to_everybody(operator):
    operator.types("run", "--once", "--no-web")
    (operator.folder / "articles/harbour/crane.md").write_text(
        "---\ntitle: The old crane turns again\n---\nIt lifted a piano. Nobody had asked it to.\n",
        encoding="utf-8",
    )
    operator.types("collect")
    operator.types("send", "morning", "--key", "crane")
    assert len(outbox(operator)) == 6
    operator.types("send", "morning", "--key", "crane")
    assert len(outbox(operator)) == 6
    newest = operator.asks("editions", "list")[0]
    assert newest["subject"] == "The old crane turns again"


def test_all_mistakes_of_all_files_are_told_in_one_go(operator):
    operator.edit("publisher.toml", lambda text: text.replace("postal_address", "postal_adress"))
    operator.edit("feeds/harbour.toml", lambda text: text + '\n[[sources]]\ntype = "foldr"\n')
    operator.edit("schedules/morning.toml", lambda text: text.replace("weekday", "weekdya"))
    told = operator.types("check", expect=78).stderr
    assert "postal_address" in told
    assert "folder" in told
    assert "morning.toml" in told
    assert "Traceback" not in told
