"""The variables of an operator whose AWS is in memory."""

from __future__ import annotations

from pathlib import Path

import pytest


def set_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, region: str, suffix: str) -> None:
    """Give credentials, Region and suffix, and a folder without an `.env` file."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": region,
        "ENVIRONMENT_SUFFIX": suffix,
        "COLUMNS": "160",
    }.items():
        monkeypatch.setenv(name, value)
