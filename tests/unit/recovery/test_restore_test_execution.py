"""The validation of what AWS Backup restored, executed: each branch, with AWS and a function that answer as told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from lib.recovery.restore_test_cluster import LONGEST_WAITS, Instance
from lib.recovery.restore_test_definition import restore_test_definition
from local_aws.repairs.stepfunctions_sdk import name_as_the_sdk_does
from tests.unit.executions import without_pauses
from tests.unit.recovery.machine import ACCOUNT, FUNCTION, REGION, Machine

NAME = "awsbackup-restore-test-1"
CLUSTER = {
    "restoreJobId": "job-1",
    "resourceType": "Aurora",
    "status": "COMPLETED",
    "backupSizeInBytes": "0",
    "createdResourceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{NAME}",
}
TABLE = {
    **CLUSTER,
    "resourceType": "DynamoDB",
    "createdResourceArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAME}",
}
BALANCED = {"balanced": True, "payments": 7, "newest": "2026-01-01T00:00:00Z", "outbox_waiting": 2, "faults": []}
Answers = dict[str, Any]


def instance(status: str) -> Answers:
    return {"DBInstances": [{"DBInstanceStatus": status}]}


AWS: Answers = {
    "create_db_instance": {},
    "describe_db_instances": [instance("creating"), instance("available")],
    "describe_db_clusters": {"DBClusters": [{"Endpoint": "restored.local"}]},
    "delete_db_instance": {},
    "describe_table": {"Table": {"TableStatus": "ACTIVE"}},
    "scan": {"Count": 1},
    "put_restore_validation_result": {},
}


class FakeAws:
    """Answers calls of any service, each with the next of its answers, in the end with the last; a text is an error."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {name: list(given) if isinstance(given, list) else [given] for name, given in answers.items()}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            self.calls.append((name, parameters))
            answers = self._answers[name]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, str):
                metadata: Any = {"HTTPStatusCode": 400, "RequestId": "-"}
                raise ClientError({"Error": {"Code": answer, "Message": answer}, "ResponseMetadata": metadata}, name)
            return deepcopy(answer)

        return call

    @property
    def names(self) -> list[str]:
        """What was called, each once however often it was tried."""
        called = [name for name, _ in self.calls]
        return [name for name, before in zip(called, [None, *called], strict=False) if name != before]

    def last(self, name: str) -> dict[str, Any]:
        return [parameters for called, parameters in self.calls if called == name][-1]


