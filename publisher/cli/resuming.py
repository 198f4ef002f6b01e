"""`resume`: release what a restored, copied or long idle store holds back."""

import sys
from typing import TYPE_CHECKING

import click

from publisher.cli.output import count, progress, say, warn, write_object, write_table
from publisher.cli.rows import edition_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.model.editions import Edition

SEND, SENT, STAY = "send", "sent", "stay"
ALL = "all"
DECISIONS = {SEND: "goes on", SENT: "counts as sent", STAY: "stays paused"}


@click.command()
@click.argument(
    "editions", type=int, nargs=-1, metavar="[EDITION]…", help="Only these go on (default: all)."
)
@click.option(
    "--sent",
    multiple=True,
    metavar="EDITION",
    help="This edition was sent already; `all` for every one. May be given more than once.",
)
@click.option("--yes", is_flag=True, help="Release without asking.")
@json_option
@pass_session
def resume(
    session: Session, *, editions: tuple[int, ...], sent: tuple[str, ...], yes: bool
) -> int:
    """Release what a restored or copied store holds back.

    Does all else that is due, shows what would be sent, and asks; where nobody can answer, nothing
    is released without --yes. Copies of an edition that counts as sent are `uncertain`: their readers are
    not told the same again, and `retry --state uncertain` reaches them. Ends with 1 when something
    is still held back.
    """
    from publisher.app import keeping
    from publisher.scheduling import run_once

    app = session.app
    reason = keeping.watch(app)
    if reason:
        with progress("Running") as advance:
            run_once(app, progress=advance)
    found = keeping.held_back(app)
    decisions = _decide(found, editions, sent)
    released = bool(reason or found) and (yes or _confirmed(session, found, decisions))
    failed: tuple[tuple[object, str], ...] = ()
    if released:
        chosen = {
            word: [edition.id for edition in found if decisions[edition.id] == word]
            for word in DECISIONS
        }
        failed = keeping.let_go(app, chosen[SEND], chosen[SENT])
    for number, why in failed:
        warn(f"edition {number}: {why}")
    if session.json:
        rows = [
            {
                **edition_row(app.store.edition(edition.id)),
                "decision": decisions[edition.id],
                "to_go": keeping.to_go(edition),
            }
            for edition in found
        ]
        write_object({"held": reason, "released": released, "editions": rows})
    if not reason and not found:
        say("nothing is held back")
        return 0
    if not released:
        say("nothing was released; --yes releases it")
        return 1
    going = count(sum(word == SEND for word in decisions.values()), "edition")
    say(f"released: the store sends again; {going} to go on; `publisher run` carries them")
    return int(bool(failed))


def _decide(
    found: "Sequence[Edition]", editions: tuple[int, ...], sent: tuple[str, ...]
) -> dict[int, str]:
    """Return what becomes of each edition that is held back. Raises UsageError for another's number."""
    known: dict[int, str] = {
        edition.id: SEND if not editions or edition.id in editions else STAY for edition in found
    }
    for word in sent:
        if word == ALL:
            known = {
                number: decision if number in editions else SENT
                for number, decision in known.items()
            }
        elif not word.isdigit() or int(word) not in known:
            raise UsageError(
                f"--sent {word}", "is no edition that is held back; `resume` alone shows them"
            )
        else:
            known[int(word)] = SENT
    for number in editions:
        if number not in known:
            raise UsageError(
                f"edition {number}", "is not held back; `editions list` shows its state"
            )
    return known


def _confirmed(session: Session, found: "Sequence[Edition]", decisions: dict[int, str]) -> bool:
    """Show what would be sent, and ask where somebody can answer."""
    from publisher.app.keeping import to_go

    if not session.json:
        headings = ("id", "schedule", "slot", "readers", "to go", "subject", "then")
        rows = [
            (e.id, e.schedule, e.slot, e.audience, to_go(e), e.subject, DECISIONS[decisions[e.id]])
            for e in found
        ]
        if rows:
            write_table(headings, rows)
    copies = sum(to_go(edition) for edition in found if decisions[edition.id] == SEND)
    editions = count(sum(word == SEND for word in decisions.values()), "edition")
    say(f"would be sent: {count(copies, 'copy', 'copies')} of {editions}")
    if session.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return click.confirm("Release?", err=True)
