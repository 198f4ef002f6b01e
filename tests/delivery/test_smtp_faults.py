"""Everything that can go wrong with a relay (guarantees, proof 6).

Only what was lost after the final dot may be uncertain; a configuration error touches nobody; what
is refused now is tried again; the ledger is never left with a parcel it was told nothing about.
"""

import threading

import pytest

from publisher.errors import StoreBusy, TransportRejected, TransportUnavailable
from publisher.kit.smtp_client import Security, SmtpClient, SmtpSettings, Timeouts
from publisher.model.editions import OutcomeState
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Fault, Relay
from tests.delivery.test_smtp import changed, send

A, D, F, U = (
    OutcomeState.ACCEPTED,
    OutcomeState.DEFERRED,
    OutcomeState.FAILED,
    OutcomeState.UNCERTAIN,
)
PIPELINED, LOCK_STEP = ("PIPELINING",), ()
BOTH = pytest.mark.parametrize("features", [PIPELINED, LOCK_STEP], ids=["pipelined", "lockstep"])
SILENT = [Fault.HANG, Fault.DRIP]
RUDE = [Fault.DROP, Fault.RESET, Fault.FLOOD, Fault.RUBBISH]
QUICK = 0.15


def attempt(relay, parcels, ledger=None, **options):
    """Send; return the ledger and what was raised, if anything."""
    ledger = ledger or FakeLedger()
    try:
        send(relay, parcels, ledger, **{"connections": 1, "timeout": 5.0, **options})
    except (TransportUnavailable, TransportRejected, StoreBusy) as error:
        return ledger, error
    return ledger, None


def honest(relay, ledger):
    """Nobody told "accepted" is missing at the relay, nobody not accepted or uncertain has it."""
    assert not ledger.sending
    for delivery, outcome in ledger.outcomes.items():
        copies = relay.seen.recipients[f"reader{delivery}@reader.example"]
        assert copies <= 1
        if outcome.state is A:
            assert copies == 1
        elif outcome.state is not U:
            assert copies == 0


@BOTH
@pytest.mark.parametrize(
    ("reply", "state", "code"),
    [
        ("450 4.2.0 greylisted", D, "4.2.0"),
        ("451 local trouble", D, "451"),
        ("452 4.5.3 too many recipients", D, "4.5.3"),
        ("550 5.1.1 no such user", F, "5.1.1"),
        ("551 user not local", F, "551"),
        ("552 5.2.2 mailbox full", D, "5.2.2"),
        ("553 bad name", F, "553"),
        ("554 5.7.1 refused", F, "5.7.1"),
    ],
)
def test_a_refused_recipient_is_that_recipient_s_own_affair(features, reply, state, code):
    with Relay({"RCPT reader3@": reply}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(6))
    assert error is None
    assert ledger.states() == {A: 5, state: 1}
    assert ledger.outcomes[3].code == code
    assert reply in ledger.outcomes[3].reason
    honest(relay, ledger)


@BOTH
def test_every_recipient_refused_in_a_row(features):
    with Relay({"RCPT": "550 5.1.1 no such user"}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(8))
    assert error is None
    assert ledger.states() == {F: 8}
    assert len(relay.seen.commands) == 1, "a refusal does not cost a connection"


@pytest.mark.parametrize("count", [1, 6])
def test_a_relay_that_says_354_without_a_recipient(count):
    """RFC 2920 section 3.1: then an empty message has to be ended."""
    script = {"RCPT reader1@": "550 no", "DATA nobody": "354 go on"}
    with Relay(script, features=PIPELINED) as relay:
        ledger, error = attempt(relay, make_parcels(count))
    assert error is None
    assert ledger.states()[F] == 1
    assert ledger.states()[A] == count - 1
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("verb", ["DATA", "dot"])
@pytest.mark.parametrize(
    ("reply", "state"),
    [("450 later", D), ("451 4.3.0 later", D), ("452 full", D), ("552 too big", F), ("554 no", F)],
)
def test_a_message_refused_at_data_or_after_the_dot(features, verb, reply, state):
    usual = "250 ok" if verb == "dot" else "354 go on"
    with Relay({verb: [usual, reply, usual]}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(5))
    assert error is None
    assert ledger.states() == {A: 4, state: 1}
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("reply", ["450 4.7.1 slow down", "451 later", "452 4.3.1 no room"])
def test_a_sender_refused_for_now(features, reply):
    with Relay({"MAIL": ["250 ok", reply, "250 ok"]}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(4))
    assert error is None
    assert ledger.states() == {A: 3, D: 1}
    honest(relay, ledger)


