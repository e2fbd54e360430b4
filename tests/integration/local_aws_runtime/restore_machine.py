"""The workflow that validates restores on a local AWS, with a plan that restores, and a function that checks."""

import json
import uuid
from contextlib import closing
from typing import Any

import psycopg

from lib.recovery.restore_test_cluster import Instance
from lib.recovery.restore_test_definition import restore_test_definition

from .conftest import ACCOUNT, REGION, eventually

PASSWORD = "chosen by the user"
ENGINE = {"Engine": "aurora-postgresql", "EngineVersion": "17.7"}
SOURCE = """
    import socket

    class LedgerUnbalancedError(Exception):
        pass

    def handler(event, context):
        socket.create_connection((event["endpoint"], 5432), 5).close()
        print("checked", event["task"], event["strict"], event["endpoint"])
        if UNBALANCED:
            raise LedgerUnbalancedError("a payment lacks its entries")
        return {"balanced": True, "payments": 1, "newest": "2026-01-01T00:00:00Z"}
"""
DONE_BY_THE_WORKFLOW = {
    "lambda:InvokeFunction": "*",
    "sns:Publish": "*",
    "rds:CreateDBInstance": ("db", "cluster"),
    "rds:DescribeDBInstances": ("db",),
    "rds:DeleteDBInstance": ("db",),
    "rds:DescribeDBClusters": ("cluster",),
    "backup:PutRestoreValidationResult": "*",
    "dynamodb:DescribeTable": "*",
    "dynamodb:Scan": "*",
}


def role(cloud: Any, service: str, statements: list[dict[str, Any]]) -> str:
    """A role of a service that may do this."""
    iam, name = cloud.client("iam"), f"{service}-{uuid.uuid4().hex[:8]}"
    trusted = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allowed = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=allowed)
    return arn


