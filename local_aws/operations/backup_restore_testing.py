"""AWS Backup: plans that test restores, and their selections.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
"""

import re
from uuid import uuid4

from moto.core.utils import unix_time

from local_aws.backups.jobs import KINDS
from local_aws.backups.tests_of_restores import ANY, DEFAULT_WINDOW_DAYS, TestingPlan, testing_plans
from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import Output, operation
from local_aws.schedules.expression import ScheduleExpressionError, read_expression

NAME = re.compile(r"[a-zA-Z0-9_]{1,50}")
SERVICE = "backup.amazonaws.com"
START_WINDOW_HOURS = 24
LONGEST_HOURS = 168
DEFAULTS = {"SelectionWindowDays": DEFAULT_WINDOW_DAYS, "ExcludeVaults": []}
"""Of which recovery points, where a plan does not say."""


@operation("backup", "CreateRestoreTestingPlan")
def create_plan(call: Call) -> Output:
    """A plan, which selects nothing yet."""
    given, plans = call.params["RestoreTestingPlan"], testing_plans(call.backend())
    name = given["RestoreTestingPlanName"]
    _check_name(name)
    if name in plans:
        raise AwsError("AlreadyExistsException", f"Restore testing plan {name} already exists.")
    plan = TestingPlan(
        {
            "ScheduleExpressionTimezone": "Etc/UTC",
            "StartWindowHours": START_WINDOW_HOURS,
            **given,
            "RecoveryPointSelection": {**DEFAULTS, **given["RecoveryPointSelection"]},
            "RestoreTestingPlanArn": call.arn(f"restore-testing-plan:{name}-{uuid4()}"),
            "CreationTime": unix_time(),
            "LastUpdateTime": unix_time(),
            "CreatorRequestId": call.params.get("CreatorRequestId"),
        }
    )
    _check_plan(plan.described)
    plans[name] = plan
    call.backend().tagger.tags[plan.arn] = dict(call.params.get("Tags") or {})
    return _told(plan, "CreationTime")


@operation("backup", "GetRestoreTestingPlan")
def get_plan(call: Call) -> Output:
    """A plan."""
    return {"RestoreTestingPlan": _plan(call).described}


@operation("backup", "UpdateRestoreTestingPlan")
def update_plan(call: Call) -> Output:
    """Changes what is given of a plan."""
    plan, given = _plan(call), call.params["RestoreTestingPlan"]
    selection = {**plan.described["RecoveryPointSelection"], **(given.get("RecoveryPointSelection") or {})}
    changed = {**plan.described, **given, "RecoveryPointSelection": selection, "LastUpdateTime": unix_time()}
    _check_plan(changed)
    plan.described = changed
    return {**_told(plan, "CreationTime"), "UpdateTime": changed["LastUpdateTime"]}


@operation("backup", "DeleteRestoreTestingPlan")
def delete_plan(call: Call) -> None:
    """Removes a plan, which goes after its selections."""
    plan = _plan(call)
    if plan.selections:
        text = "Related restore testing selections must be deleted prior to restore testing plan deletion."
        raise AwsError("InvalidRequestException", text)
    del testing_plans(call.backend())[call.params["RestoreTestingPlanName"]]
    call.backend().tagger.tags.pop(plan.arn, None)


@operation("backup", "ListRestoreTestingPlans")
def list_plans(call: Call) -> Output:
    """All plans, in one page."""
    return {"RestoreTestingPlans": [plan.described for plan in testing_plans(call.backend()).values()]}


