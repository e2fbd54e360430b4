"""The application that an ASGI server runs, and how the container runs it."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from payments.observability import logger

from .front import Front
from .running import running
from .settings import ServiceSettings

# Longer than the load balancer's idle timeout of 60 s, so that it never uses a connection that is being closed.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
KEEP_ALIVE_SECONDS = 65
# What the payment library tries for the longest.
REQUEST_SECONDS = 13


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Front]]:
    async with running() as front:
        yield {"front": front}


async def _respond(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["state"]["front"](scope, receive, send)


app = Starlette(routes=[Mount("/", app=_respond)], lifespan=_lifespan)


def main() -> None:
    """Serves until a signal ends it. Raises `EnvironmentVariableError`."""
    settings = ServiceSettings.from_variables(os.environ)
    copy_config_to_registered_loggers(source_logger=logger, include={"uvicorn.error"})
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )
