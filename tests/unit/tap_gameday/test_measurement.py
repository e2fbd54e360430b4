"""The figures of a run, from what the clients of the load remember."""

from __future__ import annotations

from tap.gameday.load import Sent
from tap.gameday.measurement import Measurement, Summary, Target, measured


def test_without_trouble_nothing_took_time() -> None:
    sent = [Sent("a", 1.0, 1.1), Sent("b", 2.0, 2.1)]
    found = measured(sent, fault_at=1.5, present={"a", "b"}, doubled=0)
    assert found == Measurement(0.0, 0.0, 0.0, acknowledged=2, lost=0, doubled=0, refused=0, unanswered=0)


def test_the_outage_ends_with_the_first_acknowledgement_after_the_last_trouble() -> None:
    refused = Sent("b", 10.5, 19.0, refused=3, troubles=[11.0, 14.0, 17.0])
    sent = [Sent("a", 9.0, 9.1), refused, Sent("c", 16.0, 17.5), Sent("d", 18.0, 18.1)]
    found = measured(sent, fault_at=10.0, present={"a", "b", "c", "d"}, doubled=0)
    assert (found.rto, found.longest_wait, found.refused) == (7.5, 8.5, 3)


def test_a_slow_answer_is_an_outage_too() -> None:
    found = measured([Sent("a", 10.0, 18.0, troubles=[18.0])], fault_at=10.0, present={"a"}, doubled=0)
    assert (found.rto, found.refused) == (8.0, 0)


def test_trouble_before_the_fault_is_not_its() -> None:
    found = measured([Sent("a", 1.0, 5.0, 1, [4.0])], fault_at=10.0, present={"a"}, doubled=0)
    assert (found.rto, found.longest_wait) == (0.0, 0.0)


def test_a_lost_acknowledgement_is_as_old_as_it_was_at_the_fault() -> None:
    sent = [Sent("kept", 1.0, 1.1), Sent("lost", 7.0, 7.5), Sent("lost-too", 8.0, 8.5)]
    found = measured(sent, fault_at=10.0, present={"kept"}, doubled=2)
    assert (found.lost, found.rpo, found.doubled) == (2, 2.5, 2)


def test_what_is_rewound_reaches_to_the_newest_that_was_lost() -> None:
    sent = [Sent("lost", 9.0, 9.5), Sent("lost-too", 14.0, 14.5)]
    assert measured(sent, fault_at=10.0, present=set(), doubled=0).rpo == 5.0


def test_a_payment_without_an_answer_is_not_lost() -> None:
    found = measured([Sent("open", 9.0, None, 2, [11.0, 12.0])], fault_at=10.0, present=set(), doubled=0)
    assert (found.lost, found.unanswered, found.longest_wait, found.rto) == (0, 1, 3.0, 2.0)


def run(rto: float, rpo: float = 0.0, doubled: int = 0) -> Measurement:
    return Measurement(rto, rpo, 1.0, acknowledged=10, lost=0, doubled=doubled, refused=0, unanswered=0)


def test_a_summary_has_the_median_and_the_worst_of_its_runs() -> None:
    summary = Summary("writer-lost", Target(60, 0), (run(5.0), run(50.0), run(7.0)))
    assert summary.both("rto") == (7.0, 50.0)
    assert summary.met


def test_one_run_outside_of_a_target_misses_it() -> None:
    target = Target(60, 0)
    assert not Summary("s", target, (run(5.0), run(60.0))).met
    assert not Summary("s", target, (run(5.0, rpo=0.1),)).met
    assert not Summary("s", target, (run(5.0, doubled=1),)).met
