"""`opml`: sources in from the list of a reader, feeds out for readers."""

import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.lazy import Group
from publisher.cli.output import complain, count, say, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import UsageError

if TYPE_CHECKING:
    from publisher.kit.opml import Outline

UNGROUPED = "Imported"
WEB = ("http://", "https://")


@dataclass(slots=True)
class _Plan:
    """What becomes of a list: the sources to add to each file, and what was passed over."""

    added: dict[str, list["Outline"]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, str] = field(default_factory=dict)
    rows: list[Mapping[str, Any]] = field(default_factory=list)

    def take(self, slug: str, title: str, one: "Outline") -> None:
        """Add a source to a feed."""
        self.added[slug].append(one)
        self.titles[slug] = title
        self._tell(one, slug, "added", "")

    def pass_over(self, one: "Outline", slug: str, state: str, reason: str) -> None:
        """Leave a feed of the list out."""
        self._tell(one, slug, state, reason)

    def _tell(self, one: "Outline", slug: str, state: str, reason: str) -> None:
        row = {"url": one.url, "title": one.title, "feed": slug, "state": state, "reason": reason}
        self.rows.append({**row, "more": dict(_kept(one))})


@click.group(cls=Group)
@json_option
def opml() -> None:
    """Bring sources in from other readers, and take feeds out for them."""


@opml.command("import")
@click.argument("file", type=click.Path(path_type=Path), help="The list, as a reader exports it.")
@click.option(
    "--feed", "into", default="", help="Add all sources to this feed, whatever the group."
)
@click.option("--dry-run", is_flag=True, help="Say what would be added, and write nothing.")
@json_option
@pass_session
def import_(session: Session, *, file: Path, into: str, dry_run: bool) -> int:
    """Add the feeds of an OPML list as sources.

    Each group of the list becomes a feed (`feeds/GROUP.toml`), or adds to the one of that name; what
    is a source already is passed over. What other readers say of a feed beyond the format is kept
    as a comment. Ends with 1 when an address cannot be a source.
    """
    from publisher.kit.opml import read_opml

    plan = _planned(session, read_opml(file.read_bytes(), str(file)), into)
    if not dry_run:
        _write(session.app.definitions.root, plan)
    if session.json:
        write_json(plan.rows)
    else:
        columns = ("feed", "state", "title", "url")
        write_table(columns, ([row[name] for name in columns] for row in plan.rows))
    bad = [row for row in plan.rows if row["state"] == "refused"]
    for row in bad:
        complain(row["url"], row["reason"])
    added = sum(map(len, plan.added.values()))
    files = ", ".join(f"feeds/{slug}.toml" for slug in sorted(plan.added))
    verb = "would be added" if dry_run else "added"
    where = f" to {files}" if files else ""
    say(f"{count(added, 'source')} {verb}{where}; {count(len(plan.rows), 'feed')} in the list")
    return int(bool(bad))


@opml.command()
@click.argument("file", type=click.Path(path_type=Path), required=False, help="Where to write it.")
@pass_session
def export(session: Session, *, file: Path | None) -> None:
    """Write the public feeds as OPML 2.0, to standard output without FILE."""
    from publisher.kit.atomic import write_whole
    from publisher.kit.opml import write_opml

    feeds = [feed for feed in session.app.feeds() if feed.public]
    data = write_opml(session.app.publishing.outline(feeds))
    if file is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    write_whole(file, data)
    say(f"{count(len(feeds), 'feed')} written to {file}")


def _planned(session: Session, outlines: Sequence["Outline"], into: str) -> _Plan:
    from publisher.model.urls import canonical_url

    feeds = session.app.feeds([into] if into else ())
    known = {
        canonical_url(str(source.adapter.options.get("url", "")))
        for feed in session.app.feeds()
        for source in feed.sources
    }
    by_title = {feed.title.casefold(): feed.slug for feed in feeds}
    plan = _Plan()
    for one in outlines:
        title = feeds[0].title if into else one.group or UNGROUPED
        slug = into or by_title.get(title.casefold()) or _slug(title)
        address = canonical_url(one.url)
        if not address:
            plan.pass_over(one, slug, "refused", f"is no address of the web ({' or '.join(WEB)})")
        elif one.scraped:
            reason = f"is no feed ({one.kind}): write a source of type `listing` for the page"
            plan.pass_over(one, slug, "refused", reason)
        elif address in known:
            plan.pass_over(one, slug, "known", "is a source already")
        else:
            known.add(address)
            plan.take(slug, title, one)
    return plan


def _slug(title: str) -> str:
    """Return a slug for a group's name, as `feeds/SLUG.toml` wants it."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:60].strip("-")
    reserved = {"all", "private", "tag", "author", "source"}
    return f"{slug or 'feed'}-list" if slug in reserved or not slug else slug


def _write(root: Path, plan: _Plan) -> None:
    """Add the sources at the end of their files, where a table of a list may always stand."""
    from publisher.kit.atomic import write_whole

    written = {}
    for slug, outlines in plan.added.items():
        path = root / "feeds" / f"{slug}.toml"
        title = f"title = {_text(plan.titles[slug])}\n"
        head = path.read_text("utf-8") if path.exists() else title
        written[path] = f"{head.rstrip()}\n{''.join(map(_table, outlines))}"
        try:
            tomllib.loads(written[path])
        except tomllib.TOMLDecodeError:
            reason = "holds its sources in one line; write each as [[sources]], then import again"
            raise UsageError(str(path), f"{reason} (nothing was written)") from None
    for path, text in written.items():
        write_whole(path, text.encode())


def _table(one: "Outline") -> str:
    name = f"  # {_line(one.title)}" if one.title else ""
    kept = "".join(f"# {_line(key)}: {_line(value)}\n" for key, value in _kept(one))
    return f'\n[[sources]]\ntype = "feed"\nurl = {_text(one.url)}{name}\n{kept}'


def _kept(one: "Outline") -> Iterator[tuple[str, str]]:
    """Yield what another reader knew, but not how to get in: cookies, headers, what is posted."""
    for name, value in one.more:
        secret = "curlopt" in name.lower()
        yield name, "(left out: it may hold a secret)" if secret else value


def _line(text: str) -> str:
    """Return a text as a TOML comment can hold it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _text(value: str) -> str:
    """Return a TOML string; JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False)
