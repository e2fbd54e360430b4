"""AWS Backup: what moto lacks of selections, vault policies, notifications, updates of plans, a Region's settings."""

from typing import Any
from uuid import uuid4

from moto.backup.models import Plan
from moto.core.utils import unix_time

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation


def _plan(call: Call) -> Any:
    plan = call.backend().plans.get(call.params["BackupPlanId"])
    if plan is None or plan.deletion_date:
        raise AwsError("ResourceNotFoundException", f"Cannot find Backup plan with ID {call.params['BackupPlanId']}")
    return plan


def _vault(call: Call) -> Any:
    vault = call.backend().vaults.get(call.params["BackupVaultName"])
    if vault is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {call.params['BackupVaultName']} cannot be found")
    return vault


def selections(plan: Any) -> dict[str, Output]:
    """The selections of a plan, by id. They live with moto's plan."""
    found: dict[str, Output] = vars(plan).setdefault("selections", {})
    return found


@operation("backup", "UpdateBackupPlan")
def update_backup_plan(call: Call) -> Output:
    """Replaces the plan's document and gives it a new version."""
    plan = _plan(call)
    updated = Plan(call.params["BackupPlan"], plan.creator_request_id, call.backend())
    for name in ("backup_plan", "version_id", "advanced_backup_settings"):
        setattr(plan, name, getattr(updated, name))
    output: Output = plan.to_dict()
    return output


@operation("backup", "CreateBackupSelection")
def create_backup_selection(call: Call) -> Output:
    """Adds a selection to a plan. Its name is unique there."""
    plan, selection = _plan(call), call.params["BackupSelection"]
    if any(
        other["BackupSelection"]["SelectionName"] == selection["SelectionName"] for other in selections(plan).values()
    ):
        raise AwsError("AlreadyExistsException", f"Backup selection {selection['SelectionName']} already exists.")
    identity = {"BackupPlanId": plan.backup_plan_id, "SelectionId": str(uuid4()), "CreationDate": unix_time()}
    creator = {"CreatorRequestId": call.params.get("CreatorRequestId")}
    selections(plan)[str(identity["SelectionId"])] = {**identity, **creator, "BackupSelection": selection}
    return identity


@operation("backup", "GetBackupSelection")
def get_backup_selection(call: Call) -> Output:
    """A selection as it was written."""
    selection = selections(_plan(call)).get(call.params["SelectionId"])
    if selection is None:
        raise AwsError("InvalidParameterValueException", f"Cannot find Backup selection {call.params['SelectionId']}")
    return selection


@operation("backup", "DeleteBackupSelection")
def delete_backup_selection(call: Call) -> None:
    """Removes a selection."""
    get_backup_selection(call)
    del selections(_plan(call))[call.params["SelectionId"]]


@operation("backup", "ListBackupSelections")
def list_backup_selections(call: Call) -> Output:
    """The selections of a plan."""
    return {
        "BackupSelectionsList": [
            {**selection, **selection["BackupSelection"]} for selection in selections(_plan(call)).values()
        ]
    }


@operation("backup", "PutBackupVaultAccessPolicy")
def put_vault_policy(call: Call) -> None:
    """Sets the vault's policy."""
    _vault(call).access_policy = call.params["Policy"]


@operation("backup", "GetBackupVaultAccessPolicy")
def get_vault_policy(call: Call) -> Output:
    """The vault's policy; an error where it has none."""
    vault = _vault(call)
    if not getattr(vault, "access_policy", None):
        raise AwsError("ResourceNotFoundException", f"Backup vault {vault.backup_vault_name} has no access policy")
    return {
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "Policy": vault.access_policy,
    }


@operation("backup", "DeleteBackupVaultAccessPolicy")
def delete_vault_policy(call: Call) -> None:
    """Removes the vault's policy."""
    _vault(call).access_policy = None


@operation("backup", "PutBackupVaultNotifications")
def put_vault_notifications(call: Call) -> None:
    """Sets which events of the vault go to which topic."""
    _vault(call).notifications = {name: call.params[name] for name in ("SNSTopicArn", "BackupVaultEvents")}


@operation("backup", "GetBackupVaultNotifications")
def get_vault_notifications(call: Call) -> Output:
    """The vault's notifications; an error where it has none."""
    vault = _vault(call)
    if not getattr(vault, "notifications", None):
        raise AwsError("ResourceNotFoundException", f"Backup vault {vault.backup_vault_name} has no notifications")
    return {
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        **vault.notifications,
    }


@operation("backup", "DeleteBackupVaultNotifications")
def delete_vault_notifications(call: Call) -> None:
    """Removes the vault's notifications."""
    _vault(call).notifications = None


class _RegionSettings:
    """Types of resources that a Region backs up, and whose backups AWS Backup manages: at first, a new account's.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
    """

    def __init__(self) -> None:
        self.preferences = {
            "ResourceTypeOptInPreference": {"Aurora": True, "DynamoDB": True},
            "ResourceTypeManagementPreference": {"DynamoDB": True},
        }


def _region_settings(call: Call) -> _RegionSettings:
    held: _RegionSettings = vars(call.backend()).setdefault("region_settings", _RegionSettings())
    return held


@operation("backup", "DescribeRegionSettings")
def describe_region_settings(call: Call) -> Output:
    """The Region's preferences."""
    return {**_region_settings(call).preferences}


@operation("backup", "UpdateRegionSettings")
def update_region_settings(call: Call) -> None:
    """Changes the preferences that are named."""
    for name, preferences in _region_settings(call).preferences.items():
        preferences.update(call.params.get(name) or {})
