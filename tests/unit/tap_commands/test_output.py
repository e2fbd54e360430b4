"""Tables are as wide as they must be in a log, and as wide as asked for elsewhere."""

from __future__ import annotations

import pytest

from tap.commands.output import print_fields, print_table

LONG = "arn:aws:lambda:us-east-1:123456789012:function:payment-processor-of-an-environment"


def test_a_log_has_whole_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(("scenario", "resource"), [("ledger-corrupted", LONG)])
    print_fields({"function": LONG})
    out = capsys.readouterr().out
    assert out.count(LONG) == 2
    assert "ledger-corrupted" in out


def test_the_width_that_is_asked_for_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    print_table(("resource",), [(LONG,)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 5
    assert max(map(len, lines)) <= 40
