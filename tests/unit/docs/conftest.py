"""Synthesized stacks that the documentation is tried on, each made once."""

from __future__ import annotations

import pytest

from docs.containers import CONTAINERS, STANDBY, TOKENS
from docs.synthesis import Document, synthesize


@pytest.fixture(scope="session")
def default_stack() -> Document:
    return synthesize()


@pytest.fixture(scope="session")
def stack_without_nat() -> Document:
    """The stack with every option on that adds resources to a private environment."""
    return synthesize(
        {
            "NAT_GATEWAYS": "none",
            "FUNCTION_URL": "true",
            "ALERT_EMAIL": "oncall@a-company.org",
            "DB_PROXY": "true",
            "APPROVAL_THRESHOLD": "1000",
        }
    )


@pytest.fixture(scope="session")
def stack_with_owned_domain() -> Document:
    """The stack with public DNS, TLS, tokens and a NAT gateway in each zone."""
    return synthesize(
        {
            "NAT_GATEWAYS": "per-az",
            "DOMAIN": "pay.a-company.org",
            "PARENT_ZONE_ID": "Z0123456789",
            "API_AUTHORIZATION": "JWT",
            "API_JWT_ISSUER": "https://login.a-company.org",
            "API_JWT_AUDIENCE": "payments",
        }
    )


@pytest.fixture(scope="session")
def two_region_stack() -> Document:
    return synthesize({"ARCHITECTURE": "multi-region"})


@pytest.fixture(scope="session")
def two_regions_with_every_option() -> Document:
    return synthesize(
        {
            "ARCHITECTURE": "multi-region",
            "FUNCTION_URL": "true",
            "ALERT_EMAIL": "oncall@a-company.org",
            "APPROVAL_THRESHOLD": "1000",
            "DOMAIN": "pay.a-company.org",
            "PARENT_ZONE_ID": "Z0123456789",
        }
    )


@pytest.fixture(scope="session")
def container_stack() -> Document:
    return synthesize(CONTAINERS)


@pytest.fixture(scope="session")
def containers_with_every_option() -> Document:
    """Blue-green, with what tokens and a person who is told add."""
    options = {"DEPLOYMENT_STRATEGY": "blue-green", "API_AUTHORIZATION": "JWT", "ALERT_EMAIL": "oncall@a-company.org"}
    return synthesize({**CONTAINERS, **options, **TOKENS})


@pytest.fixture(scope="session")
def standby_stack() -> Document:
    return synthesize(STANDBY)