# Errors of configuration


@BOTH
@pytest.mark.parametrize(
    ("script", "touched"),
    [
        ({"connect": "554 5.7.1 go away"}, 0),
        ({"EHLO": "550 5.7.1 not you"}, 0),
        ({"MAIL": "530 5.7.0 login first"}, 0),
        ({"MAIL": "550 5.7.1 sender refused"}, 0),
        ({"MAIL": "553 5.1.8 bad sender"}, 0),
        ({"RCPT": "530 5.7.0 login first"}, 0),
        ({"RCPT": "535 5.7.8 login first"}, 0),
        ({"DATA": "530 5.7.0 login first"}, 0),
        ({"MAIL": ["250 ok", "250 ok", "550 5.7.1 enough"]}, 2),
    ],
)
def test_an_error_of_configuration_stops_the_edition_and_touches_nobody(features, script, touched):
    with Relay(script, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(20))
    assert isinstance(error, TransportRejected)
    assert error.exit_code == 78
    assert "127.0.0.1" in str(error)
    assert ledger.states() == ({A: touched} if touched else {})
    honest(relay, ledger)


def test_a_message_too_big_for_the_relay_is_not_an_error_of_configuration():
    script = {"MAIL": ["250 ok", "552 5.3.4 too big", "250 ok"]}
    with Relay(script, features=("PIPELINING", "SIZE")) as relay:
        ledger, error = attempt(relay, make_parcels(3))
    assert error is None
    assert ledger.states() == {A: 2, F: 1}


def test_one_connection_s_configuration_error_lets_the_others_finish_their_message():
    script = {"MAIL": ["250 ok"] * 10 + ["550 5.7.1 enough"]}
    with Relay(script) as relay:
        ledger, error = attempt(relay, make_parcels(60), connections=4)
    assert isinstance(error, TransportRejected)
    assert set(ledger.states()) == {A}
    honest(relay, ledger)


# A relay that is not there, or not any more


@BOTH
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "450 busy", "451 busy"])
@pytest.mark.parametrize("verb", ["connect", "EHLO"])
def test_a_relay_that_is_busy_is_unavailable(features, verb, reply):
    with Relay({verb: reply}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(3))
    assert isinstance(error, TransportUnavailable)
    assert error.exit_code == 69
    assert not ledger.outcomes


@BOTH
@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [*RUDE, *SILENT])
def test_an_end_before_the_body_loses_and_doubles_nothing(features, verb, fault):
    with Relay({verb: fault}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(4), timeout=QUICK)
    assert isinstance(error, TransportUnavailable)
    assert set(ledger.states()) <= {D}, "never uncertain, never failed"
    assert not relay.seen.messages
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET, "421 4.3.2 restarting"])
def test_one_end_before_the_body_is_made_good_on_a_new_connection(features, verb, fault):
    usual = {"connect": "220 ready", "EHLO": "250 relay", "DATA": "354 go on"}.get(verb, "250 ok")
    limits = {"messages_per_connection": 2} if verb in {"connect", "EHLO"} else {}
    faults = [usual, usual, fault, usual] if verb not in {"connect", "EHLO"} else [usual, usual]
    with Relay({verb: faults}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(8), **limits)
    assert error is None
    assert ledger.states() == {A: 8}
    honest(relay, ledger)


@BOTH
def test_a_relay_that_ends_every_connection_after_a_few_messages(features):
    with Relay(features=features, limit=3) as relay:
        ledger, error = attempt(relay, make_parcels(20), connections=2)
    assert error is None
    assert ledger.states() == {A: 20}
    honest(relay, ledger)


@BOTH
def test_421_at_every_mail_touches_nobody(features):
    with Relay({"MAIL": "421 4.7.0 too much from you"}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(10), connections=3)
    assert isinstance(error, TransportUnavailable)
    assert "too much" in str(error)
    assert not ledger.outcomes
    assert len(relay.seen.commands) <= 6


