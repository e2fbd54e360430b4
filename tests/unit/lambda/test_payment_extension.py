"""The Lambda environment stays awake after an answer, until the work is done or the time is up."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

import payment_processor
from payments.lambda_extension import MARGIN_SECONDS, ExtensionError, LambdaExtension
from tests.unit.payment_system.extensions_api import ExtensionsApi
from tests.unit.payment_system.payment_account import PaymentAccount

Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def api() -> Iterator[ExtensionsApi]:
    with ExtensionsApi.started() as api:
        yield api


class Work:
    """What the extension waits for."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.done.wait(seconds)


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    yield work
    work.done.set()


@pytest.fixture
def extension(api: ExtensionsApi, work: Work) -> LambdaExtension:
    extension = LambdaExtension(api.address, wait=work.wait)
    extension.start()
    assert api.asked_for_next()
    return extension


@pytest.mark.usefixtures("extension")
def test_extension_registers_for_invocations_and_asks_with_its_identifier(api: ExtensionsApi) -> None:
    assert api.registrations == [("work-after-answer", {"events": ["INVOKE"]})]
    assert api.askers == ["extension-1"]


def test_environment_may_sleep_once_the_answer_is_given_and_the_work_done(
    api: ExtensionsApi, extension: LambdaExtension, work: Work
) -> None:
    api.invoke("request-1")
    assert not api.asked_for_next(0.05)
    extension.ended("request-1")
    assert not api.asked_for_next(0.05)
    work.done.set()
    assert api.asked_for_next()
    assert 25 < work.waits[0] < 30


def test_answer_that_came_before_its_event_is_known(api: ExtensionsApi, extension: LambdaExtension, work: Work) -> None:
    work.done.set()
    extension.ended("request-1")
    api.invoke("request-1")
    assert api.asked_for_next()


def test_answer_to_another_invocation_is_not_taken_for_this_ones(
    api: ExtensionsApi, extension: LambdaExtension, work: Work
) -> None:
    work.done.set()
    extension.ended("request-1")
    api.invoke("request-2")
    assert not api.asked_for_next(0.05)
    extension.ended("request-2")
    assert api.asked_for_next()


@pytest.mark.usefixtures("extension")
def test_waiting_ends_before_the_time_of_the_invocation_does(api: ExtensionsApi, work: Work) -> None:
    began = time.monotonic()
    api.invoke("request-1", seconds=MARGIN_SECONDS + 0.2)
    assert api.asked_for_next()
    assert time.monotonic() - began > 0.1
    assert work.waits[0] <= 0


def test_invocation_whose_time_is_up_is_not_waited_for(api: ExtensionsApi, extension: LambdaExtension) -> None:
    assert extension
    api.invoke("request-1", seconds=-60)
    assert api.asked_for_next()


def test_extension_that_lambda_does_not_take_is_an_error(api: ExtensionsApi, work: Work) -> None:
    api.refuses = True
    with pytest.raises(ExtensionError, match="POST register answered 403"):
        LambdaExtension(api.address, wait=work.wait).start()


def test_extension_that_gets_no_event_ends_and_says_so(api: ExtensionsApi, work: Work, output: Output) -> None:
    LambdaExtension(api.address, wait=work.wait).start()
    assert api.asked_for_next()
    api.refuse()
    lines: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10
    while not lines and time.monotonic() < deadline:
        time.sleep(0.01)
        lines = output()
    assert [(line["message"], line["error"]) for line in lines] == [("extension ended", "ExtensionError")]


def test_function_whose_extension_is_not_taken_works_without(monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    # Port 1 (tcpmux) is one that nobody listens on.
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
    assert payment_processor._extension() is None
    (logged,) = output()
    assert (logged["message"], logged["error"]) == ("no extension", "ConnectionRefusedError")


def test_function_outside_lambda_has_no_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API", raising=False)
    assert payment_processor._extension() is None


def test_function_keeps_its_environment_awake_until_events_and_sessions_are_written(
    api: ExtensionsApi,
    deployment: PaymentAccount,
    payment: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Context:
        function_name = "payment-processor-test"
        memory_limit_in_mb = 1024
        invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:payment-processor-test:live"
        aws_request_id = ""

    def invoke(request_id: str, event: dict[str, Any]) -> Any:
        api.invoke(request_id)
        context = Context()
        context.aws_request_id = request_id
        return payment_processor.handler(event, cast("Any", context))

    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", api.address)
    monkeypatch.setattr(payment_processor, "extension", payment_processor._extension())
    assert api.asked_for_next()

    health = {"version": "2.0", "rawPath": "/health", "requestContext": {"http": {"method": "GET"}}}
    assert invoke("request-1", health)["statusCode"] == 200
    assert api.asked_for_next()

    may_publish, put_events = threading.Event(), deployment.events.put_events

    def put_events_late(**entries: Any) -> Any:
        assert may_publish.wait(10)
        return put_events(**entries)

    monkeypatch.setattr(deployment.events, "put_events", put_events_late)
    event = {"source": "payment.processor", "detail-type": "Payment Transaction", "detail": payment}
    assert invoke("request-2", event)["valid"] is True
    assert not api.asked_for_next(0.1)
    assert deployment.items() == []
    may_publish.set()
    assert api.asked_for_next()
    assert len(deployment.items()) == 1
    assert [event["detail"]["payment_id"] for event in deployment.published()] == ["pay-1"]
