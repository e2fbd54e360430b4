"""One Region of the local AWS, with what the deployed function uses there beside the ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config

import payment_migrations
from local_aws.server import LocalAws
from payments import database
from payments.credentials import SecretCredentials
from payments.environment import MigrationEnvironment
from tests.integration.payment_faults import consumer

SUFFIX = "faults"
TABLE, BUS = f"payment-sessions-{SUFFIX}", f"payment-events-{SUFFIX}"
USER, FIRST_PASSWORD = "payment_app", "First-Password-Of-The-Faults-1"
FINGERPRINT_KEY = "the-fingerprint-key-of-the-faults-0123456789"
PARAMETERS = {
    "payments/amount_limit": "1000000",
    "payments/approval_threshold": "none",
    "payments/fingerprint_key": FINGERPRINT_KEY,
    "sessions/ttl_seconds": "86400",
}


class AwsRegion:
    """Its services, seen by clients that no fault reaches. `aws` is the whole, with its other Regions."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self.aws = aws
        self.name = name

    def client(self, service: str) -> Any:
        """A client of this Region."""
        variables = self.aws.environment()
        create: Any = boto3.client
        return create(
            service,
            region_name=self.name,
            endpoint_url=self.aws.endpoint_url,
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def create_table(self) -> None:
        """The sessions, with the stream that a replica of them needs."""
        self.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )

    def create_services(self) -> None:
        """Configuration, the bus and its consumer."""
        for name, value in PARAMETERS.items():
            self.put_parameter(name, value, "SecureString" if name == "payments/fingerprint_key" else "String")
        events = self.client("events")
        events.create_event_bus(Name=BUS)
        consumer.subscribe(events, self.client("logs"), BUS)

    def put_parameter(self, name: str, value: str, kind: str = "String") -> None:
        """Makes or changes a parameter of the environment."""
        self.client("ssm").put_parameter(Name=f"/payment/{SUFFIX}/{name}", Value=value, Type=kind, Overwrite=True)

    def create_secret(self, name: str, user: str, password: str, *replicas: AwsRegion) -> str:
        """A login, repeated in other Regions; its ARN here."""
        secrets = self.client("secretsmanager")
        text = json.dumps({"username": user, "password": password})
        arn = str(secrets.create_secret(Name=f"{name}-{SUFFIX}", SecretString=text)["ARN"])
        for replica in replicas:
            secrets.replicate_secret_to_regions(SecretId=arn, AddReplicaRegions=[{"Region": replica.name}])
        return arn

    def migrate(self, ledger: Mapping[str, str], *, master_secret: str) -> None:
        """Brings the schema and the function's user into a ledger, described by `ledger_variables`."""
        variables = {**ledger, "REGION": self.name, "DB_MASTER_SECRET_ARN": master_secret}
        secrets = self.client("secretsmanager")
        master = SecretCredentials(client=secrets, secret_arn=master_secret)
        login = next(SecretCredentials(client=secrets, secret_arn=ledger["DB_SECRET_ARN"]).logins())
        payment_migrations.apply(MigrationEnvironment.from_variables(variables), master, login)

    def variables(self, *, dynamodb_url: str, events_url: str, ca_file: Path) -> dict[str, str]:
        """The function's environment variables, but for those of the ledger."""
        return {
            **self.aws.environment(),
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
            "AWS_ENDPOINT_URL_EVENTBRIDGE": events_url,
            "AWS_DEFAULT_REGION": self.name,
            "AWS_REGION": self.name,
            "SSL_CERT_FILE": str(ca_file),
            "DYNAMODB_TABLE": TABLE,
            "EVENT_BUS_NAME": BUS,
            "CONFIGURATION_PATH": f"/payment/{SUFFIX}",
            "ENVIRONMENT_SUFFIX": SUFFIX,
            "REGION": self.name,
            "POWERTOOLS_SERVICE_NAME": "payment-processor",
            "POWERTOOLS_LOG_LEVEL": "DEBUG",
            "POWERTOOLS_LOGGER_LOG_EVENT": "true",
        }

    def published(self) -> list[str]:
        """What the bus's consumer got, as text."""
        return consumer.received(self.client("logs"))

    def sessions(self) -> dict[str, str]:
        """The answers in the sessions table by payment."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        return {item["payment_id"]["S"]: item["answer"]["S"] for page in pages for item in page["Items"]}


def ledger_variables(*, host: str, port: int, secret: str) -> dict[str, str]:
    """The function's environment variables that tell where the ledger is and who it is there."""
    return {
        "DB_ENDPOINT": host,
        "DB_PORT": str(port),
        "DB_NAME": "payments",
        "DB_USER": USER,
        "DB_AUTHENTICATION": "secret",
        "DB_SECRET_ARN": secret,
    }


@contextmanager
def trusted(ca_file: Path) -> Iterator[None]:
    """Lets the payment code in this process trust an authority, as it trusts that of Amazon RDS."""
    with patch.dict(os.environ, {"SSL_CERT_FILE": str(ca_file)}):
        database.tls_context.cache_clear()
        try:
            yield
        finally:
            database.tls_context.cache_clear()
