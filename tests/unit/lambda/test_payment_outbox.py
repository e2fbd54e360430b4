"""The outbox: every committed event is published at least once, and events that wait are taken by one relay."""

from collections.abc import Sequence

import pytest

from payments.database import Database, LedgerUnavailableError
from payments.events import PaymentEvent
from payments.ledger import Ledger
from payments.outbox import Backlog, Outbox
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.sample_payments import event_about, record, valid_payment

pytestmark = both_engines


class Bus:
    """Takes events; all of them, unless it is told to take fewer."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.takes: int | None = None

    def publish(self, events: Sequence[PaymentEvent]) -> set[str]:
        taken = events[: self.takes]
        self.got += [event.payment_id for event in taken]
        return {event.event_id for event in taken}


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def three_waiting(ledger: Ledger, ledger_rows: LedgerServer) -> LedgerServer:
    for number in (1, 2, 3):
        record(ledger, valid_payment(f"pay-{number}"))
    ledger_rows.let_time_pass(seconds=60)
    return ledger_rows


def test_process_that_took_a_payment_gets_time_to_publish_it(
    ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer, bus: Bus
) -> None:
    record(ledger, valid_payment())
    assert outbox.relay(bus.publish) == (0, 0)
    ledger_rows.let_time_pass(seconds=9)
    assert outbox.relay(bus.publish) == (0, 0)
    ledger_rows.let_time_pass(seconds=2)
    assert outbox.relay(bus.publish) == (1, 1)
    assert bus.got == ["pay-1"]


def test_event_is_not_held_back_by_a_clock_that_was_set_back(
    ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer, bus: Bus
) -> None:
    record(ledger, valid_payment())
    ledger_rows.let_time_pass(seconds=-3600)
    assert outbox.backlog() == Backlog(1, 0)
    assert outbox.relay(bus.publish) == (1, 1)


@pytest.mark.usefixtures("three_waiting")
def test_events_are_relayed_once_oldest_first(outbox: Outbox, bus: Bus) -> None:
    assert outbox.relay(bus.publish) == (3, 3)
    assert outbox.relay(bus.publish) == (0, 0)
    assert bus.got == ["pay-1", "pay-2", "pay-3"]


@pytest.mark.usefixtures("three_waiting")
def test_relayed_event_is_the_one_that_was_committed(outbox: Outbox) -> None:
    seen: list[PaymentEvent] = []

    def publish(events: Sequence[PaymentEvent]) -> set[str]:
        seen.extend(events)
        return set()

    assert outbox.relay(publish) == (3, 0)
    assert seen == [event_about(valid_payment(f"pay-{number}")) for number in (1, 2, 3)]


@pytest.mark.usefixtures("three_waiting")
def test_relay_takes_no_more_than_its_limit(outbox: Outbox, bus: Bus) -> None:
    assert outbox.relay(bus.publish, limit=2) == (2, 2)
    assert bus.got == ["pay-1", "pay-2"]
    assert outbox.backlog().events == 1


def test_events_that_the_bus_did_not_take_stay(outbox: Outbox, three_waiting: LedgerServer, bus: Bus) -> None:
    bus.takes = 1
    assert outbox.relay(bus.publish) == (3, 1)
    assert three_waiting.waiting() == ["Payment Committed"] * 2
    bus.takes = None
    assert outbox.relay(bus.publish) == (2, 2)
    assert bus.got == ["pay-1", "pay-2", "pay-3"]


def test_two_relays_at_once_take_different_events(
    database: Database, outbox: Outbox, three_waiting: LedgerServer, bus: Bus
) -> None:
    second: list[tuple[int, int]] = []

    def publish(events: Sequence[PaymentEvent]) -> set[str]:
        second.append(Outbox(database).relay(bus.publish))
        return bus.publish(events)

    assert outbox.relay(publish, limit=2) == (2, 2)
    assert second == [(1, 1)]
    assert sorted(bus.got) == ["pay-1", "pay-2", "pay-3"]
    assert three_waiting.waiting() == []


def test_payments_are_taken_while_a_relay_holds_its_events(
    ledger: Ledger, outbox: Outbox, three_waiting: LedgerServer
) -> None:
    def publish(events: Sequence[PaymentEvent]) -> set[str]:
        assert not record(ledger, valid_payment("meanwhile")).repeated
        return {event.event_id for event in events}

    assert outbox.relay(publish) == (3, 3)
    assert three_waiting.count("payments") == 4


def test_relay_that_ends_between_publishing_and_its_mark_loses_nothing(
    outbox: Outbox, three_waiting: LedgerServer, bus: Bus
) -> None:
    def publish_and_die(events: Sequence[PaymentEvent]) -> set[str]:
        bus.publish(events)
        raise SystemExit

    with pytest.raises(SystemExit):
        outbox.relay(publish_and_die)
    assert len(three_waiting.waiting()) == 3
    assert outbox.relay(bus.publish) == (3, 3)
    assert bus.got == ["pay-1", "pay-2", "pay-3"] * 2


@pytest.mark.usefixtures("three_waiting")
def test_marked_events_wait_no_longer(outbox: Outbox, bus: Bus) -> None:
    outbox.mark_published([event_about(valid_payment("pay-2")).event_id])
    outbox.mark_published([])
    assert outbox.relay(bus.publish) == (2, 2)
    assert bus.got == ["pay-1", "pay-3"]


@pytest.mark.usefixtures("three_waiting")
def test_events_of_one_payment_can_be_asked_for(outbox: Outbox) -> None:
    event = event_about(valid_payment("pay-2"))
    assert outbox.of_payment("pay-2") == [event]
    outbox.mark_published([event.event_id])
    assert outbox.of_payment("pay-2") == []
    assert outbox.of_payment("unknown") == []


def test_backlog_tells_how_much_waits_and_for_how_long(
    ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer
) -> None:
    assert outbox.backlog() == Backlog(events=0, oldest_seconds=0)
    record(ledger, valid_payment("pay-1"))
    ledger_rows.let_time_pass(seconds=60)
    record(ledger, valid_payment("pay-2"))
    backlog = outbox.backlog()
    assert backlog.events == 2
    assert 60 <= backlog.oldest_seconds < 70


def test_events_published_a_week_ago_are_deleted_and_no_others(
    ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer
) -> None:
    for payment_id in ("old", "lost", "young"):
        if payment_id == "young":
            ledger_rows.let_time_pass(seconds=7 * 24 * 3600 + 1)
        payment = valid_payment(payment_id)
        record(ledger, payment)
        if payment_id != "lost":
            outbox.mark_published([event_about(payment).event_id])
    assert outbox.forget_published() == 1
    assert ledger_rows.execute("SELECT payment_id FROM outbox ORDER BY sequence") == [("lost",), ("young",)]
    assert outbox.forget_published() == 0


def test_outbox_of_an_unreachable_database_says_so(
    three_waiting: LedgerServer, bus: Bus, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_database: Database) -> None:
        raise driver.lost

    monkeypatch.setattr(Database, "connect", refuse)
    with pytest.raises(LedgerUnavailableError):
        Outbox(three_waiting.database(retry_seconds=0.05)).relay(bus.publish)
    assert bus.got == []
