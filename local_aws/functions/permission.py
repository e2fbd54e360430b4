"""Whether a function's resource policy lets others invoke it."""

from local_aws.functions.deployed import Target
from local_aws.functions.policy import Access, allows, service_access

INVOKE = "lambda:InvokeFunction"
INVOKE_URL = "lambda:InvokeFunctionUrl"


def service_may_invoke(target: Target, service: str, source_arn: str) -> bool:
    """True if the policy of what the target names, alias included, grants it to the service for this source."""
    return _granted(target, service_access(INVOKE, target.arn, service, source_arn, target.account))


def everyone_may_call_url(target: Target) -> bool:
    """True if the policy opens the function's URL to everyone."""
    return _granted(target, Access(INVOKE_URL, target.arn))


def _granted(target: Target, access: Access) -> bool:
    statements = target.function().policy.statements
    return allows(statements, access, resource_policy=True)