def allow(*actions: str, resources: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def _tested(kinds: Any) -> Any:
    """ARNs of what tests restored."""
    prefix = f"arn:aws:rds:{REGION}:{ACCOUNT}"
    return kinds if kinds == "*" else [f"{prefix}:{kind}:awsbackup-restore-test-*" for kind in kinds]


class RestoreMachine:
    """A vault, a plan that tests restores every hour, and the workflow that its events start."""

    def __init__(self, cloud: Any, *, unbalanced: bool = False) -> None:
        self.cloud, self.backup, self.rds = cloud, cloud.client("backup"), cloud.client("rds")
        suffix = uuid.uuid4().hex[:8]
        self.name, self.vault = f"plan_{suffix}", f"vault-{suffix}"
        self.backup.create_backup_vault(BackupVaultName=self.vault)
        self.function = cloud.function(SOURCE.replace("UNBALANCED", str(unbalanced)))
        sns, (self.notices, queue) = cloud.client("sns"), cloud.queue()
        topic = sns.create_topic(Name=f"topic-{suffix}")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
        definition = restore_test_definition(
            partition="aws",
            function_arn=self.function.arn,
            topic_arn=topic,
            place="payment environment dev",
            instance=Instance(engine=ENGINE["Engine"], instance_class="db.r6g.large", tags={"Owner": "Ada"}),
        )
        may = [allow(action, resources=_tested(kinds)) for action, kinds in DONE_BY_THE_WORKFLOW.items()]
        self.states = cloud.client("stepfunctions")
        self.arn = self.states.create_state_machine(
            name=f"machine-{suffix}", definition=json.dumps(definition), roleArn=role(cloud, "states", may)
        )["stateMachineArn"]

    def plan(self, kind: str, arn: str) -> None:
        """Makes the plan, for a resource, with the rule that starts the workflow."""
        selected = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
        plan = self.backup.create_restore_testing_plan(
            RestoreTestingPlan={
                "RestoreTestingPlanName": self.name,
                "ScheduleExpression": "cron(0 * ? * * *)",
                "RecoveryPointSelection": selected,
            }
        )["RestoreTestingPlanArn"]
        events = self.cloud.client("events")
        pattern = {
            "source": ["aws.backup"],
            "detail-type": ["Restore Job State Change"],
            "detail": {"restoreTestingPlanArn": [plan], "status": ["COMPLETED", "FAILED", "ABORTED"]},
        }
        events.put_rule(Name=self.name, EventPattern=json.dumps(pattern))
        starting = role(self.cloud, "events", [allow("states:StartExecution", resources=self.arn)])
        target = {"Id": "machine", "Arn": self.arn, "RoleArn": starting, "InputPath": "$.detail"}
        events.put_targets(Rule=self.name, Targets=[target])
        restores = role(self.cloud, "backup", [allow("rds:*", "dynamodb:*")])
        self.backup.create_restore_testing_selection(
            RestoreTestingPlanName=self.name,
            RestoreTestingSelection={
                "RestoreTestingSelectionName": "tested",
                "ProtectedResourceType": kind,
                "ProtectedResourceArns": [arn],
                "IamRoleArn": restores,
                "ValidationWindowHours": 168,
            },
        )

    def run(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The first execution that the plan leads to, once it has ended, and its job, once what it made is gone."""
        assert eventually(lambda: self.states.list_executions(stateMachineArn=self.arn)["executions"], 60)
        self.stop()
        execution = self.ended()
        return execution, self.job(execution)

    def stop(self) -> None:
        """Ends the plan: what has started goes on."""
        named = {"RestoreTestingPlanName": self.name}
        self.backup.delete_restore_testing_selection(**named, RestoreTestingSelectionName="tested")
        self.backup.delete_restore_testing_plan(**named)

    def back_up(self, arn: str) -> None:
        given = {"BackupVaultName": self.vault, "ResourceArn": arn}
        job = self.backup.start_backup_job(**given, IamRoleArn=role(self.cloud, "backup", [allow("rds:*")]))

        def completed() -> bool:
            found = self.backup.describe_backup_job(BackupJobId=job["BackupJobId"])
            return bool(found["State"] == "COMPLETED")

        assert eventually(completed, 60)

    def ended(self) -> dict[str, Any]:
        """The first execution, once it has ended."""

        def described() -> Any:
            for one in self.states.list_executions(stateMachineArn=self.arn)["executions"]:
                if one["status"] != "RUNNING":
                    return self.states.describe_execution(executionArn=one["executionArn"])
            return None

        found: dict[str, Any] = eventually(described, 60)
        assert found, "The workflow has not ended."
        return found

    def job(self, execution: dict[str, Any]) -> dict[str, Any]:
        """The restore job that an execution validated, once what it made is gone."""
        identity = json.loads(execution["input"])["restoreJobId"]

        def described() -> Any:
            found = self.backup.describe_restore_job(RestoreJobId=identity)
            return found if found.get("DeletionStatus") in ("SUCCESSFUL", "FAILED") else None

        found: dict[str, Any] = eventually(described, 60)
        return found


def make_ledger(cloud: Any) -> str:
    """The ARN of a cluster with an instance and a table."""
    rds, name = cloud.client("rds"), f"ledger-{uuid.uuid4().hex[:8]}"
    given = {"DatabaseName": "payments", "MasterUsername": "payment_master", "MasterUserPassword": PASSWORD}
    made = rds.create_db_cluster(DBClusterIdentifier=name, **ENGINE, **given)["DBCluster"]
    instance = {"DBInstanceIdentifier": f"{name}-0"}
    rds.create_db_instance(
        **instance, DBClusterIdentifier=name, Engine=ENGINE["Engine"], DBInstanceClass="db.r6g.large"
    )

    def available() -> bool:
        return bool(rds.describe_db_instances(**instance)["DBInstances"][0]["DBInstanceStatus"] == "available")

    assert eventually(available, 60)
    login: dict[str, Any] = {"user": "payment_master", "password": PASSWORD, "dbname": "payments"}
    login |= {"sslmode": "verify-full", "sslrootcert": str(cloud.aws.database_ca_file), "autocommit": True}
    with closing(psycopg.connect(host=made["Endpoint"], **login)) as connection:
        connection.execute("CREATE TABLE payments AS SELECT 1 AS payment")
    return str(made["DBClusterArn"])
