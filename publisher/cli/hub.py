"""`hub`: who gets our feeds the moment they change, and which other hubs lag behind."""

import click

from publisher.cli.output import count, say, warn, when, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session


@click.command()
@json_option
@pass_session
def hub(session: Session) -> int:
    """Show who gets our feeds the moment they change.

    How many subscribe to each document through our WebSub hub; of these, who waits for its last
    change, who failed to take it, and when the last lease ends. Ends with 1 when another hub could
    not be told of a change.
    """
    app = session.app
    settings = app.definitions.websub
    topics, behind = app.store.topic_figures(), app.store.hub_figures()
    if session.json:
        write_json(
            {
                "topic": one.topic,
                "subscribers": one.subscribers,
                "waiting": one.waiting,
                "failing": one.failing,
                "until": one.until.isoformat() if one.until else None,
            }
            for one in topics
        )
    else:
        rows = [
            (
                one.topic,
                f"{one.subscribers:,}",
                f"{one.waiting:,}",
                f"{one.failing:,}",
                when(one.until) if one.until else "",
            )
            for one in topics
        ]
        write_table(("topic", "subscribers", "waiting", "failing", "until"), rows)
    failing = [one for one in behind if one.since]
    for one in failing:
        warn(f"{one.hub} has not heard of {count(one.waiting, 'change')}: {one.error}")
    number = sum(one.subscribers for one in topics)
    off = "" if settings.hub else "; our hub is off: [websub] hub = true in publisher.toml"
    say(f"{count(number, 'subscription')} to {count(len(topics), 'topic')}{off}")
    return int(bool(failing))
