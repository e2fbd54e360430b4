"""The function that examines, moves and checks the ledger, for state machines and operators: `{"task": name, ...}`.

Each task may be repeated. Errors are raised, and callers know them by the names of their classes.
"""

import os
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from payments import clients
from payments.configuration import Configuration
from payments.database import Database
from payments.deployed_database import database_at, deployed_database
from payments.deployed_switches import DeployedSwitches, deployed_switches
from payments.health import DeepHealth
from payments.ledger import Ledger
from payments.observability import logger, publish_metrics
from payments.outbox import Outbox
from payments.publisher import Publisher
from payments.regional_database import LedgerDatabase
from payments.sessions import Sessions
from payments.tasks import APPROVAL_TTL, UnknownTaskError
from recovery import aws
from recovery.cluster import Cluster
from recovery.dns import FailoverName
from recovery.drain import drain
from recovery.environment import RecoveryEnvironment
from recovery.global_database import GlobalDatabase
from recovery.inputs import Answer, Event, flag, moment, optional_text, text
from recovery.ledger_check import check_ledger, require_balance
from recovery.roles import Roles
from recovery.service_check import PublicHealth, ServiceCheck
from recovery.two_regions import Task, TwoRegions
from recovery.witness import events_since, payments_by_id, payments_since
from recovery.writable import takes_writes

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# A writer that does not answer is to be known as such soon.
WRITER_SECONDS = 3.0


@logger.inject_lambda_context(log_event=False, clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> Answer:
    """The answer of a task. Raises `UnknownTaskError`, and what the task raises."""
    name = text(event, "task")
    found = tasks().get(name)
    if found is None:
        raise UnknownTaskError(f"{name!r} is none of {', '.join(tasks())}")
    try:
        answer = found(event)
    finally:
        publish_metrics()
    logger.info("task done", task=name)
    return answer


@cache
def environment() -> RecoveryEnvironment:
    """The deployment's variables, read once per process."""
    return RecoveryEnvironment.from_variables(os.environ)


@cache
def tasks() -> dict[str, Task]:
    """The tasks of this Region by name; those of two Regions only where there are two."""
    found: dict[str, Task] = {
        "check-ledger": _check_ledger,
        "check-service": lambda _event: _service_check().check(),
        "drain-outbox": lambda _event: drain(Outbox(_ledger()), _publisher()),
        "witness": lambda event: payments_since(_ledger(), moment(event, "since"), optional_text(event, "after")),
        "outbox-events": lambda event: events_since(_ledger(), moment(event, "since"), optional_text(event, "after")),
        "find-payments": lambda event: payments_by_id(_ledger(), event.get("payment_ids")),
        "examine-cluster": lambda _event: _cluster().examine(),
        "fail-over-writer": lambda event: _cluster().fail_over(optional_text(event, "from_writer")),
        "await-writer": lambda event: _cluster().await_writer(optional_text(event, "from_writer")),
        "request-approval": _request_approval,
    }
    two_regions = _two_regions()
    return {**found, **two_regions.tasks()} if two_regions else found


def _check_ledger(event: Event) -> Answer:
    """Of this ledger, or of another one with the same users, such as a restored one, at `endpoint`."""
    endpoint = optional_text(event, "endpoint")
    database = database_at(environment().runtime, endpoint) if endpoint else _ledger()
    try:
        checked = check_ledger(database)
    finally:
        if endpoint:
            database.close()
    if flag(event, "strict"):
        require_balance(checked)
    return checked


def _request_approval(event: Event) -> Answer:
    """Keeps the token with which a person answers the execution."""
    execution = text(event, "execution")
    _sessions().put_approval(
        f"recovery/{execution}", text(event, "task_token"), now=datetime.now(UTC), ttl=APPROVAL_TTL
    )
    logger.info("approval requested", execution=execution, summary=optional_text(event, "summary"))
    return {"execution": execution}


@cache
def _switches() -> DeployedSwitches:
    return deployed_switches(environment().runtime)


@cache
def _ledger() -> LedgerDatabase:
    """As the Region's role has it, and also while writers are stopped."""
    return deployed_database(environment().runtime, DeployedSwitches(role=_switches().role, writes=None))


@cache
def _writer() -> Database:
    """Where writes go, whatever the role."""
    runtime = environment().runtime
    return database_at(runtime, runtime.database.host, retry_seconds=WRITER_SECONDS)


@cache
def _sessions() -> Sessions:
    runtime = environment().runtime
    return Sessions(client=clients.dynamodb(runtime.region), table=runtime.sessions_table)


@cache
def _publisher() -> Publisher:
    runtime = environment().runtime
    return Publisher(
        events=clients.events(runtime.region),
        bus=runtime.event_bus,
        workflows=lambda: clients.stepfunctions(runtime.region),
        state_machine_arn=runtime.approval_state_machine_arn,
    )


@cache
def _service_check() -> ServiceCheck:
    told = environment()
    runtime = told.runtime
    configuration = Configuration(
        client=clients.ssm(runtime.region), path=runtime.configuration_path, max_age=runtime.parameters_max_age
    )
    health = DeepHealth(
        role=_switches().role,
        writes=_switches().writes,
        ledger=Ledger(_ledger()),
        sessions=_sessions(),
        configuration=configuration,
    )
    public = PublicHealth(told.health_url, told.endpoint_url) if told.health_url else None
    return ServiceCheck(health=health, writer=_writer(), public=public)


@cache
def _client(service: str, region: str) -> Any:
    return aws.client(service, region)


@cache
def _cluster() -> Cluster:
    told = environment()
    return Cluster(
        rds=_client("rds", told.runtime.region),
        cluster_id=told.cluster_id,
        takes_writes=lambda: takes_writes(_writer()),
    )


def _two_regions() -> TwoRegions | None:
    told, region = environment(), environment().runtime.region
    other = told.other
    if other is None:
        return None
    return TwoRegions(
        region=region,
        database=GlobalDatabase(
            rds_in=partial(_client, "rds"),
            cloudwatch=_client("cloudwatch", region),
            region=region,
            global_cluster_id=other.global_cluster_id,
            cluster=_cluster(),
        ),
        roles=Roles(ssm_in=partial(_client, "ssm"), parameter=other.role_parameter, here=region, there=other.region),
        name=FailoverName(
            # Route 53 is one for all Regions.
            route53=_client("route53", region),
            health_check_id=other.primary_health_check_id,
            deployed_role=other.deployed_role,
        ),
    )
