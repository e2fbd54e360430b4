"""What the deployed function needs, without Terraform: AWS services, the ledger's servers, the workers' variables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from local_aws.server import LocalAws
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from tests.integration.payment_faults.aws_region import (
    FINGERPRINT_KEY,
    FIRST_PASSWORD,
    USER,
    AwsRegion,
    ledger_variables,
    trusted,
)
from tests.integration.payment_faults.faulty_service import FaultyService
from tests.integration.payment_faults.ledger_servers import ADDRESS, MASTER_PASSWORD, MASTER_USER, LedgerServers
from tests.integration.payment_faults.postgresql_ledger import PostgreSqlLedger

REGION = "eu-central-1"
Servers = LedgerServers | PostgreSqlLedger


class Surroundings:
    """The services and servers. `secrets` is every secret that was ever used; none may appear in a log."""

    def __init__(
        self,
        region: AwsRegion,
        servers: LedgerServers | PostgreSqlLedger,
        dynamodb: FaultyService,
        events: FaultyService,
    ) -> None:
        self.region = region
        self.servers = servers
        self.dynamodb, self.events = dynamodb, events
        credentials = region.aws.environment()["AWS_SECRET_ACCESS_KEY"]
        self.secrets = {MASTER_PASSWORD, FIRST_PASSWORD, FINGERPRINT_KEY, credentials}
        self._user_secret = region.create_secret("user", USER, FIRST_PASSWORD)
        region.create_table()
        region.create_services()
        master_secret = region.create_secret("master", MASTER_USER, MASTER_PASSWORD)
        region.migrate(self._ledger(), master_secret=master_secret)

    @classmethod
    @contextmanager
    def started(cls, directory: Path, engine: str = AURORA_MYSQL) -> Iterator[Surroundings]:
        """All of it, until the end of this block, with the ledger's schema made by the migrations."""
        with ExitStack() as stack:
            aws = stack.enter_context(LocalAws.started(directory / "aws"))
            servers = stack.enter_context(_started(engine, directory / "ledger"))
            dynamodb, events = (stack.enter_context(FaultyService.started(aws.port)) for _ in range(2))
            stack.enter_context(trusted(servers.ca_file))
            yield cls(AwsRegion(aws, REGION), servers, dynamodb, events)

    def variables(self) -> dict[str, str]:
        """The function's environment variables; DynamoDB and EventBridge are reached through the faults."""
        own = self.region.variables(
            dynamodb_url=self.dynamodb.url, events_url=self.events.url, ca_file=self.servers.ca_file
        )
        return {**own, **self._ledger()}

    def rotate_secret(self, password: str) -> None:
        """Puts a new password in the secret."""
        self.secrets.add(password)
        text = json.dumps({"username": USER, "password": password})
        self.region.client("secretsmanager").put_secret_value(SecretId=self._user_secret, SecretString=text)

    def rotate_user(self, password: str) -> None:
        """Gives the database's user a new password, and ends the connections it has."""
        self.secrets.add(password)
        self.servers.set_password(USER, password)

    def _ledger(self) -> dict[str, str]:
        variables = ledger_variables(host=ADDRESS, port=self.servers.port, secret=self._user_secret)
        return {**variables, "DB_ENGINE": self.servers.engine}


def _started(engine: str, directory: Path) -> AbstractContextManager[Servers]:
    if engine == AURORA_POSTGRESQL:
        return PostgreSqlLedger.started(directory)
    return LedgerServers.started(directory)
