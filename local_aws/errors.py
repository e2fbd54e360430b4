"""Errors that the local AWS answers with, in the shape of each service's protocol."""

from moto.core.exceptions import ServiceException

NOT_IMPLEMENTED = "LocalAwsNotImplemented"
"""Error code for what the local AWS cannot do. AWS has no such code: no client takes it for an answer of AWS."""

FAULT = "LocalAwsFault"
"""Error code for a fault inside the local AWS; its log has the traceback."""


class AwsError(ServiceException):
    """A refusal with AWS's own error code, as the service itself would give it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message)
        self.status = status
