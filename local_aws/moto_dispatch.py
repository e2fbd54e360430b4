"""Hands calls of JSON services to moto's handlers without the web application around them, which takes long.

What moto looks up again for each call is kept: it reads its own folder, all host patterns and all methods every time.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import moto.backends
import moto.core.responses
from moto.core.utils import method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.exceptions import HTTPException

from local_aws.calls import Answer, Call
from local_aws.registry import installs, patch

DIRECT_SERVICES = frozenset({"dynamodb", "events", "secretsmanager", "sqs", "ssm", "stepfunctions"})
"""Services that take all JSON calls at the path `/`."""

DEFAULT_HEADERS = {"Content-Type": "text/html; charset=utf-8"}
"""What the web application adds where the handler names no type."""

Handler = Callable[..., Any]


def answer_directly(call: Call) -> Answer | None:
    """The answer of moto's handler; None where the call must go through the web application."""
    service = str(call.service.service_name)
    if service not in DIRECT_SERVICES or call.protocol != "json" or call.request.path != "/" or not call.operation:
        return None
    request = call.request
    request.from_wsgi_server = True
    try:
        result = _handler(service)(request, request.raw_url, dict(request.headers))
    except HTTPException as error:
        return Answer(error.code or 400, dict(error.get_headers()), str(error.get_body()).encode())
    status, headers, content = result if len(result) == 3 else (200, {}, result)
    given = {str(name): str(value) for name, value in headers.items()}
    typed = any(name.lower() == "content-type" for name in given)
    body = content.encode() if isinstance(content, str) else bytes(content or b"")
    return Answer(int(status), given if typed else {**DEFAULT_HEADERS, **given}, body)


@cache
def _handler(service: str) -> Handler:
    """moto's handler for the path `/` of a service."""
    backends: Any = moto.backends.get_backend(service)  # type: ignore[call-overload]
    module = __import__(f"{backends.backend.__module__.removesuffix('.models')}.urls", fromlist=["url_paths"])
    paths = {path.removeprefix("{0}").removesuffix("$"): handler for path, handler in module.url_paths.items()}
    found: Handler = paths["/"]
    return found


@installs
def remember_lookups() -> None:
    """Keeps what does not change while the server runs."""
    modules = tuple(moto.backends.list_of_moto_modules())
    methods, backend_for_host = cache(method_names_from_class), DomainDispatcherApplication.get_backend_for_host

    @cache
    def known_backend(application: Any, host: str | None) -> Any:
        return backend_for_host(application, host)

    vars(moto.backends)["list_of_moto_modules"] = lambda: modules
    vars(moto.core.responses)["method_names_from_class"] = methods
    patch(DomainDispatcherApplication, get_backend_for_host=lambda application, host: known_backend(application, host))
