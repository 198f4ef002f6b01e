"""Personal copies: theirs alone, the bytes EmailMessage would mean, and one rendering a language."""

import email
import email.policy
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as markup
from premailer import Premailer

from publisher.core.arranging import ROOM
from publisher.core.copying import PREHEADER, preheader
from publisher.testing.digests import (
    example_delivery,
    example_edition,
    example_feeds,
    example_story,
    personal_deliveries,
)
from publisher.testing.naive_mail import naive_mail

FEEDS = example_feeds(8)
STORIES = tuple(example_story(n, (f"feed-{n % 8}", f"feed-{(n + 3) % 8}")) for n in range(1, 101))
HOSTILE = (
    ".NET fan",
    "..",
    "two  spaces   three",
    " leads and trails ",
    "Zoë Ångström 🛳️",
    "x" * 400,
    "=?utf-8?q?no?=",
    "From here",
    "a=3Db\tc",
    "שלום \u202egnp.exe",
    "{{ field.why }} <b>&amp;</b>",
    '"quoted", (comment) <a@b.example>',
)


@cache
def edition():
    return example_edition(STORIES, FEEDS)


@pytest.fixture
def composed():
    return edition()


def parts(data: bytes):
    parsed = email.message_from_bytes(data, policy=email.policy.SMTP)
    assert parsed.defects == []
    text, html = parsed.iter_parts()
    return parsed, *(part.get_content().replace("\r\n", "\n") for part in (html, text))


@pytest.mark.parametrize("many", [300, pytest.param(5_000, marks=pytest.mark.torture)])
def test_random_selections_parse_to_what_was_meant(composed, many: int):
    """Any selection, in any order, with hostile names: what is read is what was laid."""
    dice = random.Random(7)
    for number in range(many):
        sample = dice.sample(composed.edition.articles, dice.randint(4, 24))
        mine, more = sample[:-3], tuple(sample[-3:])
        row = example_delivery(number, mine, name=dice.choice(HOSTILE), more=more)
        parsed, html, text = parts(composed.parcel(row).data)
        version = composed.version("")
        copy = version.copy(row)
        assert (html, text) == version.letter.bodies(copy)
        assert parsed["Subject"] == copy.subject
        lead = min(mine, key=composed.edition.articles.index)
        assert copy.places["lead"] == (f"lead:{lead}",)


@settings(max_examples=25)
@given(
    name=st.one_of(st.sampled_from(HOSTILE), st.text(max_size=80)),
    mine=st.lists(st.sampled_from([s.id for s in STORIES]), min_size=1, max_size=20, unique=True),
)
def test_email_message_is_the_oracle(name, mine):
    name = re.sub("[\r\n\0\ud800-\udfff]", " ", name)
    composed = edition()
    row = example_delivery(1, mine, name=name)
    version = composed.version("")
    copy = version.copy(row)
    envelope = composed.composer.envelope(composed.edition, composed.schedule)
    theirs = naive_mail(envelope, replace(copy, name=""), *version.letter.bodies(copy))
    ours, html, text = parts(composed.parcel(row).data)
    expected, html_too, text_too = parts(theirs)
    assert (html, text) == (html_too, text_too)
    for field in ("From", "Subject", "Date", "Message-ID", "List-Unsubscribe-Post"):
        assert ours[field] == expected[field]
    shown = " ".join(ours["To"].addresses[0].display_name.split())
    assert shown == " ".join(name.split()) or not name.isprintable() or not name.strip()


@contextmanager
def counting(code) -> Iterator[list[int]]:
    """Count calls of a function by watching the interpreter, not by replacing anything."""
    calls: list[int] = []

    def look(frame, event, _argument):
        if event == "call" and frame.f_code is code:
            calls.append(1)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def test_premailer_runs_once_per_edition_and_language():
    languages = ("", "en", "de", "de-AT", "en-GB", "xx")
    with counting(Premailer.transform.__code__) as calls:
        composed = example_edition(STORIES[:10], FEEDS)
        for number in range(300):
            mine = composed.edition.articles[number % 9 :]
            language = languages[number % len(languages)]
            composed.parcel(example_delivery(number, mine, language=language))
    assert len(calls) == 2, "English and German"


