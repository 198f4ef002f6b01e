"""Nothing that runs while an edition is sent walks a whole table: a ledger grows for years."""

from contextlib import closing

from publisher.model.editions import DeliveryState, OutcomeState
from publisher.testing.store_world import ME, NOON, World, outcome

GROWING = ("delivery", "d", "subscriber", "s", "memory", "m", "reader_exception", "feed_article")


def test_sending_walks_no_table(sqlite_store):
    world = World(sqlite_store)
    world.collect("one", "two")
    for number in range(20):
        world.reader(f"reader{number}")
    edition = world.opened(limit=1).id
    with sqlite_store._db.write() as tx:
        driver = tx.connection.driver_connection
    said: list[str] = []
    driver.set_trace_callback(said.append)
    rows = [row.id for row in world.claim(edition)]
    going = world.turn(edition, next=rows)
    world.turn(edition, [outcome(one, OutcomeState.FAILED) for one in sorted(going)])
    sqlite_store.retry(edition, [DeliveryState.FAILED], NOON)
    rows = [row.id for row in world.claim(edition)]
    world.turn(edition, next=rows)
    world.turn(edition, [outcome(one, OutcomeState.ACCEPTED) for one in rows])
    sqlite_store.release(edition, ME, NOON)
    sqlite_store.sweep(NOON, [ME], resend=True)
    sqlite_store.finish_editions(NOON)
    driver.set_trace_callback(None)
    assert len(said) > 50
    for statement in said:
        if statement.split()[0] in {"SELECT", "UPDATE", "INSERT", "DELETE"}:
            with closing(driver.execute(f"EXPLAIN QUERY PLAN {statement}")) as plan:
                for *_, step in plan:
                    walks = step.split()[1] in GROWING if step.startswith("SCAN") else False
                    assert not walks, (step, statement)
                    assert step != "SEARCH d USING INDEX ix_delivery_edition_state_id (edition=?)"
