"""The whole stack as it is synthesized, readable, so that every change of it shows in review.

Refresh with `pytest tests/unit/test_snapshots.py --snapshot-update` and read the difference.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.unit.stacks import synthesized


def readable(value: Any) -> Any:
    """Drop cdktf's own notes and the hash of the package; show JSON in JSON as what it says."""
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items() if key not in ("//", "source_code_hash")}
    if isinstance(value, list):
        return [readable(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        return readable(json.loads(value))
    if isinstance(value, str):
        return re.sub(r"/[0-9A-F]{32}/", "/HASH/", value)
    return value


@pytest.mark.parametrize("environment_class", ["ephemeral", "production"])
def test_tap_stack(environment_class: str, snapshot: SnapshotAssertion) -> None:
    document = synthesized(environment_class=environment_class)
    assert readable(document) == snapshot(extension_class=JSONSnapshotExtension)


def test_what_approvals_and_a_proxy_add(snapshot: SnapshotAssertion) -> None:
    changed = _changed(synthesized(), synthesized(approval_threshold=1000, db_proxy=True))
    assert changed == snapshot(extension_class=JSONSnapshotExtension)


def test_disaster_recovery_stack(snapshot: SnapshotAssertion) -> None:
    document = synthesized(architecture="multi-region")
    assert readable(document) == snapshot(extension_class=JSONSnapshotExtension)


def test_what_production_and_an_owned_domain_change_in_two_regions(snapshot: SnapshotAssertion) -> None:
    inputs = {"environment_class": "production", "domain": "acme.io", "parent_zone_id": "Z0PARENT"}
    changed = _changed(synthesized(architecture="multi-region"), synthesized(architecture="multi-region", **inputs))
    assert changed == snapshot(extension_class=JSONSnapshotExtension)


def test_account_stack(snapshot: SnapshotAssertion) -> None:
    services = {"account_guardduty": True, "account_config": True, "account_security_hub": True}
    document = synthesized(architecture="account", **services)
    assert readable(document) == snapshot(extension_class=JSONSnapshotExtension)


CONTAINERS = {"architecture": "containers", "domain": "acme.io", "parent_zone_id": "Z0PARENT"}


@pytest.mark.parametrize("environment_class", ["ephemeral", "production"])
def test_container_stack(environment_class: str, snapshot: SnapshotAssertion) -> None:
    document = synthesized(**CONTAINERS, environment_class=environment_class)
    assert readable(document) == snapshot(extension_class=JSONSnapshotExtension)


def test_what_blue_green_deployments_change(snapshot: SnapshotAssertion) -> None:
    changed = _changed(synthesized(**CONTAINERS), synthesized(**CONTAINERS, deployment_strategy="blue-green"))
    assert changed == snapshot(extension_class=JSONSnapshotExtension)


def test_container_stack_with_a_standby_region(snapshot: SnapshotAssertion) -> None:
    document = synthesized(**CONTAINERS, standby_region="us-east-2")
    assert readable(document) == snapshot(extension_class=JSONSnapshotExtension)


def _changed(default: Any, document: Any) -> dict[str, Any]:
    """Only what differs from the default stack, so that no line of it stands in two snapshots for nothing."""
    default, document = readable(default), readable(document)
    return {
        f"{type_}.{id_}": arguments
        for type_, instances in document["resource"].items()
        for id_, arguments in instances.items()
        if default["resource"].get(type_, {}).get(id_) != arguments
    }
