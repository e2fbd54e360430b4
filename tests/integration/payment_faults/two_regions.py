"""The payment system in two Regions, without Terraform: what each has, what they share, what one sends the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.payment_events import LEDGER_SOURCE, PUBLISHED_DETAIL_TYPES
from local_aws.server import LocalAws
from payments.region_role import Role
from tests.integration.payment_faults.aws_region import (
    BUS,
    FINGERPRINT_KEY,
    FIRST_PASSWORD,
    SUFFIX,
    TABLE,
    USER,
    AwsRegion,
    trusted,
)
from tests.integration.payment_faults.faulty_service import FaultyService
from tests.integration.payment_faults.global_ledger import LedgerCluster, create_global_ledger, eventually
from tests.integration.payment_faults.ledger_servers import MASTER_PASSWORD, MASTER_USER

PRIMARY_REGION, SECONDARY_REGION = "us-east-1", "us-west-2"
ROLE = "region/role"


@dataclass(frozen=True)
class Site:
    """One of the two Regions."""

    region: AwsRegion
    ledger: LedgerCluster

    def give_role(self, role: Role) -> None:
        """Tells the function whether this Region takes payments."""
        self.region.put_parameter(ROLE, role)


class TwoRegions:
    """The Regions as they were at first; both are reached through the same faults of DynamoDB and EventBridge."""

    def __init__(self, aws: LocalAws, dynamodb: FaultyService, events: FaultyService) -> None:
        self.dynamodb, self.events = dynamodb, events
        self._ca_file = aws.database_ca_file
        self.secrets = {MASTER_PASSWORD, FIRST_PASSWORD, FINGERPRINT_KEY, aws.environment()["AWS_SECRET_ACCESS_KEY"]}
        here, there = AwsRegion(aws, PRIMARY_REGION), AwsRegion(aws, SECONDARY_REGION)
        secret = here.create_secret("user", USER, FIRST_PASSWORD, there)
        replica = secret.replace(f":{here.name}:", f":{there.name}:")
        self.primary = Site(here, LedgerCluster(here, f"payment-primary-{SUFFIX}", secret))
        self.secondary = Site(there, LedgerCluster(there, f"payment-secondary-{SUFFIX}", replica))
        self._create_services()
        create_global_ledger(self.primary.ledger, self.secondary.ledger)
        master_secret = here.create_secret("master", MASTER_USER, MASTER_PASSWORD, there)
        here.migrate(self.primary.ledger.variables(), master_secret=master_secret)
        eventually(self.secondary.ledger.has_schema, "the schema is in the secondary Region")

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[TwoRegions]:
        """All of it, until the end of this block, with the ledger's schema made by the migrations."""
        with ExitStack() as stack:
            aws = stack.enter_context(LocalAws.started(directory / "aws"))
            dynamodb, events = (stack.enter_context(FaultyService.started(aws.port)) for _ in range(2))
            stack.enter_context(trusted(aws.database_ca_file))
            yield cls(aws, dynamodb, events)

    def variables(self, site: Site) -> dict[str, str]:
        """The environment variables of a Region's function."""
        own = site.region.variables(dynamodb_url=self.dynamodb.url, events_url=self.events.url, ca_file=self._ca_file)
        return {**own, **site.ledger.variables(), "REGION_ROLE_PARAMETER": f"/payment/{SUFFIX}/{ROLE}"}

    def _create_services(self) -> None:
        """Sessions in both Regions; in each its role, configuration and bus, which sends on to the other."""
        here, there = self.primary.region, self.secondary.region
        here.create_table()
        replica = {"Create": {"RegionName": there.name}}
        here.client("dynamodb").update_table(TableName=TABLE, ReplicaUpdates=[replica])
        self.primary.give_role(Role.PRIMARY)
        self.secondary.give_role(Role.SECONDARY)
        here.create_services()
        there.create_services()
        _forward(here, there)
        _forward(there, here)


def _forward(here: AwsRegion, there: AwsRegion) -> None:
    """Sends what the ledger publishes on one bus to the other, as `lib/events/forwarding.py` has it deployed."""
    target = there.client("events").describe_event_bus(Name=BUS)["Arn"]
    name = f"forwarding-{here.name}"
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    permission = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": target}
    iam, events = here.client("iam"), here.client("events")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(permission))
    pattern = {"source": [LEDGER_SOURCE], "detail-type": list(PUBLISHED_DETAIL_TYPES), "region": [here.name]}
    events.put_rule(Name=name, EventBusName=BUS, EventPattern=json.dumps(pattern))
    targets = [{"Id": "other-region", "Arn": target, "RoleArn": role}]
    events.put_targets(Rule=name, EventBusName=BUS, Targets=targets)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