@operation("backup", "CreateRestoreTestingSelection")
def create_selection(call: Call) -> Output:
    """Resources of one type, by ARN or by tags."""
    plan, given = _plan(call), call.params["RestoreTestingSelection"]
    name = given["RestoreTestingSelectionName"]
    _check_name(name)
    if name in plan.selections:
        raise AwsError("AlreadyExistsException", f"Restore testing selection {name} already exists.")
    if given["ProtectedResourceType"] not in KINDS:
        raise _invalid(f"The local AWS restores {', '.join(KINDS)} only, not {given['ProtectedResourceType']}.")
    selection = {
        "ValidationWindowHours": 0,
        **given,
        "RestoreTestingPlanName": call.params["RestoreTestingPlanName"],
        "CreationTime": unix_time(),
        "CreatorRequestId": call.params.get("CreatorRequestId"),
    }
    _check_selection(selection)
    plan.selections[name] = selection
    return {**_told(plan, "CreationTime"), "RestoreTestingSelectionName": name}


@operation("backup", "GetRestoreTestingSelection")
def get_selection(call: Call) -> Output:
    """A selection."""
    return {"RestoreTestingSelection": _selection(call)}


@operation("backup", "UpdateRestoreTestingSelection")
def update_selection(call: Call) -> Output:
    """Changes what is given of a selection."""
    plan, changed = _plan(call), {**_selection(call), **call.params["RestoreTestingSelection"]}
    _check_selection(changed)
    name = call.params["RestoreTestingSelectionName"]
    plan.selections[name] = changed
    return {**_told(plan, "CreationTime"), "RestoreTestingSelectionName": name, "UpdateTime": unix_time()}


@operation("backup", "DeleteRestoreTestingSelection")
def delete_selection(call: Call) -> None:
    """Removes a selection."""
    _selection(call)
    del _plan(call).selections[call.params["RestoreTestingSelectionName"]]


@operation("backup", "ListRestoreTestingSelections")
def list_selections(call: Call) -> Output:
    """All selections of a plan, in one page."""
    return {"RestoreTestingSelections": list(_plan(call).selections.values())}


def _plan(call: Call) -> TestingPlan:
    name = call.params["RestoreTestingPlanName"]
    plan = testing_plans(call.backend()).get(name)
    if plan is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find restore testing plan {name}")
    return plan


def _selection(call: Call) -> Output:
    name = call.params["RestoreTestingSelectionName"]
    selection = _plan(call).selections.get(name)
    if selection is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find restore testing selection {name}")
    return selection


def _told(plan: TestingPlan, *names: str) -> Output:
    return {name: plan.described[name] for name in ("RestoreTestingPlanArn", "RestoreTestingPlanName", *names)}


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise _invalid(f"The name must consist of 1 to 50 alphanumeric characters and underscores, and is {name}")


def _check_plan(described: Output) -> None:
    try:
        read_expression(described["ScheduleExpression"], described["ScheduleExpressionTimezone"])
    except ScheduleExpressionError as error:
        raise _invalid(str(error)) from None
    wanted = described["RecoveryPointSelection"]
    for name in ("Algorithm", "IncludeVaults", "RecoveryPointTypes"):
        if not wanted.get(name):
            raise _invalid(f"{name} must be given in RecoveryPointSelection")
    if not 1 <= described["StartWindowHours"] <= LONGEST_HOURS:
        raise _invalid(f"StartWindowHours must be between 1 and {LONGEST_HOURS}")
    if not 1 <= wanted["SelectionWindowDays"] <= 365:
        raise _invalid("SelectionWindowDays must be between 1 and 365")


def _check_selection(selection: Output) -> None:
    arns, conditions = selection.get("ProtectedResourceArns") or [], selection.get("ProtectedResourceConditions") or {}
    if any(conditions.values()) and arns and ANY not in arns:
        raise _invalid("A selection has ARNs or conditions, and not both.")
    if not arns and not any(conditions.values()):
        raise _invalid("A selection must have ARNs or conditions.")
    if not 0 <= selection["ValidationWindowHours"] <= LONGEST_HOURS:
        raise _invalid(f"ValidationWindowHours must be between 0 and {LONGEST_HOURS}")
    if not role_trusts(selection["IamRoleArn"], SERVICE):
        raise _invalid(f"IAM Role {selection['IamRoleArn']} cannot be assumed by AWS Backup")


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterValueException", text)
