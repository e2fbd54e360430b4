"""Lambda's Runtime API for one function process (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html)."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from local_aws.functions.environment import Deployment
from local_aws.functions.extensions import Extensions
from local_aws.functions.invocation import UNHANDLED, Invocation, Result, failure

VERSION = "/2018-06-01"
RESPONSE_LIMIT = 6 * 1024 * 1024 + 100
"""Bytes of a synchronous response (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""


class _RequestHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_request(self, *_: Any) -> None:
        """Leaves requests out of the local AWS's log."""


class RuntimeApi:
    """Hands invocations to a function process, one at a time, and takes its answers.

    `initialized` resolves to None when the process and its extensions ask for their first invocation, else to why they
    never will. `failure` is why the process cannot answer any more.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.initialized: Future[Result | None] = Future()
        self.extensions = Extensions(deployment, self._advance)
        self._asked = False
        self._turn = threading.Lock()
        self._when_done: Callable[[], None] | None = None
        self._waiting: SimpleQueue[Invocation | None] = SimpleQueue()
        self._current: Invocation | None = None
        self.failure: Result | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_RequestHandler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port, as AWS_LAMBDA_RUNTIME_API holds them."""
        return f"127.0.0.1:{self._server.port}"

    def submit(self, invocation: Invocation) -> None:
        """Gives the process its next invocation; the one before has ended."""
        invocation.begin()
        self._current = invocation
        self.extensions.submit(invocation)
        self._waiting.put(invocation)
        if self.failure:
            invocation.settle(self.failure)

    def when_done(self, job: Callable[[], None]) -> None:
        """Runs the job once, when no extension is at work any more or the process has ended: at once if that is now."""
        with self._turn:
            if not (self.failure or self.extensions.waiting):
                self._when_done = job
                return
        job()

    def fail(self, result: Result) -> None:
        """Ends whatever the process has been given: it can no longer answer."""
        self.failure = self.failure or result
        self._initialize(result)
        if self._current:
            self._current.settle(result)
        self._advance()

    def close(self) -> None:
        """Stops serving, without waiting for it."""
        self._waiting.put(None)
        self.extensions.end()
        threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _initialize(self, result: Result | None) -> None:
        with suppress(InvalidStateError):
            self.initialized.set_result(result)

    def _advance(self) -> None:
        """Goes on with what waits for the extensions."""
        if self._asked and self.extensions.waiting:
            self._initialize(None)
        with self._turn:
            if not (self.failure or self.extensions.waiting):
                return
            job, self._when_done = self._when_done, None
        if job:
            job()

    def _answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        match request.method, request.path.removeprefix(VERSION).split("/")[1:]:
            case "GET", ["runtime", "invocation", "next"]:
                response = self._next()
            case "POST", ["runtime", "init", "error"]:
                self._initialize(Result(request.get_data(), UNHANDLED))
                response = Response('{"status":"OK"}', 202)
            case "POST", ["runtime", "invocation", request_id, "response" | "error" as ending]:
                response = self._settle(request_id, request.get_data(), ending)
            case _:
                missing = Response('{"errorType":"NotFound","errorMessage":"No such path"}', 404)
                response = self.extensions.answer(request) or missing
        return response(environ, start_response)

    def _next(self) -> Response:
        self._asked = True
        self.extensions.close_registration()
        self._advance()
        invocation = self._waiting.get()
        if invocation is None:
            return Response(status=410)
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        return Response(invocation.payload, headers=headers)

    def _settle(self, request_id: str, body: bytes, ending: str) -> Response:
        invocation = self._current
        if invocation is None or invocation.request_id != request_id:
            return Response('{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}', 400)
        if len(body) > RESPONSE_LIMIT:
            size = f"Response payload size ({len(body)} bytes)"
            message = f"{size} exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            invocation.settle(failure("Function.ResponseSizeTooLarge", message))
        else:
            invocation.settle(Result(body, UNHANDLED if ending == "error" else None))
        return Response('{"status":"OK"}', 202)