def test_each_reader_gets_labels_in_their_own_language(composed):
    html, text = composed.bodies(example_delivery(1, [1, 2], language="de-AT"))
    assert '<html lang="de"' in html
    assert "Abbestellen" in html
    assert "Abbestellen" in text
    html, _ = composed.bodies(example_delivery(1, [1, 2], language="xx"))
    assert '<html lang="en"' in html


def test_a_copy_is_theirs(composed):
    """Sections, subject, reason and links follow the reader's own feeds and stories."""
    row = example_delivery(1, [9, 3, 11], feeds=("feed-3", "feed-4"))
    copy = composed.version("").copy(row)
    assert copy.subject == STORIES[2].title
    assert copy.places["lead"] == ("lead:3",)
    assert copy.places["stories"] == (
        "section:feed-4",
        "story:9",
        "section:feed-3",
        "story:11",
    )
    assert copy.values["section"] == "Feed-3"
    assert copy.values["feed_url"] == f"{copy.values['preferences_url']}#feed"
    html, text = composed.bodies(row)
    for number in (1, 2, 4, 10):
        assert f"Headline {number} " not in html + text


def test_stories_follow_the_order_of_the_edition_whatever_the_row_says(composed):
    one, other = (composed.version("").copy(example_delivery(1, ids)) for ids in ([5, 2], [2, 5]))
    assert one.places == other.places


def test_what_editors_hid_is_gone_from_every_copy():
    stories = (replace(STORIES[0], hidden=True), *STORIES[1:4])
    composed = example_edition(stories, FEEDS)
    copy = composed.version("").copy(example_delivery(1, [1, 2, 3]))
    assert copy.subject == STORIES[1].title
    assert "Headline 1 " not in "".join(composed.bodies(example_delivery(1, [1, 2, 3])))


def test_no_copy_is_so_large_that_mail_programs_cut_it():
    long = tuple(
        replace(s, standfirst="ü " * 2_000, key_points=("k " * 300,) * 5, note="n " * 900)
        for s in STORIES
    )
    composed = example_edition(long, FEEDS)
    row = example_delivery(1, composed.edition.articles)
    html, text = composed.bodies(row)
    assert len(html.encode()) <= 95_000
    places = composed.version("").copy(row).places
    told = [key for key in places["stories"] if not key.startswith("section:")]
    assert 1 + len(told) + len(places["more"]) - 1 == len(STORIES)
    assert len(places["more"]) > 1
    for story in STORIES:
        assert story.title in html
        assert story.title in " ".join(text.split())


def test_every_copy_of_many_readers_is_small_and_its_own(composed):
    seen = set()
    for row in personal_deliveries(composed, 300):
        parcel = composed.parcel(row)
        assert composed.parcel(row) == parcel
        seen.add(parcel.message_id)
        html, _ = composed.bodies(row)
        found = markup.fromstring(html).xpath("//h2[contains(@class, 'lead-title')]")
        assert len(found) == 1
    assert len(seen) == 300


@given(st.text(max_size=400))
def test_the_preheader_is_one_short_line(words):
    line = preheader(example_story(1, (), standfirst=words, title="T"))
    assert len(line) <= PREHEADER
    assert line == " ".join(line.split())


def test_no_copy_is_larger_than_mail_programs_show_however_many_stories():
    """What judges see of an edition of hundreds of stories is what a reader could get at most."""
    stories = (example_story(n, (f"feed-{n % 20}",)) for n in range(1, 301))
    made = example_edition(tuple(stories), example_feeds(20))
    html, text = made.bodies(made.everything())
    assert len(html.encode()) <= ROOM
    assert 100 < text.count("https://") < 300
