"""What Step Functions refuses and moto accepts."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import refuses

SERVICE = "states.amazonaws.com"


@refuses("stepfunctions", "CreateStateMachine", "UpdateStateMachine")
def roles_that_step_functions_cannot_assume(call: Call) -> None:
    """The role must exist and trust the service."""
    role = call.params.get("roleArn")
    name = call.params.get("name") or str(call.params.get("stateMachineArn")).rpartition(":")[2]
    if role and not role_trusts(role, SERVICE, call.arn(f"stateMachine:{name}")):
        who = f"Neither the global service principal {SERVICE}, nor the regional one"
        raise AwsError("AccessDeniedException", f"{who} is authorized to assume the provided role.")