@BOTH
def test_a_recipient_at_whom_the_relay_always_hangs_up_does_not_stop_the_others(features):
    with Relay({"RCPT reader3@": Fault.DROP}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(8))
    assert error is None
    assert ledger.states() == {A: 7, D: 1}
    assert ledger.outcomes[3].state is D
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("refuse", [(), (1,)], ids=["asked late", "asked early"])
def test_a_copy_that_cannot_be_made_costs_no_other_its_outcome(features, connections, refuse):
    """The one before it has leave by then, and its body has not left: it goes back."""

    def source():
        yield from make_parcels(2)
        raise StoreBusy("source", "is locked")

    with Relay(features=features) as relay:
        ledger = FakeLedger(refuse=refuse)
        with pytest.raises(StoreBusy):
            send(relay, source(), ledger, connections=connections)
    assert set(ledger.states()) <= {A, OutcomeState.RETURNED}
    honest(relay, ledger)


def apart(parcels):
    """Give each reader a domain of their own: a rate that is cut is nobody else's."""
    return [
        changed(one, recipient=f"reader{one.delivery}@{one.delivery}.example") for one in parcels
    ]


@BOTH
@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("reader", [1, 3])
def test_421_to_one_recipient_does_not_stop_the_others(features, connections, reader):
    """Some relays hang up politely about one mailbox; that copy is put off at the second time."""
    with Relay({f"RCPT reader{reader}@": "421 4.3.2 not now"}, features=features) as relay:
        ledger, error = attempt(relay, apart(make_parcels(8)), connections=connections)
    assert error is None
    assert ledger.states() == {A: 7, D: 1}
    assert "421 4.3.2 not now" in ledger.outcomes[reader].reason
    assert not ledger.sending
    assert len(relay.seen.messages) == 7


@BOTH
def test_421_to_every_recipient_ends_the_sending_without_a_storm_of_connections(features):
    with Relay({"RCPT": "421 4.3.2 going down"}, features=features) as relay:
        ledger, error = attempt(relay, apart(make_parcels(40)))
    assert isinstance(error, TransportUnavailable)
    assert "going down" in str(error)
    assert set(ledger.states()) <= {D}
    assert len(relay.seen.commands) <= 8


def test_some_connections_refused_the_others_carry_everything():
    script = {"connect": ["220 ready", "421 4.7.0 one connection is enough"]}
    with Relay(script) as relay:
        ledger, error = attempt(relay, make_parcels(30), connections=5)
    assert error is None
    assert ledger.states() == {A: 30}
    honest(relay, ledger)


# The body


@BOTH
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.RESET])
def test_a_drop_in_the_middle_of_the_body_is_known_not_to_have_arrived(features, fault):
    """The message is larger than what kernels buffer, so that its end has not left us."""
    parcels = make_parcels(3, size=30_000_000)
    with Relay({"body": fault}, features=features) as relay:
        ledger, error = attempt(relay, parcels)
    assert isinstance(error, TransportUnavailable)
    assert set(ledger.states()) == {D}
    assert "middle" in ledger.outcomes[1].reason
    honest(relay, ledger)


@BOTH
def test_a_relay_that_does_not_read_on_runs_into_the_deadline(features):
    parcels = make_parcels(3, size=30_000_000)
    with Relay({"body": Fault.HANG}, features=features) as relay:
        ledger, error = attempt(relay, parcels, timeout=QUICK)
    assert isinstance(error, TransportUnavailable)
    assert set(ledger.states()) == {D}
    honest(relay, ledger)


@BOTH
def test_an_early_refusal_in_the_middle_of_the_body(features):
    with Relay({"body": "552 5.3.4 too big for me"}, features=features) as relay:
        ledger, _ = attempt(relay, make_parcels(1, size=30_000_000))
    assert ledger.states() == {F: 1}


@BOTH
@pytest.mark.parametrize("fault", [*RUDE, *SILENT])
def test_a_drop_after_the_dot_is_uncertain_and_nothing_else_is(features, fault):
    with Relay({"dot reader3@": fault}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(8), timeout=QUICK)
    assert error is None
    assert ledger.states() == {A: 7, U: 1}
    assert ledger.outcomes[3].state is U
    assert "after the whole message" in ledger.outcomes[3].reason
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("connections", [1, 3])
def test_a_relay_that_swallows_messages_is_left_alone_soon(features, connections):
    with Relay({"dot": Fault.DROP}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(50), connections=connections)
    assert isinstance(error, TransportUnavailable)
    assert set(ledger.states()) == {U}
    assert ledger.states()[U] <= 2 * connections
    assert ledger.most_sending <= connections


