"""The function that a deployment calls to bring the ledger's schema and its application user up to date."""

import os
from typing import TYPE_CHECKING, Any

from payments import clients
from payments.credentials import Credentials, Login, SecretCredentials
from payments.database import Database
from payments.engines import schema_of
from payments.environment import MigrationEnvironment
from payments.migrations import ensure_user, migrate, migrations
from payments.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(log_event=False, clear_state=True)
def handler(_event: dict[str, Any], _context: "LambdaContext") -> dict[str, object]:
    """Applies the migrations that are missing; harmless when there are none.

    Raises `MigrationError`, `EnvironmentVariableError`, and the errors of the database's driver and botocore.
    """
    environment = MigrationEnvironment.from_variables(os.environ)
    secrets = clients.secretsmanager(environment.region)
    master = SecretCredentials(client=secrets, secret_arn=environment.master_secret_arn)
    return apply(environment, master, _application_login(environment, secrets))


def apply(environment: MigrationEnvironment, master: Credentials, login: Login | None) -> dict[str, object]:
    """The versions applied now, and the schema's."""
    database = environment.database
    schema = schema_of(database.engine)
    wanted = migrations(schema)
    with Database(
        engine=database.engine, host=database.host, port=database.port, name=database.name, credentials=master
    ).connect() as connection:
        applied = migrate(connection, schema, wanted)
        ensure_user(connection, schema, database.user, login)
    logger.info("schema is up to date", applied=applied, version=wanted[-1].version)
    return {"applied": applied, "version": wanted[-1].version}


def _application_login(environment: MigrationEnvironment, secrets: Any) -> Login | None:
    if environment.database.authentication == "iam":
        return None
    credentials = SecretCredentials(client=secrets, secret_arn=environment.database.secret_arn)
    return next(credentials.logins())
