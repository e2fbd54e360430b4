"""References of alarms, backups and events that AWS checks and moto does not."""

import re

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import queue_or_topic_exists, role_exists
from local_aws.registry import refuses

STATE_OF_ALARM = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?([^)\"']+?)[\"']?\s*\)")


@refuses("cloudwatch", "PutCompositeAlarm")
def alarms_that_do_not_exist(call: Call) -> None:
    """Alarms named in a composite alarm's rule must exist."""
    alarms = call.backend().alarms
    for name in STATE_OF_ALARM.findall(call.params["AlarmRule"]):
        if name.rpartition(":alarm:")[2] not in alarms:
            raise AwsError("ValidationError", f"AlarmRule refers to an alarm that does not exist: {name}")


@refuses("backup", "CreateBackupSelection")
def missing_role_of_selection(call: Call) -> None:
    """The selection's role must exist."""
    arn = call.params["BackupSelection"]["IamRoleArn"]
    if not role_exists(call, arn):
        raise AwsError("InvalidParameterValueException", f"Invalid role ARN: {arn}")


@refuses("backup", "PutBackupVaultNotifications")
def missing_topic_of_vault(call: Call) -> None:
    """The topic must exist."""
    arn = call.params["SNSTopicArn"]
    if not queue_or_topic_exists(call, arn):
        raise AwsError("InvalidParameterValueException", f"SNS topic {arn} does not exist")


@refuses("backup", "CreateBackupPlan", "UpdateBackupPlan")
def missing_vault_of_plan(call: Call) -> None:
    """The vaults that a plan's rules write to must exist."""
    for rule in call.params["BackupPlan"]["Rules"]:
        if rule["TargetBackupVaultName"] not in call.backend().vaults:
            text = f"Backup vault {rule['TargetBackupVaultName']} does not exist"
            raise AwsError("InvalidParameterValueException", text)
