"""Requests become events and answers become responses by payload format 2.0."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local_aws.http_api.payload import (
    Endpoint,
    HttpRequest,
    InvalidAnswerError,
    answer_of,
    event_of,
    is_text,
)

NOON = datetime(2026, 3, 12, 12, 0, 30, tzinfo=UTC)
ENDPOINT = Endpoint("123456789012", "api1", "api1.execute-api.eu-central-1.amazonaws.com", "$default", "POST /payments")


def request(body: bytes = b"", **headers: str) -> HttpRequest:
    return HttpRequest("POST", "/payments", "a=1", {"a": "1"}, headers, body, "127.0.0.1", "HTTP/1.1")


def test_an_event_says_where_and_when() -> None:
    context = event_of(request(), ENDPOINT, "r1", NOON)["requestContext"]
    assert (context["time"], context["timeEpoch"]) == ("12/Mar/2026:12:00:30 +0000", 1773316830000)
    assert (context["domainPrefix"], context["stage"], context["requestId"]) == ("api1", "$default", "r1")
    assert "authorizer" not in context


def test_an_event_leaves_out_what_is_empty() -> None:
    event = event_of(request(), ENDPOINT, "r1", NOON)
    assert {"body", "cookies", "pathParameters", "stageVariables"}.isdisjoint(event)
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        (None, True),
        ("application/json", True),
        ("application/problem+json; charset=utf-8", True),
        ("text/csv", True),
        ("application/x-www-form-urlencoded", False),
        ("image/png", False),
    ],
)
def test_text_is_told_by_its_media_type(content_type: str | None, text: bool) -> None:
    assert is_text(content_type) is text


@pytest.mark.parametrize(
    ("answer", "body"), [({"a": 1}, b'{"a": 1}'), ("Hello", b"Hello"), ([1], b"[1]"), (None, b"null")]
)
def test_an_answer_without_a_status_is_a_success(answer: Any, body: bytes) -> None:
    response = answer_of(json.dumps(answer).encode())
    assert (response.status, response.body) == (200, body)
    assert response.headers == [("content-type", "application/json")]


def test_a_full_answer_is_taken_as_it_is() -> None:
    answer = {
        "statusCode": "418",
        "headers": {"X-A": 1, "X-B": True, "Content-Length": "99"},
        "cookies": ["a=1"],
        "body": "/wA=",
        "isBase64Encoded": True,
    }
    response = answer_of(json.dumps(answer).encode())
    assert (response.status, response.body) == (418, b"\xff\x00")
    assert response.headers == [
        ("x-a", "1"),
        ("x-b", "true"),
        ("content-type", "text/plain;charset=utf-8"),
        ("set-cookie", "a=1"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 99},
        {"statusCode": "many"},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "body": "a", "isBase64Encoded": True},
        {"statusCode": 200, "cookies": "a=1"},
    ],
)
def test_a_malformed_answer_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswerError):
        answer_of(json.dumps(answer).encode())


def test_an_answer_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidAnswerError, match="not JSON"):
        answer_of(b"<html>")
