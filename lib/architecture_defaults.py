"""Defaults that depend on the architecture: what `containers` has where nothing else is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

POSTGRESQL_VERSION = "17.7"
CANARY_RUNTIME = "syn-python-selenium-14.0"


def with_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with the defaults of the architecture that they name, where they say nothing themselves."""
    if given.get("architecture") != "containers":
        return dict(given)
    production = given.get("environment_class") == "production"
    standby = given.get("standby_region")
    defaults = {
        "db_engine": "aurora-postgresql",
        "db_engine_version": POSTGRESQL_VERSION,
        "db_instance_class": _instance_class(production, in_two_regions=bool(standby)),
        "api_authorization": "API_KEY",
        **({"service_min_tasks": 10, "service_max_tasks": 50} if production else {}),
    }
    asked = {name: value for name, value in given.items() if value not in (None, "")}
    # All that finds, deploys and removes two Regions knows the other one by this name.
    return {**defaults, **asked, **({"secondary_region": standby} if standby else {})}


def _instance_class(production: bool, *, in_two_regions: bool) -> str:
    """A global database has no burstable classes."""
    if production:
        return "db.r6g.xlarge"
    return "db.r6g.large" if in_two_regions else "db.t4g.medium"
