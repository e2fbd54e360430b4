"""Repairs of AWS Backup."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.operations.backup import selections
from local_aws.registry import Output, Plain, refuses, repairs


@repairs("backup", "ListTags")
def list_tags_of_any_path(call: Call, plain: Plain) -> Output:  # noqa: ARG001
    """moto finds tags only if the path ends in a slash, which not every client writes."""
    return {"Tags": call.backend().list_tags(call.params["ResourceArn"])}


@repairs("backup", "CreateBackupPlan")
def forget_deleted_plans(call: Call, plain: Plain) -> Output:
    """moto keeps the name of a deleted plan taken."""
    plans, name = call.backend().plans, call.params["BackupPlan"]["BackupPlanName"]
    for identity, plan in list(plans.items()):
        if plan.deletion_date and plan.backup_plan["BackupPlanName"] == name:
            del plans[identity]
    return plain()


@refuses("backup", "DeleteBackupPlan")
def plan_with_selections(call: Call) -> None:
    """A plan goes after its selections."""
    plan = call.backend().plans.get(call.params["BackupPlanId"])
    if plan and selections(plan):
        raise AwsError(
            "InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion."
        )
