"""The sample app, new for each test, and what it writes with the plain import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.fast_synth.sample_app import LATE, SampleApp


@pytest.fixture
def app(tmp_path: Path) -> SampleApp:
    return SampleApp(tmp_path)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the sample app writes with the plain import, late part included."""
    return SampleApp(tmp_path_factory.mktemp("plain")).run("out", late=LATE, FAST_SYNTH="0").files
