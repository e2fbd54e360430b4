"""The AWS account of one environment, in memory, and what a client and a consumer of events see of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import boto3
from moto import mock_aws

from payments import clients
from payments.credentials import Login

if TYPE_CHECKING:
    from moto.core.models import MockAWS
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_ssm.client import SSMClient
    from mypy_boto3_stepfunctions.client import SFNClient

REGION = "eu-west-1"
TABLE = "payment-sessions-test"
PATH = "/payment/test"
ROLE_PARAMETER = f"{PATH}/region/role"
WRITES_PARAMETER = f"{PATH}/payments/writes"
BUS = "payment-events-test"
SECRET = "payment-app-test"
MASTER_SECRET = "payment-master-test"
FINGERPRINT_KEY = "a-key-of-the-tests-0123456789"
STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:123456789012:stateMachine:payment-approval-test"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/123456789012/consumer"
PARAMETERS = {
    "payments/amount_limit": "1000000",
    "payments/approval_threshold": "none",
    "payments/fingerprint_key": FINGERPRINT_KEY,
    "sessions/ttl_seconds": "3600",
}


@dataclass(frozen=True)
class PaymentAccount:
    """Clients are slow to make, so that tests share them; `deploy` starts from nothing."""

    account: "MockAWS"
    dynamodb: "DynamoDBClient"
    ssm: "SSMClient"
    events: "EventBridgeClient"
    secretsmanager: "SecretsManagerClient"
    stepfunctions: "SFNClient"
    sqs: "SQSClient"
    _published: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def in_memory(cls) -> Iterator[Self]:
        with mock_aws() as account:
            yield cls(
                account,
                clients.dynamodb(REGION),
                clients.ssm(REGION),
                clients.events(REGION),
                clients.secretsmanager(REGION),
                clients.stepfunctions(REGION),
                boto3.client("sqs", region_name=REGION),
            )

    def deploy(self, login: Login) -> None:
        """What the function finds in its account. `login` is that of the database."""
        self.account.reset()
        self._published.clear()
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for key, value in PARAMETERS.items():
            self.set_parameter(key, value)
        self.secretsmanager.create_secret(Name=SECRET, SecretString=secret_text(login))
        self.make_bus()

    def make_bus(self) -> None:
        """A bus with one consumer, which gets everything."""
        self.events.create_event_bus(Name=BUS)
        self.sqs.create_queue(QueueName="consumer")
        self.events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
        target = {"Id": "consumer", "Arn": f"arn:aws:sqs:{REGION}:123456789012:consumer"}
        self.events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])  # type: ignore[list-item]

    def lose_bus(self) -> None:
        self.events.remove_targets(Rule="all", EventBusName=BUS, Ids=["consumer"])
        self.events.delete_rule(Name="all", EventBusName=BUS)
        self.events.delete_event_bus(Name=BUS)

    def published(self) -> list[dict[str, Any]]:
        """The events that the consumer has got so far."""
        receive = partial(self.sqs.receive_message, QueueUrl=QUEUE, MaxNumberOfMessages=10)
        while messages := receive().get("Messages"):
            self._published.extend(json.loads(message["Body"]) for message in messages)
        return list(self._published)

    def make_workflow(self) -> None:
        pause = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
        self.stepfunctions.create_state_machine(
            name="payment-approval-test",
            definition=json.dumps(pause),
            roleArn="arn:aws:iam::123456789012:role/payment-approval-test",
        )

    def executions(self) -> list[str]:
        """Names of the workflow's executions."""
        found = self.stepfunctions.list_executions(stateMachineArn=STATE_MACHINE_ARN)["executions"]
        return [execution["name"] for execution in found]

    def items(self) -> list[dict[str, Any]]:
        return self.dynamodb.scan(TableName=TABLE)["Items"]

    def set_parameter(self, key: str, value: str) -> None:
        self.ssm.put_parameter(Name=f"{PATH}/{key}", Value=value, Type="SecureString", Overwrite=True)

    def set_role(self, role: str) -> None:
        """What the Region is for, from now on."""
        self.ssm.put_parameter(Name=ROLE_PARAMETER, Value=role, Type="String", Overwrite=True)

    def set_writes(self, writes: str) -> None:
        """Whether the ledger takes writes, from now on."""
        self.ssm.put_parameter(Name=WRITES_PARAMETER, Value=writes, Type="String", Overwrite=True)

    def rotate(self, login: Login) -> None:
        """A new present version of the secret; the one of before stays as the previous one."""
        self.secretsmanager.put_secret_value(SecretId=SECRET, SecretString=secret_text(login))


def secret_text(login: Login) -> str:
    return json.dumps({"username": login.user, "password": login.password})
