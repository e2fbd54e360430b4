"""An account of moto's, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tap.account import Account


@pytest.fixture
def account() -> Iterator[Account]:
    """Empty, in us-east-1."""
    with mock_aws():
        yield Account.of_variables(
            {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
        )
