"""A service that runs: its parts, what goes on beside the requests, and the order in which it all ends."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from payments import clients
from payments.environment import RuntimeEnvironment
from payments.observability import logger, publish_metrics

from .authorization import Authorizer, SharedKey
from .composition import Parts, composed
from .draining import drained
from .front import Front
from .metrics import share_metrics
from .queue import PaymentQueue, queue_client
from .repeating import Repeating
from .settings import ServiceSettings
from .tokens import Tokens
from .workers import Workers

RELAY_SECONDS = 60.0
METRICS_SECONDS = 1.0
# From the signal on: 8 s to drain, 12 s for requests that began, these, and some to spare make less than 30 s.
BACKGROUND_SECONDS = 4.0
AFTER_ANSWER_SECONDS = 4.0


@asynccontextmanager
async def running(variables: Mapping[str, str] = os.environ) -> AsyncIterator[Front]:
    """The front of a service that goes on until the end of the block, where nothing that was begun is left undone.

    Raises `EnvironmentVariableError`.
    """
    settings = ServiceSettings.from_variables(variables)
    environment = RuntimeEnvironment.from_variables(variables)
    parts = composed(environment, version=settings.version)
    workers = Workers(threads=settings.threads, waiting=settings.waiting)
    front = Front(
        api=parts.api,
        authorizer=_authorizer(settings, environment),
        workers=workers,
        answered=parts.service.after_answer.begin,
    )
    beside = _beside(settings, environment, parts)

    def drain() -> None:
        if front.draining:
            return
        logger.info("draining", seconds=settings.drain_seconds)
        front.draining = True
        for work in beside:
            work.stop()

    with _metrics_written(), drained(settings.drain_seconds, drain):
        for work in beside:
            work.start()
        logger.info("service started", version=settings.version)
        try:
            yield front
        finally:
            drain()
            await asyncio.to_thread(_finish, parts, workers, beside)


def _beside(settings: ServiceSettings, environment: RuntimeEnvironment, parts: Parts) -> list[Repeating]:
    """Each task relays the outbox: relays at the same time take different events."""
    work = [Repeating("relay", lambda: parts.tasks.perform({"task": "relay-outbox"}), pause=RELAY_SECONDS)]
    if settings.queue_url:
        queue = PaymentQueue(client=queue_client(environment.region), url=settings.queue_url, service=parts.service)
        work.append(Repeating("queue", queue.poll, pause=0))
    return work


def _authorizer(settings: ServiceSettings, environment: RuntimeEnvironment) -> Authorizer:
    if settings.jwt_issuer and settings.jwt_audience:
        return Tokens(issuer=settings.jwt_issuer, audience=settings.jwt_audience)
    assert settings.api_key_secret_arn
    return SharedKey(
        client=clients.secretsmanager(environment.region),
        secret_arn=settings.api_key_secret_arn,
        max_age=environment.parameters_max_age,
    )


@contextmanager
def _metrics_written() -> Iterator[None]:
    """Metrics are written each second, and for the last time when all else has ended."""
    take_back = share_metrics()
    writing = Repeating("metrics", publish_metrics, pause=METRICS_SECONDS)
    writing.start()
    try:
        yield
    finally:
        writing.stop()
        writing.join(METRICS_SECONDS)
        publish_metrics()
        take_back()


def _finish(parts: Parts, workers: Workers, beside: list[Repeating]) -> None:
    """What is not done in time is done by another task: the relay's work, and messages that come again."""
    workers.close()
    ends = time.monotonic() + BACKGROUND_SECONDS
    late = [work for work in beside if not work.join(max(ends - time.monotonic(), 0))]
    parts.service.after_answer.begin()
    done = parts.service.after_answer.wait(AFTER_ANSWER_SECONDS)
    parts.database.close()
    logger.info("service ended", all_done=done and not late)
