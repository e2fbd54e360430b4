"""What a secondary Region answers, as the document says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration.openapi.conformance import DOCUMENT, schema_validator
from tests.integration.openapi.documented import answer_of, check_example
from tests.integration.openapi.payment_server import payment_server


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with payment_server(tmp_path_factory.mktemp("database"), role="secondary") as url:
        yield url


@pytest.mark.parametrize(
    ("method", "path", "status", "example"),
    [
        ("post", "/payments", 503, "secondary"),
        ("get", "/payments/{payment_id}", 404, "unknown"),
        ("get", "/health/deep", 200, "secondary"),
    ],
)
def test_answer_is_the_documents_example(url: str, method: str, path: str, status: int, example: str) -> None:
    check_example(url, method, path, status, example)


def test_health_says_nothing_of_the_role(url: str) -> None:
    document = json.loads(DOCUMENT.read_text())
    status, _, body = answer_of(url, "/health", {}, None)
    assert status == 200
    assert schema_validator(document, "Health").is_valid(body)
    assert set(body) == {"status", "region", "environment_suffix", "version"}
