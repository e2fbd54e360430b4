"""Spreads the integration tests over workers (`-n 2 --dist loadgroup`): a module stays together, so that its servers
start once, and the modules that share one deployment do too."""

from __future__ import annotations

from pathlib import Path

import pytest

DEPLOYMENT = Path(__file__).with_name("deployment")
# They begin deployments of their own.
ALONE = ("test_demo.py", "test_options.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        shared = item.path.parent == DEPLOYMENT and item.path.name not in ALONE
        item.add_marker(pytest.mark.xdist_group(str(DEPLOYMENT if shared else item.path)))
