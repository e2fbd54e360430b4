"""What the deployed function needs, without Terraform: AWS services, the ledger's servers, the workers' variables."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from tests.integration.payment_faults.faulty_service import FaultyService
from tests.integration.payment_faults.ledger_servers import ADDRESS, MASTER_PASSWORD, MASTER_USER, LedgerServers

REGION = "eu-central-1"
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


class Surroundings:
    """The services and servers. `secrets` is every secret that was ever used; none may appear in a log."""

    def __init__(self, aws: LocalAws, servers: LedgerServers, dynamodb: FaultyService, events: FaultyService) -> None:
        self.servers = servers
        self.dynamodb, self.events = dynamodb, events
        self._aws = aws
        credentials = aws.environment()["AWS_SECRET_ACCESS_KEY"]
        self.secrets = {MASTER_PASSWORD, FIRST_PASSWORD, FINGERPRINT_KEY, credentials}
        self.master_secret = self._create_secret("master", MASTER_USER, MASTER_PASSWORD)
        self.user_secret = self._create_secret("user", USER, FIRST_PASSWORD)
        self._create_services()
        self._migrate()

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[Surroundings]:
        """All of it, until the end of this block, with the ledger's schema made by the migrations."""
        with ExitStack() as stack:
            aws = stack.enter_context(LocalAws.started(directory / "aws"))
            servers = stack.enter_context(LedgerServers.started(directory / "ledger"))
            dynamodb, events = (stack.enter_context(FaultyService.started(aws.port)) for _ in range(2))
            stack.enter_context(patch.dict(os.environ, {"SSL_CERT_FILE": str(servers.ca_file)}))
            database.tls_context.cache_clear()
            stack.callback(database.tls_context.cache_clear)
            yield cls(aws, servers, dynamodb, events)

    def client(self, service: str) -> Any:
        """A client that no fault reaches."""
        variables = self._aws.environment()
        create: Any = boto3.client
        return create(
            service,
            region_name=REGION,
            endpoint_url=self._aws.endpoint_url,
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def variables(self) -> dict[str, str]:
        """The function's environment variables; DynamoDB and EventBridge are reached through the faults."""
        return {
            **self._aws.environment(),
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb.url,
            "AWS_ENDPOINT_URL_EVENTBRIDGE": self.events.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            **self._database(),
            "DB_SECRET_ARN": self.user_secret,
            "SSL_CERT_FILE": str(self.servers.ca_file),
            "DYNAMODB_TABLE": TABLE,
            "EVENT_BUS_NAME": BUS,
            "CONFIGURATION_PATH": f"/payment/{SUFFIX}",
            "ENVIRONMENT_SUFFIX": SUFFIX,
            "REGION": REGION,
            "POWERTOOLS_SERVICE_NAME": "payment-processor",
            "POWERTOOLS_LOG_LEVEL": "DEBUG",
            "POWERTOOLS_LOGGER_LOG_EVENT": "true",
        }

    def rotate_secret(self, password: str) -> None:
        """Puts a new password in the secret."""
        self.secrets.add(password)
        text = json.dumps({"username": USER, "password": password})
        self.client("secretsmanager").put_secret_value(SecretId=self.user_secret, SecretString=text)

    def rotate_user(self, password: str) -> None:
        """Gives the database's user a new password, and ends the connections it has."""
        self.secrets.add(password)
        with self.servers.writer.session() as execute:
            execute(f"ALTER USER {USER}@'%%' IDENTIFIED BY %s", password)
            execute(f"KILL USER {USER}")

    def _database(self) -> dict[str, str]:
        return {
            "DB_ENDPOINT": ADDRESS,
            "DB_PORT": str(self.servers.port),
            "DB_NAME": "payments",
            "DB_USER": USER,
            "DB_AUTHENTICATION": "secret",
        }

    def _migrate(self) -> None:
        variables = {
            **self._database(),
            "REGION": REGION,
            "DB_SECRET_ARN": self.user_secret,
            "DB_MASTER_SECRET_ARN": self.master_secret,
        }
        secrets = self.client("secretsmanager")
        master = SecretCredentials(client=secrets, secret_arn=self.master_secret)
        login = next(SecretCredentials(client=secrets, secret_arn=self.user_secret).logins())
        payment_migrations.apply(MigrationEnvironment.from_variables(variables), master, login)

    def _create_secret(self, name: str, user: str, password: str) -> str:
        text = json.dumps({"username": user, "password": password})
        created = self.client("secretsmanager").create_secret(Name=f"{name}-{SUFFIX}", SecretString=text)
        return str(created["ARN"])

    def _create_services(self) -> None:
        """Sessions, configuration, the bus and its consumer."""
        self.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for name, value in PARAMETERS.items():
            kind = "SecureString" if name == "payments/fingerprint_key" else "String"
            self.client("ssm").put_parameter(Name=f"/payment/{SUFFIX}/{name}", Value=value, Type=kind)
        events = self.client("events")
        events.create_event_bus(Name=BUS)
        consumer.subscribe(events, self.client("logs"), BUS)
