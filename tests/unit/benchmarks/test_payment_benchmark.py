"""The payment benchmarks: the floor is the ledger's own work, the payments are valid, the targets are judged."""

from decimal import Decimal
from itertools import islice

import pytest

from benchmarks.__main__ import main
from benchmarks.package import PackageMeasurement
from benchmarks.package_report import package_verdicts
from benchmarks.warm_payment.batch import ANSWER, FLOOR, Batch
from benchmarks.warm_payment.floor import ledger_statements
from benchmarks.warm_payment.measurement import Series, WarmPayments
from benchmarks.warm_payment.report import payment_verdicts
from benchmarks.warm_payment.requests import AMOUNTS, documents, http_event
from payments.documents import parse_document
from payments.ledger import INSERT_ENTRIES, INSERT_EVENT, INSERT_PAYMENT
from payments.validation import validate


def test_the_floor_is_what_the_ledger_sends_for_a_payment() -> None:
    document = next(documents("one"))
    statements = ledger_statements(document, region="eu-west-1")
    assert [sql for sql, _ in statements] == [INSERT_PAYMENT, INSERT_ENTRIES, INSERT_EVENT]
    for sql, values in statements:
        assert isinstance(values, tuple)
        assert sql.count("%s") == len(values)
        assert document["payment_id"] in values


def test_the_payments_differ_and_are_valid_in_every_currency() -> None:
    bodies = [http_event(document)["body"] for document in islice(documents("one"), 3 * len(AMOUNTS))]
    payments = [validate(parse_document(body.encode()), amount_limit=Decimal(1_000_000)) for body in bodies]
    assert len({payment.payment_id for payment in payments}) == len(payments)
    assert {payment.currency for payment in payments} == {currency for currency, _ in AMOUNTS}


def test_a_series_counts_by_the_clock_of_all_workers() -> None:
    series = Series()
    series.add([Batch({ANSWER: [0.1, 0.3]}, began=10.0, ended=10.5), Batch({ANSWER: [0.2]}, 10.1, 11.0)], ANSWER)
    series.add([Batch({ANSWER: [0.2]}, began=20.0, ended=21.0)], ANSWER)
    assert series.p50 == pytest.approx(0.2)
    assert series.per_second == pytest.approx(4 / 2.0)


@pytest.mark.parametrize(("answer", "held"), [(0.006, True), (0.0061, False)])
def test_a_warm_payment_may_take_three_times_the_floor(answer: float, held: bool) -> None:
    measured = WarmPayments()
    measured.floor.add([Batch({FLOOR: [0.002, 0.002]}, 0, 1)], FLOOR)
    measured.answer.add([Batch({ANSWER: [answer, answer]}, 0, 1)], ANSWER)
    assert [verdict.held for verdict in payment_verdicts(measured)] == [held]


def test_the_package_is_judged_by_size_and_import() -> None:
    good = PackageMeasurement(8_000_000, handler=0.300, boto3=0.200, handler_without_bytecode=2.0)
    bad = PackageMeasurement(8_000_001, handler=0.301, boto3=0.200, handler_without_bytecode=2.0)
    assert [verdict.held for verdict in package_verdicts(good)] == [True] * 3
    assert [verdict.held for verdict in package_verdicts(bad)] == [False] * 3


def test_an_unknown_part_is_refused_with_the_parts_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "speed: choose from synth, package, payments, service" in capsys.readouterr().err
