"""Answers of calls that were done, for clients that lost them on the way and send the same call again.

SDKs number the attempts of a call and give all of them one id, so that what a connection's end has swallowed is not
done twice: a deletion would then be answered "not found" and a creation "already exists".
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from collections import OrderedDict
from threading import Lock

from local_aws.calls import Answer, Call

KEPT = 256
"""Answers at a time. A client sends a call again within a second or so."""

FIRST = "attempt=1"


class AnsweredCalls:
    """The last answers, by the id that the client gave the call. Only what was done is kept, not refusals."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._turn = Lock()

    def again(self, call: Call) -> Answer | None:
        """The answer, if this is another attempt of a call that was answered."""
        headers = call.request.headers
        attempt = headers.get("amz-sdk-request", FIRST).partition(";")[0]
        return None if attempt == FIRST else self._answers.get(headers.get("amz-sdk-invocation-id", ""))

    def keep(self, call: Call, answer: Answer) -> None:
        """Keeps the answer of a call that was done. Nothing is lost when a GET is done twice."""
        identity = call.request.headers.get("amz-sdk-invocation-id")
        if not identity or call.request.method == "GET" or answer.status >= 300:
            return
        with self._turn:
            self._answers[identity] = answer
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