@BOTH
def test_421_after_the_dot_is_a_clear_no(features):
    with Relay({"dot reader2@": "421 4.3.2 going down"}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(4))
    assert error is None
    assert ledger.states() == {A: 3, D: 1}
    honest(relay, ledger)


def test_an_answer_to_the_dot_that_is_none_is_uncertain():
    with Relay({"dot reader2@": "354 once more"}) as relay:
        ledger, _ = attempt(relay, make_parcels(3))
    assert ledger.outcomes[2].state is U
    assert ledger.outcomes[1].state is A


# The ledger


@BOTH
@pytest.mark.parametrize("fail_at", range(1, 8))
@pytest.mark.parametrize("connections", [1, 3])
def test_a_ledger_that_breaks_stops_everything(features, fail_at, connections):
    with Relay(features=features) as relay:
        ledger, error = attempt(
            relay, make_parcels(30), FakeLedger(fail_at=fail_at), connections=connections
        )
    assert isinstance(error, StoreBusy)
    unrecorded = sum(relay.seen.recipients.values()) - ledger.states()[A]
    assert 0 <= unrecorded <= connections
    assert {f"reader{n}@reader.example" for n in ledger.sending} >= set(relay.seen.recipients) - {
        f"reader{n}@reader.example" for n in ledger.outcomes
    }


def test_answers_that_came_while_the_ledger_was_locked_are_recorded_when_it_is_free_again():
    class Moody(FakeLedger):
        def turn(self, outcomes, next):  # noqa: A002
            if self.turns == 4:
                self.mend()
            return super().turn(outcomes, next)

    with Relay() as relay:
        ledger, error = attempt(relay, make_parcels(30), Moody(fail_at=4))
    assert isinstance(error, StoreBusy)
    assert not ledger.sending, "every body that left has its answer recorded"
    honest(relay, ledger)


def test_a_beat_while_the_ledger_is_locked_ends_nothing():
    """Nothing is asked for then, and the lease outlives a store that is busy for a moment."""
    answer = threading.Event()

    class Moody(FakeLedger):
        beats = 0

        def turn(self, outcomes, next):  # noqa: A002
            if not outcomes and not next:
                self.beats += 1
                if self.beats == 3:
                    answer.set()
                raise StoreBusy("ledger", "is locked")
            return super().turn(outcomes, next)

    ledger = Moody()
    with Relay(until=answer) as relay:
        settings = SmtpSettings(
            host="127.0.0.1",
            port=relay.port,
            security=Security.NONE,
            timeouts=Timeouts(message=20.0, beat=0.01),
        )
        with SmtpClient(settings) as client:
            client.send(iter(make_parcels(3)), ledger)
    assert ledger.beats >= 3
    assert ledger.states() == {A: 3}
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize(
    ("action", "state"),
    [(Fault.DROP, OutcomeState.RETURNED), ("421 bye", OutcomeState.RETURNED), ("550 no", F)],
)
def test_after_a_refusal_by_the_ledger_every_leave_gets_its_outcome(features, action, state):
    """The ledger said no to reader 1, so reader 2 is asked about before its envelope."""
    with Relay({"RCPT reader2@": action}, features=features) as relay:
        ledger, error = attempt(relay, make_parcels(6), FakeLedger(refuse={1}))
    assert error is None
    assert ledger.states() == {A: 4, state: 1}
    assert ledger.outcomes[2].state is state
    honest(relay, ledger)


def test_a_login_demanded_after_a_refusal_by_the_ledger():
    with Relay({"RCPT reader2@": "530 5.7.0 login first"}) as relay:
        ledger, error = attempt(relay, make_parcels(6), FakeLedger(refuse={1}))
    assert isinstance(error, TransportRejected)
    assert ledger.states() == {OutcomeState.RETURNED: 1}
    honest(relay, ledger)


