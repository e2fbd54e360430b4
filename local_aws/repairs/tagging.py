"""Tags of what is gone: moto keeps them, and gives them to what is made anew with the same name."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, refuses, repairs

DELETIONS: dict[tuple[str, str], Callable[[Call], Iterable[str]]] = {
    ("backup", "DeleteBackupVault"): lambda call: [call.arn(f"backup-vault:{call.params['BackupVaultName']}")],
    ("cloudwatch", "DeleteAlarms"): lambda call: [
        f"arn:aws:cloudwatch:{call.region}:{call.account_id}:alarm:{name}" for name in call.params["AlarmNames"]
    ],
    ("cloudtrail", "DeleteTrail"): lambda call: [call.arn(f"trail/{call.params['Name'].rpartition('/')[2]}")],
    ("logs", "DeleteLogGroup"): lambda call: [call.arn(f"log-group:{call.params['logGroupName']}")],
    ("s3", "DeleteBucket"): lambda call: [f"arn:aws:s3:::{call.params['Bucket']}"],
    ("scheduler", "DeleteScheduleGroup"): lambda call: [call.arn(f"schedule-group/{call.params['Name']}")],
    ("stepfunctions", "DeleteStateMachine"): lambda call: [call.params["stateMachineArn"]],
}
"""ARNs of what an operation deletes, where moto keeps the tags by ARN."""


def _tags(call: Call) -> dict[str, Any]:
    """Tags by ARN, as moto's backend of this service keeps them."""
    if call.service.service_name == "stepfunctions":
        held: Any = stepfunctions_parser_backends[call.account_id][call.region].tagger
    else:
        backend = call.backend()
        held = getattr(backend, "tagger", None) or backend.tagging_service
    tags: dict[str, Any] = held.tags
    return tags


def forget_tags_of_what_is_deleted(call: Call, plain: Plain) -> Output:
    """moto keeps the tags of what is deleted."""
    output = plain()
    for arn in DELETIONS[str(call.service.service_name), call.operation](call):
        _tags(call).pop(arn, None)
    return output


for service, operation in DELETIONS:
    repairs(service, operation)(forget_tags_of_what_is_deleted)


@refuses("logs", "ListTagsForResource", "TagResource", "UntagResource")
def tags_of_a_log_group_that_does_not_exist(call: Call) -> None:
    """moto answers for log groups that do not exist."""
    kind, _, name = call.params["resourceArn"].split(":", 5)[-1].partition(":")
    if kind == "log-group" and name.removesuffix(":*") not in call.backend().groups:
        raise AwsError("ResourceNotFoundException", "The specified resource does not exist.")
