"""What Lambda refuses and moto accepts."""

import re
from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_allows
from local_aws.references import key_of, missing_groups, missing_subnets, queue_or_topic_exists, role_exists
from local_aws.registry import refuses

NAME = re.compile(r"(arn:aws[\w-]*:lambda:.*:function:|[0-9]{12}:function:)?[a-zA-Z0-9_-]{1,64}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


@refuses("lambda", "CreateFunction")
def names_over_64_characters(call: Call) -> None:
    """The model's limit of 140 characters is that of an ARN."""
    name = call.params["FunctionName"]
    if not NAME.fullmatch(name):
        constraint = "Member must have length less than or equal to 64 and satisfy [a-zA-Z0-9-_]+"
        text = (
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: {constraint}"
        )
        raise AwsError("ValidationException", text)


@refuses("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def missing_references(call: Call) -> None:
    """Role, key, subnets and security groups must exist. moto checks the role at creation."""
    given = call.params
    role, key = given.get("Role"), given.get("KMSKeyArn")
    if role and not role_exists(call, role):
        raise _invalid("The role defined for the function cannot be assumed by Lambda.")
    if key and key_of(call, key) is None:
        raise _invalid(f"KMS key {key} cannot be found or is not enabled.")
    vpc = given.get("VpcConfig") or {}
    for subnet in missing_subnets(call, vpc.get("SubnetIds") or []):
        raise _invalid(f"EC2 Error Code: InvalidSubnetID.NotFound. The subnet ID '{subnet}' does not exist")
    for group in missing_groups(call, vpc.get("SecurityGroupIds") or []):
        raise _invalid(f"EC2 Error Code: InvalidGroup.NotFound. The security group '{group}' does not exist")
    if call.operation == "CreateFunction" and bool(vpc.get("SubnetIds")) != bool(vpc.get("SecurityGroupIds")):
        raise _invalid("SubnetIds and SecurityIds must coexist or be both empty list.")


@refuses("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def missing_permissions(call: Call) -> None:
    """The role must be allowed what Lambda does with it: network interfaces, dead letters.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html,
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    role = call.params.get("Role") or _current_role(call)
    if (call.params.get("VpcConfig") or {}).get("SubnetIds"):
        interface = f"arn:aws:ec2:{call.region}:{call.account_id}:network-interface/*"
        if not role_allows(role, "ec2:CreateNetworkInterface", interface):
            text = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
            raise _invalid(text)
    target = (call.params.get("DeadLetterConfig") or {}).get("TargetArn")
    if target:
        service, action = ("SQS", "SendMessage") if ":sqs:" in target else ("SNS", "Publish")
        if not queue_or_topic_exists(call, target):
            raise _invalid(f"The target {target} of the dead-letter configuration does not exist.")
        if not role_allows(role, f"{service.lower()}:{action}", target):
            raise _invalid(f"The provided execution role does not have permissions to call {action} on {service}")


def _current_role(call: Call) -> Any:
    return call.backend().get_function(call.params["FunctionName"]).role
