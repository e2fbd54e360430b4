"""The validation of a restore that AWS Backup tests, as an Amazon States Language document.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html
"""

from __future__ import annotations

from lib.recovery.restore_test_cluster import Instance, cluster_states, removal_states
from lib.recovery.restore_test_states import AwsCalls, Notices, failed, result
from lib.recovery.states import is_text
from lib.workflow.states import State, call

TEST_NAME = "awsbackup-restore-test-"
"""How the names begin of all that a test restores.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
"""

CHECK = {"task": "check-ledger", "endpoint.$": "$.cluster.endpoint", "strict": True}
NEEDED = "restoreJobId", "resourceType", "status"


def restore_test_definition(
    *, partition: str, function_arn: str, topic_arn: str, place: str, instance: Instance
) -> State:
    """Return the state machine: its input is the detail of the event "Restore Job State Change" of a test.

    A restored cluster gets an instance for the check, and loses it before the result is told, upon which AWS Backup
    removes the cluster. `place` says in notices which environment it is.
    """
    aws = AwsCalls(partition)
    told = Notices(partition, topic_arn, place)
    return {
        "Comment": "A backup was restored to be tested: what it holds is checked, and the result is told to AWS Backup",
        "StartAt": "Restored",
        "States": {
            "Restored": {
                "Type": "Choice",
                "Choices": [
                    {"Not": {"And": [is_text(f"$.{name}") for name in NEEDED]}, "Next": "InputRefused"},
                    {"Not": {"Variable": "$.status", "StringEquals": "COMPLETED"}, "Next": "NotRestored"},
                    {"Variable": "$.resourceType", "StringEquals": "Aurora", "Next": "NameCluster"},
                    {"Variable": "$.resourceType", "StringEquals": "DynamoDB", "Next": "NameTable"},
                ],
                "Default": "InputRefused",
            },
            "NotRestored": failed(
                "RestoreJobFailed", "AWS Backup says why: aws backup describe-restore-job", next_="TellFailure"
            ),
            "InputRefused": {
                "Type": "Fail",
                "Error": "InputRefused",
                "Cause": 'The input is the detail of an event "Restore Job State Change" of Aurora or DynamoDB',
            },
            **cluster_states(aws, call(partition, function_arn, CHECK), instance),
            **removal_states(aws, told),
            **_table(aws),
            **_conclusion(aws, told),
        },
    }


def _table(aws: AwsCalls) -> dict[str, State]:
    """A restored table: it can be read, and has items if its backup was not empty."""
    name = {"TableName.$": "$.names.table"}
    return {
        "NameTable": {
            "Type": "Pass",
            "Parameters": {"table.$": "States.ArrayGetItem(States.StringSplit($.createdResourceArn, '/'), 1)"},
            "ResultPath": "$.names",
            "Next": "SeeTable",
        },
        "SeeTable": aws.call(
            "dynamodb:describeTable",
            name,
            next_="ReadTable",
            on_failure="TableFails",
            keep={"table": {"status.$": "$.Table.TableStatus"}},
        ),
        "ReadTable": aws.call(
            "dynamodb:scan",
            {**name, "Limit": 1, "Select": "COUNT"},
            next_="TableIsWhole",
            on_failure="TableFails",
            keep={"items": {"count.$": "$.Count"}},
        ),
        "TableIsWhole": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.table.status", "StringEquals": "ACTIVE"},
                        {
                            "Or": [
                                {"Variable": "$.items.count", "NumericGreaterThan": 0},
                                is_text("$.backupSizeInBytes", "0"),
                            ]
                        },
                    ],
                    "Next": "TableSucceeds",
                }
            ],
            "Default": "NoItems",
        },
        "NoItems": failed("TableNotWhole", "The restored table is not active, or lacks its items", next_="TableFails"),
        "TableSucceeds": result("SUCCESSFUL", "The table {} can be read", "$.names.table", next_="PutResult"),
        "TableFails": result(
            "FAILED", "{}: see the execution {}", "$.failure.Error, $$.Execution.Name", next_="PutResult"
        ),
    }


def _conclusion(aws: AwsCalls, told: Notices) -> dict[str, State]:
    """AWS Backup learns the result and removes what it restored; people learn of a failure."""
    told_result = {
        "RestoreJobId.$": "$.restoreJobId",
        "ValidationStatus.$": "$.result.status",
        "ValidationStatusMessage.$": "$.result.message",
    }
    text = "The restore job {} of {} does not pass: {}. {} Execution: {}"
    fields = ("$.restoreJobId", "$.resourceType", "$.failure.Error", "$.failure.Cause", "$$.Execution.Id")
    return {
        "PutResult": aws.call(
            "backup:putRestoreValidationResult", told_result, next_="Passed", on_failure="TellFailure"
        ),
        "Passed": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.result.status", "StringEquals": "SUCCESSFUL", "Next": "Validated"}],
            "Default": "TellFailure",
        },
        "Validated": {"Type": "Succeed"},
        "TellFailure": told.tell("failed", text, *fields, next_="Failed"),
        "Failed": {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
    }
