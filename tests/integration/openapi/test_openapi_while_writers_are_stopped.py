"""What is answered while an operator has stopped all writers, as the document says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.openapi.documented import check_example
from tests.integration.openapi.payment_server import payment_server


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with payment_server(tmp_path_factory.mktemp("database"), writes="stopped") as url:
        yield url


@pytest.mark.parametrize(
    ("method", "path", "status", "example"),
    [
        ("post", "/payments", 503, "stopped"),
        ("get", "/payments/{payment_id}", 404, "unknown"),
        ("get", "/health/deep", 200, "stopped"),
    ],
)
def test_answer_is_the_documents_example(url: str, method: str, path: str, status: int, example: str) -> None:
    check_example(url, method, path, status, example)
