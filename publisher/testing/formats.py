"""The contract every document format keeps, and feeds to try it on.

Serves the tests of built-in formats and of adapters elsewhere. A suite is a class to inherit from;
pytest finds its tests through the subclass. Touches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.model.articles import ArticleId, Enclosure, Link
from publisher.model.views import EntryView, FeedView, SourceView
from publisher.ports import DocumentFormat

BASE = "https://gazette.example/"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

HOSTILE = (
    "I <3 AT&T",
    "if a<b then &amp; else <details>",
    "control \x00\x08\x0b\x1f characters",
    "half a pair \ud800 and \udfff the other",
    "no characters \ufffe\uffff\ufdd0",
    "end of CDATA ]]> here",
    "<!-- <script>alert(1)</script> <![CDATA[",
    "שלום \u202egnp.exe and مرحبا",
    "🛳️ e\u0301 \u2028 \u2029 \x85",
    "' \" &quot; &#x26; %41",
    "word " * 20_000,
)
"""Texts that have broken somebody's feed."""


def example_entry(number: int, **changes: Any) -> EntryView:  # fields of EntryView
    """Return a complete entry; a higher number is older."""
    moment = NOON - timedelta(hours=number)
    entry = EntryView(
        id=ArticleId(number),
        uid=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        title=f"Story {number}",
        url=f"{BASE}articles/story-{number}/",
        summary=f"What story {number} says in short.",
        html=f"<p>The body of story {number} &amp; its end.</p>",
        text=f"The body of story {number} & its end.",
        language="en",
        authors=("Ada Quill", "Ben Ink"),
        tags=("harbour", "R&D"),
        image=f"{BASE}pictures/{number}.jpg",
        enclosures=(
            Enclosure(url=f"{BASE}sound/{number}.mp3", type="audio/mpeg", length=1234),
            Enclosure(url=f"{BASE}papers/{number}.pdf", type="application/pdf"),
        ),
        key_points=("The ferry is back.", "It costs less & runs later."),
        read_also=(
            Link(
                title="The night ferry",
                url=f"{BASE}articles/night-ferry/",
                uid="tag:gazette.example,2026:night",
            ),
            Link(title="A story without an address"),
        ),
        published=moment,
        updated=moment + timedelta(minutes=number),
        standfirst="The standfirst says why.",
    )
    return replace(entry, **changes)


def example_feed(entries: Sequence[EntryView], **changes: Any) -> FeedView:  # fields of FeedView
    """Return a feed of these entries."""
    feed = FeedView(
        slug="harbour",
        uid="urn:uuid:00000000-0000-4000-8000-aaaaaaaaaaaa",
        title="Harbour news",
        description="Ships, quays & the people on them",
        language="en",
        home=f"{BASE}feeds/harbour/",
        links={name: f"{BASE}feeds/harbour.{name}" for name in ("rss", "atom", "json")},
        publication="The Harbour Gazette",
        contact="editor@gazette.example",
        updated=max((entry.updated for entry in entries), default=NOON),
        entries=tuple(entries),
        site=BASE,
    )
    return replace(feed, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """An entry as a reader of the document finds it."""

    uid: str
    title: str
    url: str
    published: datetime
    html: str


class DocumentFormatContract:
    """Inherit, and say how to make the format and how a reader reads its document."""

    def make(self) -> DocumentFormat:
        """Return the format under test."""
        raise AssertionError("the subclass makes its format")

    def read(self, data: bytes) -> Sequence[ReadEntry]:
        """Parse strictly: what is not well-formed raises."""
        raise AssertionError(f"the subclass reads its documents: {data[:40]!r}")

    def rendered(self, view: FeedView) -> Sequence[ReadEntry]:
        """Return what a reader finds in the rendered view."""
        return self.read(self.make().render(view))

    def test_names_itself(self) -> None:
        """Name, extension and media type are there: the use-case builds paths from them."""
        form = self.make()
        assert form.name
        assert form.extension.isalnum()
        assert "/" in form.media_type

    def test_same_view_same_bytes(self) -> None:
        """Nothing of now gets into a document."""
        view = example_feed([example_entry(n) for n in range(1, 4)])
        assert self.make().render(view) == self.make().render(view)

    def test_reader_finds_every_entry_in_order(self) -> None:
        """Titles, ids, addresses, dates and order come through."""
        view = example_feed([example_entry(n) for n in range(1, 6)])
        read = self.rendered(view)
        wanted = [(e.uid, e.title, e.url, e.published) for e in view.entries]
        assert [(e.uid, e.title, e.url, e.published) for e in read] == wanted

    def test_feed_without_entries_is_a_document(self) -> None:
        """A feed is there before its first story."""
        assert list(self.rendered(example_feed([]))) == []

    def test_hostile_text_breaks_no_feed(self) -> None:
        """Each text, in every field at once, leaves a document that parses with all its entries."""
        for text in HOSTILE:
            bad = example_entry(
                2,
                title=text,
                summary=text,
                html=f"<p>{text}</p>",
                text=text,
                authors=(text,),
                tags=(text,),
                key_points=(text,),
                standfirst=text,
                dek=text,
                source=SourceView(title=text, uid=text, url=text, home=text),
                read_also=(Link(title=text, url=f"{BASE}x/"),),
            )
            view = example_feed([example_entry(1), bad, example_entry(3)], title=text)
            assert [e.uid for e in self.rendered(view)] == [e.uid for e in view.entries]

    def test_entry_that_cannot_be_expressed_is_left_out(self) -> None:
        """One without an address or an id goes; the others stay."""
        good = example_entry(1), example_entry(4)
        bad = (
            example_entry(2, url="javascript:alert(1)"),
            example_entry(3, uid="no address"),
            example_entry(5, published=datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
        )
        read = self.rendered(example_feed([good[0], *bad, good[1]]))
        assert [entry.uid for entry in read] == [entry.uid for entry in good]

    def test_content_holds_key_points_body_and_read_also(self) -> None:
        """Readers see the parts in the order of a page."""
        (read,) = self.rendered(example_feed([example_entry(1)]))
        parts = ["The ferry is back.", "The body of story 1", "The night ferry"]
        places = [read.html.index(part) for part in parts]
        assert places == sorted(places)

    def test_summary_stands_in_where_there_is_no_body(self) -> None:
        """A feed without full text still says what the story is about."""
        entry = example_entry(1, html="")
        (read,) = self.rendered(example_feed([entry]))
        assert entry.summary in read.html
        assert "The body" not in read.html
