"""What EventBridge Scheduler refuses and moto accepts."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import refuses
from local_aws.schedules.expression import ScheduleExpressionError, read_expression
from local_aws.schedules.target import SERVICE, group_arn


@refuses("scheduler", "CreateSchedule", "UpdateSchedule")
def expressions_that_say_no_time(call: Call) -> None:
    """The expression must be one that the local AWS can run."""
    given = call.params
    try:
        read_expression(given["ScheduleExpression"], given.get("ScheduleExpressionTimezone") or "UTC")
    except ScheduleExpressionError as error:
        raise AwsError("ValidationException", str(error)) from None


@refuses("scheduler", "CreateSchedule", "UpdateSchedule")
def roles_that_scheduler_cannot_assume(call: Call) -> None:
    """The role must exist and trust the service."""
    role = call.params["Target"]["RoleArn"]
    if not role_trusts(role, SERVICE, group_arn(_arn(call))):
        text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise AwsError("ValidationException", text)


def _arn(call: Call) -> str:
    return call.arn(f"schedule/{call.params.get('GroupName') or 'default'}/{call.params['Name']}")
