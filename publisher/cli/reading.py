"""`extract`, `key-points`, `read-also`: the readers and enrichers on any text, without a publication."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from publisher.cli.output import count, progress, say, warn, write_object
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.model.enrichment import WhyPoint

PARTS = (
    *("title", "standfirst", "dek", "language", "body_paragraphs", "inline_read", "key_points"),
    *("citations", "excerpt", "excerpt_truncated", "read_also", "latest", "html"),
)
jsonl = click.argument(
    "file",
    metavar="FILE.jsonl",
    type=click.File("rb"),
    help="One JSON object a line; - is standard input.",
)


@click.command()
@click.argument("page", metavar="PATH|URL", help="A file, - for standard input, or a web address.")
@json_option
@pass_session
def extract(session: Session, page: str) -> None:
    """Read the parts of one page.

    PAGE is a file (HTML, or text in the page form), "-" for standard input, or a web address.
    Writes one JSON object.
    """
    from publisher.net import HttpFetcher
    from publisher.sources.page import extract as parts_of

    del session  # it answers in JSON, asked or not
    target = sys.stdin.buffer.read() if page == "-" else page
    parts = asdict(parts_of(target, HttpFetcher(), Path.cwd()))
    write_object({name: parts[name] for name in PARTS})


@click.command("key-points")
@jsonl
@click.option("--points", type=click.IntRange(0), default=3, show_default=True, help="At most.")
@click.option("--why", is_flag=True, help="Say why, and what came near.")
@json_option
@pass_session
def key_points(session: Session, file: IO[bytes], points: int, *, why: bool) -> int:
    """Find key points for texts in a file.

    Each line is {id, title?, text, language?}; each answer {id, key_points}, one a line. With --why it
    has, too, why: [{point, chosen, score, reasons: [{words, weight}]}]. Ends with 1 when a line could
    not be read.
    """
    from publisher import registry

    del session
    finder = registry.load("enrich", "key_points").create(None, None)
    rows, bad = _rows(file)
    with progress("Key points") as advance:
        for number, row in enumerate(rows, 1):
            found = finder.points(row.title, row.text, points, row.language)
            answer = {"id": row.id, "key_points": list(found)}
            if why:
                said = finder.explain(row.title, row.text, points, row.language, more=points)
                answer["why"] = list(_reasons(found, said))
            write_object(answer, indent=None)
            advance(number, len(rows), row.title)
    return _summary(len(rows), bad)


def _reasons(points: Sequence[str], said: Sequence["WhyPoint"]) -> Iterator[Mapping[str, object]]:
    """Yield why sentences were chosen, or nearly were, with figures that people can read."""
    for place, one in enumerate(said):
        yield {
            "point": one.point,
            "chosen": place < len(points),
            "score": round(one.score, 2),
            "reasons": [
                {"words": reason.words, "weight": round(reason.weight, 2)}
                for reason in one.reasons
            ],
        }


@click.command("read-also")
@jsonl
@click.option(
    "--k", "links", type=click.IntRange(0), default=3, show_default=True, help="At most."
)
@json_option
@pass_session
def read_also(session: Session, file: IO[bytes], links: int) -> int:
    """Find related texts within a file.

    Each line is {id, title, text}; each answer {id, read_also: [id…]}, best first, one a line.
    Ends with 1 when a line could not be read.
    """
    from publisher.app.relating import related_among

    del session
    rows, bad = _rows(file)
    with progress("Reading") as read, progress("Relating") as advance:
        stories = [(row.title, row.text) for row in rows]
        found = related_among(stories, links, lambda done: read(done, len(rows), ""))
        for number, (row, others) in enumerate(zip(rows, found, strict=True), 1):
            write_object({"id": row.id, "read_also": [rows[at].id for at in others]}, indent=None)
            advance(number, len(rows), row.title)
    return _summary(len(rows), bad)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file of texts; the id is kept as it is written."""

    id: object
    title: str
    text: str
    language: str


def _rows(file: IO[bytes]) -> tuple[list[Row], int]:
    """Return the good lines of a file and how many bad ones there are, which are told."""
    rows, bad = [], 0
    for number, line in _lines(file):
        try:
            rows.append(_row(json.loads(line)))
        except (ValueError, RecursionError) as error:
            warn(f"line {number}: {error}")
            bad += 1
    return rows, bad


def _lines(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file, 1):
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
        if text:
            yield number, text


def _row(found: object) -> Row:
    """Return a line's row. Raises ValueError with what is wrong."""
    if not isinstance(found, dict):
        raise ValueError("is no object")  # noqa: TRY004  a line is wrong, not a type of ours
    if "id" not in found:
        raise ValueError("has no id")
    title, text, language = (found.get(name) or "" for name in ("title", "text", "language"))
    if not isinstance(title, str) or not isinstance(text, str) or not isinstance(language, str):
        raise ValueError("title, text and language must be text")  # noqa: TRY004  the same
    return Row(id=found["id"], title=title, text=text, language=language)


def _summary(good: int, bad: int) -> int:
    say(f"{count(good, 'text')}" + (f"; {count(bad, 'line')} could not be read" if bad else ""))
    return int(bad > 0)
