"""What the payment function needs around it, made without Terraform: a database with TLS, and a local AWS."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from boto3 import Session
from botocore.config import Config

from benchmarks.ledger_servers import AURORA_MYSQL, DATABASE, MASTER, LedgerServer
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.postgresql import PostgreSql
from local_aws.server import LocalAws

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
SUFFIX = "direct"
APPLICATION_USER = "payment_app"
TABLE = f"payment-sessions-{SUFFIX}"
BUS = f"payment-events-{SUFFIX}"
PARAMETERS_PATH = f"/payment/{SUFFIX}"
PARAMETERS = {"payments/amount_limit": "1000000", "payments/approval_threshold": "none", "sessions/ttl_seconds": "3600"}

# Whatever proxy this computer uses, it does not lead to loopback.
WITHOUT_PROXY = Config(proxies={})


class PaymentEnvironmentError(Exception):
    """The environment could not be made; the message holds the end of the output."""


@dataclass(frozen=True)
class PaymentEnvironment:
    """A database, a sessions table, an event bus, secrets and parameters that a payment function can use at once."""

    aws: LocalAws
    ledger: LedgerServer
    master_secret_arn: str
    user_secret_arn: str

    @classmethod
    @contextmanager
    def started(cls, directory: Path, engine: str = AURORA_MYSQL) -> Iterator[PaymentEnvironment]:
        """The environment without the ledger's schema, which `migrate` makes; it ends with this block.

        Raises `LocalAwsError` or `DatabaseError` when a server does not start.
        """
        master = secrets.token_urlsafe(24)
        with (
            LedgerServer.started(engine, directory / "database", master) as ledger,
            LocalAws.started(directory / "aws") as aws,
        ):
            _make_table_and_bus(aws)
            _make_parameters(aws)
            yield cls(
                aws,
                ledger,
                _make_secret(aws, "master", MASTER, master),
                _make_secret(aws, "application", APPLICATION_USER, secrets.token_urlsafe(24)),
            )

    @property
    def database(self) -> MariaDb | PostgreSql:
        return self.ledger.server

    def variables(self) -> dict[str, str]:
        """The environment variables with which a deployment runs the payment function."""
        return {
            **self.aws.environment(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "SSL_CERT_FILE": str(self.database.ca_file),
            "REGION": REGION,
            "ENVIRONMENT_SUFFIX": SUFFIX,
            "DB_ENGINE": self.ledger.engine,
            "DB_ENDPOINT": self.database.address,
            "DB_PORT": str(self.database.port),
            "DB_NAME": DATABASE,
            "DB_AUTHENTICATION": "secret",
            "DB_USER": APPLICATION_USER,
            "DB_SECRET_ARN": self.user_secret_arn,
            "DYNAMODB_TABLE": TABLE,
            "EVENT_BUS_NAME": BUS,
            "CONFIGURATION_PATH": PARAMETERS_PATH,
            "POWERTOOLS_SERVICE_NAME": "payment-processor",
        }

    def process_environment(self, code: Path) -> dict[str, str]:
        """For a process that runs the function's code from the folder `code`, and modules of this project."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "POWERTOOLS_", "PYTHON")) and not name.lower().endswith("_proxy")
        }
        path = os.pathsep.join([str(code), str(ROOT)])
        # Lambda's runtime does not buffer what a function prints either.
        return {**kept, **self.variables(), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}

    def migrate(self, code: Path, python: Sequence[str] = ()) -> None:
        """Makes the schema and the application's user with the function in `code` that a deployment calls for it.

        `python` is the command that runs it, the one of a function's process where it is left out.
        Raises `PaymentEnvironmentError`.
        """
        outcome = subprocess.run(
            [*(python or function_python()), "-m", "benchmarks.payment_migration"],
            env={**self.process_environment(code), "DB_MASTER_SECRET_ARN": self.master_secret_arn},
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise PaymentEnvironmentError(f"the migrations failed:\n{(outcome.stdout + outcome.stderr)[-2000:]}")

    def sessions(self) -> int:
        """How many sessions the table has."""
        client = _session(self.aws).client("dynamodb", endpoint_url=self.aws.endpoint_url, config=WITHOUT_PROXY)
        pages = client.get_paginator("scan").paginate(TableName=TABLE, Select="COUNT")
        return sum(page["Count"] for page in pages)


def function_python() -> list[str]:
    """The Python of a function's process: it finds the libraries in the package, and none of the project's."""
    return [sys.executable, "-P", "-S"]


def _session(aws: LocalAws) -> Session:
    keys = aws.environment()
    return Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION)


def _make_table_and_bus(aws: LocalAws) -> None:
    dynamodb = _session(aws).client("dynamodb", endpoint_url=aws.endpoint_url, config=WITHOUT_PROXY)
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    _session(aws).client("events", endpoint_url=aws.endpoint_url, config=WITHOUT_PROXY).create_event_bus(Name=BUS)


def _make_parameters(aws: LocalAws) -> None:
    ssm = _session(aws).client("ssm", endpoint_url=aws.endpoint_url, config=WITHOUT_PROXY)
    for name, value in PARAMETERS.items():
        ssm.put_parameter(Name=f"{PARAMETERS_PATH}/{name}", Value=value, Type="String")
    key = secrets.token_urlsafe(48)
    ssm.put_parameter(Name=f"{PARAMETERS_PATH}/payments/fingerprint_key", Value=key, Type="SecureString")


def _make_secret(aws: LocalAws, name: str, user: str, password: str) -> str:
    client = _session(aws).client("secretsmanager", endpoint_url=aws.endpoint_url, config=WITHOUT_PROXY)
    secret = json.dumps({"username": user, "password": password})
    return client.create_secret(Name=f"payment-{name}-{SUFFIX}", SecretString=secret)["ARN"]
