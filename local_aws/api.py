"""Answers AWS calls: refusals first, then an operation of ours, else moto with the repairs around it."""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import run_wsgi_app

from local_aws.calls import Answer, Call, read_call
from local_aws.constraints import check
from local_aws.errors import FAULT, NOT_IMPLEMENTED, AwsError
from local_aws.moto_dispatch import answer_directly
from local_aws.registry import OPERATIONS, REFUSALS, REPAIRS, Output, Plain, Repair
from local_aws.retried_calls import AnsweredCalls
from local_aws.turn import TURN

log = logging.getLogger(__name__)

WAITING_OPERATIONS = frozenset(
    {"DeleteRecoveryPoint", "GetHealthCheckStatus", "Invoke", "PutEvents", "ReceiveMessage", "StartSyncExecution"}
)
"""Operations that wait for something else, often another call: they run outside the lock."""


class RefusedByMotoError(Exception):
    """moto answered a call with an error, which goes to the client as it is."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Api:
    """WSGI application for AWS calls, over moto's: one at a time, but for those that wait for another."""

    def __init__(self, moto: WSGIApplication) -> None:
        self.moto = moto
        self.answered = AnsweredCalls()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call = read_call(environ)
        if call is None:
            return self.moto(environ, start_response)
        try:
            answer = self.answered.again(call) or self._answer(call, environ)
            self.answered.keep(call, answer)
        except ServiceException as error:
            answer = call.answer(error)
        except RefusedByMotoError as refusal:
            answer = refusal.answer
        except HTTPException as error:
            answer = Answer(error.code or 400, dict(error.get_headers()), error.get_body().encode())
        except NotImplementedError:
            answer = call.answer(_not_implemented(call))
            log.warning("%s is not implemented", _name(call))
        except Exception as error:
            log.exception("%s:%s failed", call.service.service_name, call.operation)
            answer = call.answer(_fault(call, f"{type(error).__name__}: {error}"))
        if answer.status >= 400:
            log.info("%s:%s %s %s", call.service.service_name, call.operation, answer.status, answer.body[:500])
        headers = answer.headers
        if call.request.method != "HEAD":
            headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
            headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} {HTTP_STATUS_CODES.get(answer.status, 'Unknown')}", list(headers.items()))
        return [answer.body]

    def _answer(self, call: Call, environ: WSGIEnvironment) -> Answer:
        key = (str(call.service.service_name), call.operation)
        turn: AbstractContextManager[object] = nullcontext() if call.operation in WAITING_OPERATIONS else TURN
        with turn:
            check(call)
            for refuse in REFUSALS.get(key, []):
                refuse(call)
            if key in OPERATIONS:
                answer = OPERATIONS[key](call)
                return answer if isinstance(answer, Answer) else call.answer(answer or {})
            if key not in REPAIRS:
                return self._moto(call, environ)
            return call.answer(reduce(_around(call), REPAIRS[key], lambda: self._output(call, environ))())

    def _output(self, call: Call, environ: WSGIEnvironment) -> Output:
        answer = self._moto(call, environ)
        if answer.status >= 300:
            raise RefusedByMotoError(answer)
        return call.read(answer)

    def _moto(self, call: Call, environ: WSGIEnvironment) -> Answer:
        """moto's own answer; what it does not have, and its server errors, become a definite error."""
        answer = answer_directly(call)
        if answer is None:
            body, status, headers = run_wsgi_app(self.moto, environ, buffered=True)
            answer = Answer(int(status.split()[0]), dict(headers.items()), b"".join(body))
        page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status in (404, 405) and (not call.operation or (page and answer.body.startswith(b"<!doctype"))):
            raise _not_implemented(call)
        if answer.status >= 500:
            raise _fault(call, answer.body.decode(errors="replace")[:500])
        return answer


def _around(call: Call) -> Callable[[Plain, Repair], Plain]:
    def wrap(plain: Plain, repair: Repair) -> Plain:
        return lambda: repair(call, plain)

    return wrap


def _name(call: Call) -> str:
    return f"{call.service.service_name}:{call.operation or f'{call.request.method} {call.request.path}'}"


def _not_implemented(call: Call) -> AwsError:
    return AwsError(NOT_IMPLEMENTED, f"The local AWS does not have {_name(call)}. Add it in local_aws/operations.")


def _fault(call: Call, what: str) -> AwsError:
    return AwsError(FAULT, f"The local AWS failed in {_name(call)}: {what}. Its log has the details.")
