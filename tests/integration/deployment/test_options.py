"""A deployment with every option other than the default, and its state in S3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from boto3 import Session

from lib.payment_events import DETAIL_TYPE, SOURCE
from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment

STATE_REGION = "us-east-1"
EVENT_SECONDS = 90
OPTIONS = {
    "ENVIRONMENT_SUFFIX": "every-option-is-on-1",
    "ENVIRONMENT_CLASS": "staging",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCOUNT_ID": "123456789012",
    "EXPIRES_AT": "2030-01-01T00:00:00Z",
    "STATE_BUCKET": "acme-state",
    "STATE_REGION": STATE_REGION,
    "NAT_GATEWAYS": "none",
    "DOMAIN": "acme.io",
    "API_AUTHORIZATION": "JWT",
    "API_JWT_ISSUER": "https://id.acme.io",
    "API_JWT_AUDIENCE": "payments",
    "FUNCTION_URL": "true",
    "ALERT_EMAIL": "oncall@acme.io",
    "LAMBDA_RESERVED_CONCURRENCY": "5",
    "BACKTRACK_HOURS": "24",
    "DB_PROXY": "true",
    "APPROVAL_THRESHOLD": "500000",
}


@dataclass(frozen=True)
class Account:
    """A local AWS with what such a deployment needs from outside: a hosted zone of the owned domain, a state bucket."""

    aws: LocalAws
    session: Session
    zone_id: str

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.aws.endpoint_url)  # type: ignore[call-overload]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with LocalAws.started(tmp_path / "local_aws") as aws:
        keys = aws.environment()
        session = Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=STATE_REGION)
        zone = session.client("route53", endpoint_url=aws.endpoint_url).create_hosted_zone(
            Name="acme.io", CallerReference="1"
        )
        session.client("s3", endpoint_url=aws.endpoint_url).create_bucket(Bucket=OPTIONS["STATE_BUCKET"])
        yield Account(aws, session, zone["HostedZone"]["Id"].rsplit("/", 1)[-1])


def test_every_option_deploys_plans_empty_and_is_destroyed(account: Account, tmp_path: Path) -> None:
    before = account.aws.leftovers()
    variables = {**account.aws.environment(), **OPTIONS, "PARENT_ZONE_ID": account.zone_id}
    deployment = Deployment(tmp_path, variables)
    deployment.synthesize()
    terraform = deployment.terraform
    terraform.init()
    terraform.apply(terraform.plan())

    plan = terraform.plan()
    assert plan.changes == ()
    assert plan.empty
    outputs = terraform.output()
    assert outputs["api_url"] == f"https://api.payment-{OPTIONS['ENVIRONMENT_SUFFIX']}.acme.io"
    assert outputs["function_url"].startswith("https://")
    keys = [item["Key"] for item in account.client("s3").list_objects_v2(Bucket="acme-state")["Contents"]]
    assert keys == [f"payment/single-region/{OPTIONS['ENVIRONMENT_SUFFIX']}.tfstate"]
    assert list(tmp_path.glob("*.tfstate")) == []
    assert deployment.payment_client(outputs).send("GET", "/health", signed=False).status in (401, 403)
    _assert_booked_through_the_proxy(account.aws, deployment, outputs)

    terraform.destroy()
    after = account.aws.leftovers()
    assert {place: set(ids) - set(before.get(place, ())) for place, ids in after.items()} == {
        place: set() for place in before
    }


def _assert_booked_through_the_proxy(aws: LocalAws, deployment: Deployment, outputs: dict[str, Any]) -> None:
    """A payment reaches the ledger although the function has no password: it logs in to the RDS Proxy with IAM."""
    session = deployment.session()
    functions = session.client("lambda", endpoint_url=aws.endpoint_url)
    variables = functions.get_function(FunctionName=outputs["function_name"])["Configuration"]["Environment"][
        "Variables"
    ]
    assert variables["DB_AUTHENTICATION"] == "iam"
    assert variables["DB_ENDPOINT"] != outputs["database_endpoint"]
    payment = {
        "payment_id": "through-the-proxy",
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }
    entry: Any = {
        "EventBusName": outputs["event_bus_name"],
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(payment),
    }
    session.client("events", endpoint_url=aws.endpoint_url).put_events(Entries=[entry])
    ledger = LedgerView(aws, session.client("secretsmanager", endpoint_url=aws.endpoint_url), outputs)
    deadline = time.monotonic() + EVENT_SECONDS
    while ledger.statuses() != {"COMMITTED": 1}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [balance.payments for balance in ledger.balances()] == [1]
