"""Lambda's Extensions API for the extensions that a function's own process registers
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html)."""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue

from werkzeug.wrappers import Request, Response

from local_aws.functions.environment import Deployment
from local_aws.functions.invocation import Invocation

VERSION = "/2020-01-01/extension"
NAME_HEADER = "Lambda-Extension-Name"
IDENTIFIER_HEADER = "Lambda-Extension-Identifier"

MOST_EXTENSIONS = 10
"""Extensions of one function."""


@dataclass
class Extension:
    """A registered extension. It is waiting from when it asks for its next event until it gets one."""

    name: str
    invoked: bool
    waiting: bool = False
    events: "SimpleQueue[Invocation | None]" = field(default_factory=SimpleQueue)


class Extensions:
    """The internal extensions of one function process.

    `on_waiting` is called whenever one begins to wait: then it is done with the invocation before.
    """

    def __init__(self, deployment: Deployment, on_waiting: Callable[[], None]) -> None:
        self._deployment = deployment
        self._on_waiting = on_waiting
        self._turn = threading.Lock()
        self._registered: dict[str, Extension] = {}
        self._closed = False

    @property
    def any(self) -> bool:
        """True if there is one that is told of invocations."""
        return any(extension.invoked for extension in list(self._registered.values()))

    @property
    def waiting(self) -> bool:
        """True if none is at work."""
        return all(extension.waiting for extension in list(self._registered.values()))

    def close_registration(self) -> None:
        """Ends the initialization: from now on none can be registered."""
        self._closed = True

    def submit(self, invocation: Invocation) -> None:
        """Tells every extension of an invocation that begins."""
        for extension in list(self._registered.values()):
            if extension.invoked:
                extension.waiting = False
                extension.events.put(invocation)

    def end(self) -> None:
        """Lets go of all that wait."""
        for extension in list(self._registered.values()):
            extension.events.put(None)

    def answer(self, request: Request) -> Response | None:
        """The answer to a request to this API, or None where it is for another one."""
        match request.method, request.path.removeprefix(VERSION):
            case "POST", "/register":
                return self._register(request)
            case "GET", "/event/next":
                return self._next(request)
        return None

    def _register(self, request: Request) -> Response:
        name = request.headers.get(NAME_HEADER, "")
        try:
            events = json.loads(request.get_data() or b"{}").get("events", [])
        except (ValueError, AttributeError):
            return _refusal(400, "InvalidRequestFormat", "The body is not a JSON object.")
        with self._turn:
            if not name:
                return _refusal(403, "Extension.InvalidExtensionName", f"The header {NAME_HEADER} is missing.")
            if self._closed:
                return _refusal(403, "Extension.RegistrationClosed", "The runtime has begun to ask for events.")
            if unknown := [event for event in events if event != "INVOKE"]:
                return _refusal(
                    403,
                    "Extension.InvalidEventType",
                    f"An internal extension gets INVOKE, not {unknown[0]}.",
                )
            if len(self._registered) >= MOST_EXTENSIONS:
                return _refusal(403, "Extension.TooManyExtensions", f"The limit is {MOST_EXTENSIONS} extensions.")
            identifier = str(uuid.uuid4())
            self._registered[identifier] = Extension(name, "INVOKE" in events)
        function = self._deployment
        answer = {"functionName": function.name, "functionVersion": function.version, "handler": function.handler}
        return Response(json.dumps(answer), headers={IDENTIFIER_HEADER: identifier}, mimetype="application/json")

    def _next(self, request: Request) -> Response:
        identifier = request.headers.get(IDENTIFIER_HEADER)
        if not identifier:
            return _refusal(403, "Extension.MissingExtensionIdentifier", f"The header {IDENTIFIER_HEADER} is missing.")
        extension = self._registered.get(identifier)
        if extension is None:
            return _refusal(403, "Extension.UnknownExtensionIdentifier", f"No extension is registered as {identifier}.")
        extension.waiting = True
        self._on_waiting()
        invocation = extension.events.get()
        if invocation is None:
            return Response(status=410)
        event = {
            "eventType": "INVOKE",
            "deadlineMs": invocation.deadline_ms,
            "requestId": invocation.request_id,
            "invokedFunctionArn": invocation.function_arn,
            "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace_id},
        }
        headers = {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())}
        return Response(json.dumps(event), headers=headers, mimetype="application/json")


def _refusal(status: int, error_type: str, message: str) -> Response:
    body = json.dumps({"errorType": error_type, "errorMessage": message})
    return Response(body, status, mimetype="application/json")
