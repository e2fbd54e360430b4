"""Lambda: what the account may use, and uses."""

from typing import Any

from local_aws.calls import Call
from local_aws.registry import Output, operation

CONCURRENCY = 1000
GIBIBYTE = 1024**3


@operation("lambda", "GetAccountSettings")
def get_account_settings(call: Call) -> Output:
    """The account's limits in the Region; what functions have reserved is not in the unreserved part.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
    """
    functions: list[Any] = [one["latest"] for one in call.backend()._lambdas._functions.values()]
    reserved = sum(int(function.reserved_concurrency or 0) for function in functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": 75 * GIBIBYTE,
            "CodeSizeUnzipped": 250 * 1024**2,
            "CodeSizeZipped": 50 * 1024**2,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY - reserved,
        },
        "AccountUsage": {
            "TotalCodeSize": sum(int(function.code_size or 0) for function in functions),
            "FunctionCount": len(functions),
        },
    }
