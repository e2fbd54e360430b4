"""The ledger's database as the deployment's variables describe it."""

from collections.abc import Callable

from payments import clients
from payments.credentials import Credentials, IamCredentials, SecretCredentials
from payments.database import Database
from payments.deployed_switches import DeployedSwitches
from payments.environment import RuntimeEnvironment
from payments.regional_database import LedgerDatabase, RegionalDatabase
from payments.switched_database import SwitchedDatabase


def deployed_database(environment: RuntimeEnvironment, switches: DeployedSwitches) -> LedgerDatabase:
    """No connection is made yet."""
    database, credentials = environment.database, _credentials(environment)

    def at(host: str) -> Database:
        return Database(
            engine=database.engine, host=host, port=database.port, name=database.name, credentials=credentials(host)
        )

    writer = at(database.host)
    switched = SwitchedDatabase(writer, switches.writes) if switches.writes else writer
    if switches.role is None:
        return switched
    return RegionalDatabase(writer=switched, reader=at(database.reader_host), role=switches.role)


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
