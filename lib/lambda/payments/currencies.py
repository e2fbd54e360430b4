"""Currencies a payment can be made in: ISO 4217's active codes, as published by SIX and shipped by `iso4217`."""

from functools import cache

from iso4217 import raw_xml


class UnknownCurrencyError(ValueError):
    """The code is not that of an active currency with minor units."""


@cache
def _decimals_by_code() -> dict[str, int]:
    """Fund codes and codes without minor units (metals, XXX, XTS) are not money that an account holds: left out."""
    decimals: dict[str, int] = {}
    for entry in raw_xml.iterfind("CcyTbl/CcyNtry"):
        code, minor_units, name = entry.findtext("Ccy"), entry.findtext("CcyMnrUnts", ""), entry.find("CcyNm")
        is_fund = name is not None and name.get("IsFund", "false").lower() == "true"
        if code and minor_units.isdigit() and not is_fund:
            decimals[code] = int(minor_units)
    return decimals


def decimals_of(code: str) -> int:
    """Decimals of the currency with this alphabetic code (upper case). Raises `UnknownCurrencyError`."""
    try:
        return _decimals_by_code()[code]
    except KeyError:
        raise UnknownCurrencyError("not the code of an active ISO 4217 currency with minor units") from None
