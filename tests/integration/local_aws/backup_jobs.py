"""A Region of a local AWS with something to back up, and what tests ask of AWS Backup."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud
from tests.integration.local_aws.resources import policy

HOUR_A_SECOND = 3600
SECONDS = 30
VAULT = {"BackupVaultName": "vault"}
RESTORE_TABLES = "dynamodb:*"
PASSWORD = "chosen by the user"


@contextmanager
def fast_local_aws(directory: Path) -> Iterator[LocalAws]:
    """A local AWS in which an hour of a schedule passes in a second."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_SCHEDULE_SPEED", str(HOUR_A_SECOND))
            server = running.enter_context(LocalAws.started(directory))
        yield server


def prepare(cloud: Cloud) -> None:
    """Makes a vault, a table of one item, and a queue that gets all events of AWS Backup."""
    cloud.backup.create_backup_vault(**VAULT)
    cloud.dynamodb.create_table(
        TableName="sessions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    put(cloud, "before")
    queue = cloud.sqs.create_queue(QueueName="events")["QueueUrl"]
    rule = cloud.events.put_rule(Name="backup", EventPattern=json.dumps({"source": ["aws.backup"]}))["RuleArn"]
    allowed = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
    cloud.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy("sqs:SendMessage", **allowed)})
    target = f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"
    cloud.events.put_targets(Rule="backup", Targets=[{"Id": "queue", "Arn": target}])


def eventually(check: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (value := check()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def put(cloud: Cloud, identity: str) -> None:
    cloud.dynamodb.put_item(TableName="sessions", Item={"id": {"S": identity}})


def ids(cloud: Cloud, table: str) -> set[str]:
    return {item["id"]["S"] for item in cloud.dynamodb.scan(TableName=table)["Items"]}


def table_arn(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def back_up(cloud: Cloud, arn: str = table_arn("sessions")) -> str:
    """The recovery point of a job that has completed."""
    backup_role = f"arn:aws:iam::{ACCOUNT}:role/backup-role"
    job = cloud.backup.start_backup_job(**VAULT, ResourceArn=arn, IamRoleArn=backup_role)

    def state() -> Any:
        found = cloud.backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"]
        return found if found != "RUNNING" else None

    assert eventually(state) == "COMPLETED"
    return str(job["RecoveryPointArn"])


def restored(cloud: Cloud, point: str, backup_role: str, **metadata: str) -> dict[str, Any]:
    """A restore job that has ended."""
    job = cloud.backup.start_restore_job(RecoveryPointArn=point, IamRoleArn=backup_role, Metadata=metadata)
    return ended(cloud, job["RestoreJobId"])


def ended(cloud: Cloud, job: str) -> dict[str, Any]:
    def described() -> Any:
        found = cloud.backup.describe_restore_job(RestoreJobId=job)
        return found if found["Status"] != "RUNNING" else None

    found: dict[str, Any] = eventually(described)
    return found


def removed(cloud: Cloud, job: str) -> dict[str, Any]:
    """A restore job, once what it has made is gone."""

    def described() -> Any:
        found = cloud.backup.describe_restore_job(RestoreJobId=job)
        return found if found.get("DeletionStatus") == "SUCCESSFUL" else None

    found: dict[str, Any] = eventually(described)
    return found


def next_event(cloud: Cloud, kind: str) -> dict[str, Any]:
    """The next event of this kind; others before it are dropped."""
    queue = cloud.sqs.get_queue_url(QueueName="events")["QueueUrl"]

    def received() -> Any:
        for message in cloud.sqs.receive_message(QueueUrl=queue).get("Messages", []):
            cloud.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            event = json.loads(message["Body"])
            if event["detail-type"] == kind:
                return event
        return None

    found: dict[str, Any] = eventually(received)
    return found


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


def query(server: LocalAws, endpoint: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(
        host=endpoint,
        user="payment_master",
        password=PASSWORD,
        dbname="payments",
        sslmode="verify-full",
        sslrootcert=str(server.database_ca_file),
        autocommit=True,
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def add_instance(cloud: Cloud, cluster: str) -> str:
    """The cluster's endpoint, once it has an instance."""
    given = {"DBInstanceIdentifier": f"{cluster}-0", "DBClusterIdentifier": cluster}
    cloud.rds.create_db_instance(**given, Engine="aurora-postgresql", DBInstanceClass="db.r6g.large")
    name = given["DBInstanceIdentifier"]
    cloud.rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})
    return str(cloud.rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Endpoint"])
