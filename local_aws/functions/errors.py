"""Refusals of AWS Lambda's Invoke (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors)."""

from moto.awslambda.exceptions import LambdaClientError


class TooManyRequestsError(LambdaClientError):
    """The function runs as often at once as its reserved concurrency allows."""

    code = 429

    def __init__(self, limit: int) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")
        self.limit = limit


class CutOffError(LambdaClientError):
    """An experiment has cut off all subnets of the function."""

    code = 503

    def __init__(self, function_name: str) -> None:
        super().__init__("ServiceException", f"All subnets of {function_name} are cut off.")


class RequestTooLargeError(LambdaClientError):
    """The payload of an invocation is larger than Lambda takes."""

    code = 413

    def __init__(self, size: int, limit: int) -> None:
        message = f"{size} byte payload is too large for the InvokeFunction operation (service limit is {limit} bytes)"
        super().__init__("RequestTooLargeException", message)


class InvalidRequestContentError(LambdaClientError):
    """The payload of an invocation is not JSON."""

    def __init__(self, reason: str) -> None:
        super().__init__("InvalidRequestContentException", f"Could not parse request body into json: {reason}")


class UnsupportedFunctionError(LambdaClientError):
    """The function is of a kind that only AWS can run."""

    def __init__(self, function_name: str, what: str) -> None:
        message = f"The local AWS runs Python functions deployed as a zip without layers; {function_name} has {what}."
        super().__init__("InvalidParameterValueException", message)
