"""P3's rules, and the one stable reason for each way to break them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.currencies import UnknownCurrencyError, decimals_of
from payments.payment import PaymentRefusedError
from payments.validation import validate

LIMIT = Decimal(1_000_000)


def refusal_of(document: dict[str, Any]) -> PaymentRefusedError:
    with pytest.raises(PaymentRefusedError) as refusal:
        validate(document, amount_limit=LIMIT)
    return refusal.value


@pytest.mark.parametrize(
    ("amount", "currency", "canonical"),
    [
        ("12.5", "EUR", "12.50"),
        ("1", "USD", "1.00"),
        ("0.01", "GBP", "0.01"),
        (Decimal("1.5E+2"), "EUR", "150.00"),
        (7, "JPY", "7"),
        (12.5, "EUR", "12.50"),
        (0.1, "KWD", "0.100"),
        ("1000000", "JPY", "1000000"),
        (999999.99, "EUR", "999999.99"),
    ],
)
def test_amount_gets_the_decimals_of_its_currency(
    payment: dict[str, Any], amount: object, currency: str, canonical: str
) -> None:
    valid = validate({**payment, "amount": amount, "currency": currency}, amount_limit=LIMIT)
    assert str(valid.amount) == canonical


INVALID_AMOUNTS: list[object] = [
    *(
        "",
        "abc",
        "0",
        "0.00",
        "-1",
        "-0",
        "+1",
        "01",
        ".5",
        "5.",
        "1e3",
        "1_000",
        " 1",
        "1\n",
        "\N{FULLWIDTH DIGIT ONE}",
        "NaN",
        "Infinity",
    ),
    *("1e309", "0.001", "12.500", "9" * 16, "9" * 65, "0." + "0" * 70 + "1", "1,5", "0x10"),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-0"), Decimal("1E+309"), Decimal("1E-400")),
    *(Decimal(-5), 0, -1, 10**400, float("nan"), float("inf"), -0.0, 1e309, 0.1 + 0.2),
    *(True, False, None, [], {}, ["1"]),
]


@pytest.mark.parametrize("amount", INVALID_AMOUNTS, ids=lambda amount: repr(amount)[:24])
def test_invalid_amount_is_refused(payment: dict[str, Any], amount: object) -> None:
    refusal = refusal_of({**payment, "amount": amount})
    assert refusal.answer()["reason"] == "Invalid amount"
    assert refusal.payment_id == "pay-1"
    assert refusal.status == 400


@pytest.mark.parametrize("amount", ["1000000.01", "1000001", 1_000_001, Decimal("1E+6") + 1, 1000000.01])
def test_amount_above_the_limit_is_refused(payment: dict[str, Any], amount: object) -> None:
    assert refusal_of({**payment, "amount": amount}).answer()["reason"] == "Amount exceeds limit"


def test_amount_of_a_currency_without_decimals_has_none(payment: dict[str, Any]) -> None:
    refusal = refusal_of({**payment, "amount": "100.5", "currency": "JPY"})
    assert refusal.answer() == {
        "valid": False,
        "reason": "Invalid amount",
        "detail": "JPY has 0 decimals",
        "payment_id": "pay-1",
    }


@pytest.mark.parametrize("currency", ["EURO", "eur", "XXX", "XTS", "XAU", "CHE", "USN", "HRK", "ZZZ", "", 978, None])
def test_currency_that_is_not_active_money_is_refused(payment: dict[str, Any], currency: object) -> None:
    assert refusal_of({**payment, "currency": currency}).answer()["reason"] == "Invalid currency"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_id", ""),
        ("payment_id", "a" * 65),
        ("payment_id", "a/b"),
        ("payment_id", "pay-1\n"),
        ("payment_id", 5),
        ("payer_account", "abc"),
        ("payer_account", "a" * 35),
        ("payer_account", "DE89 3704"),
        ("payee_account", None),
        ("session_id", "a b"),
        ("session_id", None),
    ],
)
def test_malformed_identifier_is_refused_by_name(payment: dict[str, Any], field: str, value: object) -> None:
    refusal = refusal_of({**payment, field: value})
    assert refusal.answer()["reason"] == f"Invalid {field}"
    assert refusal.payment_id == (None if field == "payment_id" else "pay-1")


def test_payer_and_payee_must_differ(payment: dict[str, Any]) -> None:
    refusal = refusal_of({**payment, "payee_account": payment["payer_account"]})
    assert refusal.answer()["reason"] == "Invalid payee_account"


@pytest.mark.parametrize("field", ["payment_id", "amount", "currency", "payer_account", "payee_account"])
def test_missing_field_is_named(payment: dict[str, Any], field: str) -> None:
    del payment[field]
    assert refusal_of(payment).answer()["reason"] == f"Missing field: {field}"


def test_unknown_field_is_named_if_its_name_is_harmless(payment: dict[str, Any]) -> None:
    assert refusal_of({**payment, "note": 1}).answer()["reason"] == "Unknown field: note"
    assert refusal_of({**payment, "<script>": 1}).answer()["reason"] == "Unknown field"


def test_session_id_defaults_to_the_payment_id(payment: dict[str, Any]) -> None:
    assert validate(payment, amount_limit=LIMIT).session_id == "pay-1"
    assert validate({**payment, "session_id": "cart-9"}, amount_limit=LIMIT).session_id == "cart-9"


@given(units=st.integers(1, 100_000_000))
def test_every_amount_within_the_limit_survives_as_text_number_and_float(units: int) -> None:
    payment = {"payment_id": "p", "currency": "EUR", "payer_account": "AAAA", "payee_account": "BBBB"}
    text = f"{units // 100}.{units % 100:02}"
    amounts = {
        validate({**payment, "amount": amount}, amount_limit=LIMIT).amount
        for amount in (text, Decimal(text), float(text))
    }
    assert amounts == {Decimal(units) / 100}


@pytest.mark.parametrize(("code", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("UYW", 4), ("XOF", 0), ("CHF", 2)])
def test_currency_decimals_are_those_of_iso_4217(code: str, decimals: int) -> None:
    assert decimals_of(code) == decimals


def test_unknown_currency_is_an_error() -> None:
    with pytest.raises(UnknownCurrencyError, match="active ISO 4217"):
        decimals_of("XXX")