class Restored:
    """The state machine, in an AWS that answers as told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.machine = Machine(
            monkeypatch,
            lambda topic: restore_test_definition(
                partition="aws",
                function_arn=FUNCTION,
                topic_arn=topic,
                place="payment environment dev in us-west-2",
                instance=Instance(engine="aurora-mysql", instance_class="db.r6g.large", tags={"Owner": "Ada"}),
            ),
        )
        self.aws = FakeAws({})

    def run(self, given: object, checked: Any = BALANCED, **aws: Any) -> str:
        self.aws = FakeAws({**AWS, **aws})
        self._monkeypatch.setattr(state_task_service_aws_sdk, "boto_client_for", lambda **_: self.aws)
        return self.machine.run(given, {"check-ledger": checked})

    @property
    def result(self) -> tuple[str, str]:
        """What AWS Backup was told of the job."""
        told = self.aws.last("put_restore_validation_result")
        assert told["RestoreJobId"] == "job-1"
        return told["ValidationStatus"], told["ValidationStatusMessage"]


@pytest.fixture
def tests(monkeypatch: pytest.MonkeyPatch) -> Iterator[Restored]:
    without_pauses(monkeypatch)
    name_as_the_sdk_does()
    monkeypatch.setattr(WaitFunction, "_wait_interval", lambda *_args, **_named: None)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Restored(monkeypatch)


def test_a_restored_ledger_is_checked_through_an_instance_that_goes_again(tests: Restored) -> None:
    assert tests.run(CLUSTER) == "Validated"
    assert tests.aws.names == [
        "create_db_instance",
        "describe_db_instances",
        "describe_db_clusters",
        "delete_db_instance",
        "put_restore_validation_result",
    ]
    assert tests.aws.last("create_db_instance") == {
        "DBInstanceIdentifier": NAME,
        "DBClusterIdentifier": NAME,
        "Engine": "aurora-mysql",
        "DBInstanceClass": "db.r6g.large",
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "Tags": [{"Key": "Owner", "Value": "Ada"}],
    }
    checked = tests.machine.payload("check-ledger")
    assert checked == {"task": "check-ledger", "endpoint": "restored.local", "strict": True}
    assert tests.aws.last("delete_db_instance") == {"DBInstanceIdentifier": NAME}
    assert tests.result == ("SUCCESSFUL", "The ledger is balanced: 7 payments, the newest of 2026-01-01T00:00:00Z")
    assert tests.machine.notices == []


def test_an_instance_that_is_there_already_is_used(tests: Restored) -> None:
    assert tests.run(CLUSTER, create_db_instance="DBInstanceAlreadyExists") == "Validated"
    assert tests.aws.names[-2:] == ["delete_db_instance", "put_restore_validation_result"]


@pytest.mark.parametrize(
    ("aws", "error"),
    [
        ({"create_db_instance": "AccessDenied", "describe_db_instances": "DBInstanceNotFound"}, "Rds."),
        ({"describe_db_instances": "DBInstanceNotFound"}, "Rds."),
        ({"describe_db_clusters": "DBClusterNotFound"}, "Rds."),
        ({"describe_db_instances": instance("creating")}, "InstanceNotAvailable"),
    ],
)
def test_a_cluster_that_cannot_be_asked_fails_and_loses_its_instance(
    tests: Restored, aws: dict[str, Any], error: str
) -> None:
    assert tests.run(CLUSTER, **aws).startswith(error)
    assert "delete_db_instance" in tests.aws.names
    assert tests.result[0] == "FAILED"
    (notice,) = tests.machine.notices
    assert notice[0] == "Restore test of payment environment dev in us-west-2: failed"
    assert notice[1].startswith(f"The restore job job-1 of Aurora does not pass: {error}")
    waits = [name for name, _ in tests.aws.calls].count("describe_db_instances")
    assert (waits > LONGEST_WAITS) is (error == "InstanceNotAvailable")


@pytest.mark.parametrize("error", ["LedgerUnbalancedError", "LedgerUnavailableError"])
def test_a_ledger_that_does_not_balance_or_answer_fails(tests: Restored, error: str) -> None:
    assert tests.run(CLUSTER, checked=[error]) == error
    assert tests.aws.names[-2:] == ["delete_db_instance", "put_restore_validation_result"]
    assert tests.result == ("FAILED", f"{error}: see the execution run-1")
    ((_, text),) = tests.machine.notices
    assert "as told" in text
    assert text.endswith(":run-1")


@pytest.mark.parametrize("left", [instance("deleting"), "DBInstanceNotFound"])
def test_an_instance_that_is_going_or_gone_is_not_told(tests: Restored, left: Any) -> None:
    seen = [instance("available"), left]
    assert tests.run(CLUSTER, delete_db_instance="InvalidDBInstanceState", describe_db_instances=seen) == "Validated"
    assert tests.machine.notices == []


def test_an_instance_that_stays_is_told(tests: Restored) -> None:
    assert tests.run(CLUSTER, delete_db_instance="AccessDenied") == "Validated"
    ((subject, text),) = tests.machine.notices
    assert str(subject).endswith(": left behind")
    assert text.startswith(f"The instance {NAME} could not be removed")
    assert tests.result[0] == "SUCCESSFUL"


@pytest.mark.parametrize(("count", "size"), [(1, "100"), (0, "0")])
def test_a_restored_table_has_items_unless_its_backup_was_empty(tests: Restored, count: int, size: str) -> None:
    assert tests.run({**TABLE, "backupSizeInBytes": size}, scan={"Count": count}) == "Validated"
    assert tests.aws.names == ["describe_table", "scan", "put_restore_validation_result"]
    assert tests.aws.last("scan") == {"TableName": NAME, "Limit": 1, "Select": "COUNT"}
    assert tests.result == ("SUCCESSFUL", f"The table {NAME} can be read")


@pytest.mark.parametrize(
    ("aws", "error"),
    [
        ({"scan": {"Count": 0}}, "TableNotWhole"),
        ({"describe_table": {"Table": {"TableStatus": "CREATING"}}}, "TableNotWhole"),
        ({"describe_table": "ResourceNotFoundException"}, "DynamoDb."),
        ({"scan": "AccessDeniedException"}, "DynamoDb."),
    ],
)
def test_a_table_that_is_not_whole_fails(tests: Restored, aws: dict[str, Any], error: str) -> None:
    assert tests.run({**TABLE, "backupSizeInBytes": "100"}, **aws).startswith(error)
    assert tests.result[0] == "FAILED"
    assert len(tests.machine.notices) == 1


def test_a_table_of_unknown_size_must_have_items(tests: Restored) -> None:
    given = {name: value for name, value in TABLE.items() if name != "backupSizeInBytes"}
    assert tests.run(given, scan={"Count": 0}) == "TableNotWhole"


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_restore_that_failed_is_told(tests: Restored, status: str) -> None:
    assert tests.run({**CLUSTER, "status": status}) == "RestoreJobFailed"
    assert tests.aws.calls == []
    ((_, text),) = tests.machine.notices
    assert "aws backup describe-restore-job" in text


def test_a_result_that_cannot_be_told_is_told_to_people(tests: Restored) -> None:
    assert tests.run(CLUSTER, put_restore_validation_result="InvalidRequestException").startswith("Backup.")
    assert len(tests.machine.notices) == 1


def test_a_notice_that_cannot_be_sent_changes_nothing(tests: Restored) -> None:
    for name in ("TellLeft", "TellFailure"):
        tests.machine.definition["States"][name]["Parameters"]["TopicArn"] += "-gone"
    aws = {"delete_db_instance": "AccessDenied"}
    assert tests.run(CLUSTER, checked=["LedgerUnbalancedError"], **aws) == "LedgerUnbalancedError"
    assert tests.result[0] == "FAILED"


@pytest.mark.parametrize("given", [{}, {**CLUSTER, "resourceType": "EBS"}, {**CLUSTER, "restoreJobId": 7}])
def test_other_inputs_are_refused(tests: Restored, given: object) -> None:
    assert tests.run(given) == "InputRefused"
    assert tests.aws.calls == []
