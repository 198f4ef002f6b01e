"""Nothing that runs while an edition is sent walks a whole table: a ledger grows for years."""

from contextlib import closing

from sqlalchemy import event

from publisher.model.editions import DeliveryState, EditionId, OutcomeState
from publisher.model.subscribers import SubscriberId
from publisher.store.audience import TABLES
from publisher.testing.store_world import ME, NOON, World, outcome, take

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


def test_opening_reads_no_ledger_of_old_and_for_few_readers_nobody_elses_memory(sqlite_store):
    world = World(sqlite_store)
    world.collect("one", "two")
    world.reader("ada")
    with sqlite_store._db.write() as tx:
        driver = tx.connection.driver_connection
    said: dict[str, list[str]] = {"few": [], "all": []}
    driver.set_trace_callback(said["few"].append)
    assert sqlite_store.rehearse(world.intent(), take(9), few=True)
    driver.set_trace_callback(said["all"].append)
    world.opened()
    driver.set_trace_callback(None)
    for name, columns in TABLES.items():
        driver.execute(f"CREATE TEMPORARY TABLE {name} ({columns.format(number='INTEGER')})")
    walked: dict[str, set[str]] = {}
    for readers, statements in said.items():
        asked = [one for one in statements if "freeze_" in one and "TABLE" not in one]
        assert len(asked) > 8
        plans = [driver.execute(f"EXPLAIN QUERY PLAN {one}").fetchall() for one in asked]
        steps = [row[-1].split() for plan in plans for row in plan]
        walked[readers] = {step[1] for step in steps if step[0] == "SCAN"}
    assert not {"d", "x", "delivery", "subscription"} & (walked["few"] | walked["all"])
    assert not {"m", "c", "memory"} & walked["few"]


def test_a_page_of_the_archive_reads_an_index_and_its_own_editions_only(sqlite_store):
    world = World(sqlite_store)
    said: list[str] = []

    @event.listens_for(sqlite_store._db.engine, "before_cursor_execute")
    def _note(_connection, cursor, statement, values, *_rest):
        if statement.startswith("SELECT"):
            with closing(cursor.connection.cursor()) as asked:
                asked.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                said.extend(step for *_, step in asked.fetchall())

    world.store.issues(["daily", "weekly"], offset=9_000)
    world.store.issues(["daily"], before=EditionId(7))
    steps = [step for step in said if "edition" in step]
    assert len(steps) == 6
    assert [step for step in steps if step.startswith("SCAN")] == []
    pages = [step for step in steps if "edition_content" not in step and "rowid" not in step]
    assert any("COVERING INDEX ix_edition_schedule_state_id" in step for step in pages)


def test_the_figures_of_an_edition_walk_no_table_and_nobody_elses_rows(sqlite_store):
    world = World(sqlite_store)
    for title in ("one", "two"):
        world.collect(title)
        for number in range(20):
            world.reader(f"{title}{number}")
        edition = world.opened(limit=1).id
    said: list[tuple[str, str]] = []

    @event.listens_for(sqlite_store._db.engine, "connect")
    def _trace(driver, _record):
        driver.set_trace_callback(lambda statement: said.append((driver, statement)))

    sqlite_store._db.engine.dispose()
    sqlite_store.sheet(edition, NOON)
    sqlite_store.ledgers(NOON)
    failed, deferred = DeliveryState.FAILED, DeliveryState.DEFERRED
    for states in ((), (failed,), (failed, deferred)):
        for domain in ("", "example.org"):
            sqlite_store.page(edition, states, domain=domain)
    assert sqlite_store.sending() == []
    asked = [(driver, one) for driver, one in said if one.lstrip().startswith(("SELECT", "WITH"))]
    assert len(asked) > 25
    for driver, statement in asked:
        driver.set_trace_callback(None)
        with closing(driver.execute(f"EXPLAIN QUERY PLAN {statement}")) as plan:
            for *_, step in plan:
                walks = step.split()[1] in GROWING if step.startswith("SCAN") else False
                assert not walks, (step, statement)


def test_readers_own_feeds_are_filled_and_read_by_indexes(sqlite_store):
    world = World(sqlite_store)
    world.collect("one")
    people = [world.reader(f"reader{number}") for number in range(20)]
    sqlite_store.change_subscriber(people[3].id, by_feed=True)
    edition = world.opened().id
    with sqlite_store._db.write() as tx:
        driver = tx.connection.driver_connection
    said: list[str] = []
    driver.set_trace_callback(said.append)
    assert sqlite_store.fill_feeds(edition, SubscriberId(0), NOON) == people[3].id
    assert sqlite_store.fill_feeds(edition, people[3].id, NOON) is None
    (told,) = sqlite_store.told(people[3].id, 50)
    sqlite_store.revisions(told.articles, NOON)
    driver.set_trace_callback(None)
    asked = [one for one in said if one.lstrip().startswith(("SELECT", "UPDATE"))]
    assert len(asked) > 10
    steps = []
    for statement in asked:
        with closing(driver.execute(f"EXPLAIN QUERY PLAN {statement}")) as plan:
            steps += [step for *_, step in plan]
    assert any("ix_subscriber_by_feed" in step for step in steps)
    walks = [step for step in steps if step.startswith("SCAN")]
    assert [step for step in walks if step.split()[1] in (*GROWING, "article")] == []
    assert [step for step in steps if step.endswith("state_id (edition=?)")] == []


def test_a_run_is_taken_without_sorting_those_that_wait(sqlite_store):
    with sqlite_store._db.write() as tx:
        driver = tx.connection.driver_connection
    said: list[str] = []
    driver.set_trace_callback(said.append)
    assert sqlite_store.claim_run(ME, NOON, NOON) is None
    driver.set_trace_callback(None)
    asked = [one for one in said if one.startswith("SELECT") and "run" in one]
    assert len(asked) == 2
    for statement in asked:
        with closing(driver.execute(f"EXPLAIN QUERY PLAN {statement}")) as plan:
            steps = [step for *_, step in plan]
        assert len(steps) == 1, steps
        assert "INDEX ix_run_state_due (state=?" in steps[0]
