"""The ledger's database as the deployment's variables describe it."""

from collections.abc import Callable

from payments import clients
from payments.credentials import Credentials, IamCredentials, SecretCredentials
from payments.database import RETRY_SECONDS, Database
from payments.deployed_switches import DeployedSwitches
from payments.environment import RuntimeEnvironment
from payments.regional_database import LedgerDatabase, RegionalDatabase
from payments.switched_database import SwitchedDatabase


def deployed_database(environment: RuntimeEnvironment, switches: DeployedSwitches) -> LedgerDatabase:
    """No connection is made yet."""
    credentials, database = _credentials(environment), environment.database
    writer = _at(environment, database.host, credentials, RETRY_SECONDS)
    switched = SwitchedDatabase(writer, switches.writes) if switches.writes else writer
    if switches.role is None:
        return switched
    reader = _at(environment, database.reader_host, credentials, RETRY_SECONDS)
    return RegionalDatabase(writer=switched, reader=reader, role=switches.role)


def database_at(environment: RuntimeEnvironment, host: str, *, retry_seconds: float = RETRY_SECONDS) -> Database:
    """The same database at another host, or without switches."""
    return _at(environment, host, _credentials(environment), retry_seconds)


def _at(
    environment: RuntimeEnvironment, host: str, credentials: Callable[[str], Credentials], retry_seconds: float
) -> Database:
    database = environment.database
    return Database(
        engine=database.engine,
        host=host,
        port=database.port,
        name=database.name,
        credentials=credentials(host),
        retry_seconds=retry_seconds,
    )


def _credentials(environment: RuntimeEnvironment) -> Callable[[str], Credentials]:
    """The credentials for a host: a secret is the same for all, an IAM token is signed for one."""
    region, database = environment.region, environment.database
    if database.authentication == "secret":
        secret = SecretCredentials(client=clients.secretsmanager(region), secret_arn=database.secret_arn)
        return lambda _host: secret
    session = clients.botocore_session()
    return lambda host: IamCredentials(
        session=session, region=region, host=host, port=database.port, user=database.user
    )