def test_a_leave_that_has_grown_old_is_given_back():
    """A worker that slept through its lease must notice before its next message (proof 8)."""
    with Relay() as relay:
        client = SmtpClient(
            SmtpSettings(
                host="127.0.0.1",
                port=relay.port,
                security=Security.NONE,
                connections=1,
                timeouts=Timeouts(leave=-1.0),
            )
        )
        ledger = FakeLedger(refuse={1})
        client.send(iter(make_parcels(5)), ledger)
        client.close()
    assert ledger.states() == {OutcomeState.RETURNED: 1, A: 3}
    honest(relay, ledger)


def test_a_relay_that_is_down_is_left_out_for_a_while_and_tried_again():
    now, ledger, parcels = [0.0], FakeLedger(), make_parcels(6)
    with Relay({"connect": ["421 later", "421 later", "220 ready"]}) as relay:
        settings = SmtpSettings(
            host="127.0.0.1", port=relay.port, security=Security.NONE, connections=1
        )
        with SmtpClient(settings, clock=lambda: now[0]) as client:
            for moment, tries in ((0.0, 1), (1.9, 1), (2.1, 2), (6.0, 2)):
                now[0] = moment
                with pytest.raises(TransportUnavailable, match="421 later"):
                    client.send(iter(parcels), ledger)
                assert len(relay.seen.commands) == tries
            assert not ledger.outcomes
            now[0] = 6.2
            client.send(iter(parcels), ledger)
    assert ledger.states() == {A: 6}


# Servers that cannot keep to the order of things


@BOTH
@pytest.mark.parametrize("count", [1, 5])
def test_an_answer_that_comes_before_its_message_is_not_believed(features, count):
    script = {"DATA": "354 go on\r\n250 2.0.0 queued already", "dot": Fault.DROP}
    with Relay(script, features=features) as relay:
        ledger, _ = attempt(relay, make_parcels(count))
    assert A not in ledger.states()
    assert "not asked" in ledger.outcomes[1].reason
    honest(relay, ledger)


@BOTH
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "RSET"])
def test_a_server_that_answers_twice_loses_and_doubles_nothing(features, verb):
    with Relay({verb: "250 fine\r\n250 and again"}, features=features) as relay:
        ledger, _ = attempt(relay, make_parcels(6), timeout=QUICK)
    honest(relay, ledger)


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "dot"])
@pytest.mark.parametrize(
    "flood",
    [
        "\r\n".join(f"250-line {n}" for n in range(5_000)),
        "250-first\r\n" + "250-" + "x" * 5_000,
        "250-one\r\n550 other",
    ],
    ids=["lines", "long", "two-minded"],
)
def test_many_lines_are_no_answer(verb, flood):
    with Relay({verb: flood}, features=PIPELINED) as relay:
        ledger, error = attempt(relay, make_parcels(3), timeout=1.0)
    assert error is not None or verb == "dot"
    assert set(ledger.states()) <= {D, U}
    if verb != "dot":
        assert U not in ledger.states()
    assert not ledger.sending


def test_pipelining_that_is_offered_but_not_meant_costs_time_only():
    """The server drops what came together with MAIL; no answer comes to it, and nothing arrives."""
    with Relay(features=PIPELINED, forgetful=True) as relay:
        ledger, error = attempt(relay, make_parcels(4), timeout=QUICK)
    assert error is not None
    assert set(ledger.states()) <= {D}
    honest(relay, ledger)


# Rates


@pytest.mark.parametrize("features", [PIPELINED, LOCK_STEP])
def test_the_rate_holds_over_all_connections(features):
    with Relay(features=features) as relay:
        ledger, error = attempt(relay, make_parcels(12), connections=4, per_second=40)
    assert error is None
    assert ledger.states() == {A: 12}


def test_a_slow_domain_does_not_hold_up_the_others():
    slow = [changed(p, recipient=f"r{p.delivery}@Slow.example") for p in make_parcels(5)]
    fast = [changed(p, delivery=p.delivery + 100) for p in make_parcels(40)]
    with Relay() as relay:
        ledger, error = attempt(
            relay,
            [*slow, *fast],
            connections=2,
            domains={"slow.example": {"per_second": 4, "slow_start": 0}},
        )
    assert error is None
    assert ledger.states() == {A: 45}
    order = [m.recipient.endswith("@Slow.example") for m in relay.seen.messages]
    assert not any(order[-41:-5]) or order.index(False) < 5
    assert order[-1], "the slow ones come last"
