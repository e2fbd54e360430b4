"""The payment library's parts, put together for a process that makes them all at its start."""

from dataclasses import dataclass, replace

from payments import clients
from payments.configuration import Configuration
from payments.deployed_database import deployed_database
from payments.deployed_switches import deployed_switches
from payments.environment import RuntimeEnvironment
from payments.health import DeepHealth
from payments.http import HttpApi
from payments.ledger import Ledger
from payments.outbox import Outbox
from payments.publisher import Publisher
from payments.regional_database import LedgerDatabase
from payments.service import PaymentService
from payments.sessions import Sessions
from payments.tasks import Tasks


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the service calls; the database is there to be closed."""

    database: LedgerDatabase
    service: PaymentService
    tasks: Tasks
    api: HttpApi


def composed(environment: RuntimeEnvironment, *, version: str) -> Parts:
    """Nothing is connected to yet. `version` is what the health check tells."""
    region = environment.region
    switches = deployed_switches(environment)
    database = deployed_database(environment, switches)
    configuration = Configuration(
        client=clients.ssm(region), path=environment.configuration_path, max_age=environment.parameters_max_age
    )
    ledger, outbox = Ledger(database), Outbox(database)
    sessions = Sessions(client=clients.dynamodb(region), table=environment.sessions_table)
    publisher = Publisher(
        events=clients.events(region),
        bus=environment.event_bus,
        workflows=lambda: clients.stepfunctions(region),
        state_machine_arn=environment.approval_state_machine_arn,
    )
    service = PaymentService(
        configuration=configuration,
        ledger=ledger,
        outbox=outbox,
        publisher=publisher,
        sessions=sessions,
        region=region,
    )
    health = DeepHealth(
        role=switches.role, writes=switches.writes, ledger=ledger, sessions=sessions, configuration=configuration
    )
    return Parts(
        database=database,
        service=service,
        tasks=Tasks(service=service, outbox=outbox, publisher=publisher),
        api=HttpApi(
            environment=replace(environment, version=version), service=lambda: service, deep_health=lambda: health
        ),
    )
