"""Invented stories and a publication to measure with; the same at every run."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.kit.dkim.keys import new_key

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = (
    *("harbour", "ferry", "quay", "crane", "captain", "tide", "lantern", "rope", "fish"),
    *("market", "morning", "night", "council", "vote", "bridge", "tower", "signal", "engine"),
    *("library", "concert", "school", "winter", "storm", "repair", "ticket", "price"),
)
PUBLICATION = """
[publication]
title = "Bench"
url = "https://bench.example/"
postal_address = "1 Quay Street"

[mail]
from = "Bench <news@bench.example>"
transport = "outbox"

[transports.outbox]
type = "maildir"
path = "var/outbox"
"""
RELAY = """
[transports.outbox]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = 20
"""
DKIM = """
[mail.dkim]
domain = "bench.example"
selector = "s1"
key = { file = "secrets/dkim.pem" }
"""
FEED = """
title = "Stories"

[[sources]]
type = "folder"
path = "articles"
"""
SCHEDULE = """
action = "digest"
feeds = ["stories"]
when = "daily at 07:30"
max_articles = {told}
"""


def with_relay(port: int) -> str:
    """Return publisher.toml of a publication that sends to a relay on this machine."""
    head, _, _ = PUBLICATION.partition("[transports.outbox]")
    return head + RELAY.format(port=port)


def sign(folder: Path, kind: str, threads: int = 2) -> None:
    """Let a publication sign its mail with a new key, `rsa` or `ed25519`; RSA in so many threads."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "dkim.pem").write_bytes(new_key(kind))
    with (folder / "publisher.toml").open("a", encoding="utf-8") as config:
        config.write(f"{DKIM}threads = {threads}\n")


def text(seed: int, sentences: int = 20) -> str:
    """Return paragraphs of sentences made of a few hundred words."""
    dice = random.Random(seed)
    said = (" ".join(dice.choices(WORDS, k=dice.randint(9, 18))) for _ in range(sentences))
    lines = [f"{sentence.capitalize()} {seed}." for sentence in said]
    return "\n\n".join(" ".join(lines[n : n + 4]) for n in range(0, sentences, 4))


def story(number: int) -> str:
    """Return one Markdown story with front matter."""
    when = (NOON - timedelta(hours=number)).isoformat()
    title = " ".join(random.Random(number).sample(WORDS, 5)).capitalize()
    return f'---\ntitle: "{title} {number}"\ndate: {when}\ntags: [bench]\n---\n{text(number)}\n'


def publication(folder: Path, stories: int, told: int = 12) -> Path:
    """Write a publication with so many stories, of which a digest tells some; return its folder."""
    for name in ("articles", "feeds", "schedules"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "publisher.toml").write_text(PUBLICATION, encoding="utf-8")
    (folder / "feeds" / "stories.toml").write_text(FEED, encoding="utf-8")
    (folder / "schedules" / "daily.toml").write_text(SCHEDULE.format(told=told), encoding="utf-8")
    for number in range(stories):
        path = folder / "articles" / f"story-{number}.md"
        path.write_text(story(number), encoding="utf-8")
    return folder
