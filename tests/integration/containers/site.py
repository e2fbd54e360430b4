"""The container architecture deployed onto a local AWS of its own, as the tests see it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.demo.ground import Ground
from local_aws.ledger_view import LedgerView
from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.payment_client import PaymentClient
from tests.integration.deployed import Deployed

PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Containers:
    """A deployment and what its inputs were."""

    aws: LocalAws
    directory: Path
    inputs: dict[str, str]
    ground: Ground

    def deployment(self, **changed: str) -> Deployment:
        """The environment with inputs that were changed, synthesized."""
        deployment = Deployment(self.directory, {**self.aws.environment(), **self.inputs, **changed})
        deployment.synthesize()
        return deployment

    def deployed(self, role: str = "") -> Deployed:
        """One Region of it, with the client of its own load balancer."""
        deployment = Deployment(self.directory, {**self.aws.environment(), **self.inputs})
        outputs = deployment.terraform.output()
        prefix = f"{role}_" if role else ""
        own = {**outputs, **{name.removeprefix(prefix): value for name, value in outputs.items()}}
        if role:
            own |= {name.removeprefix(prefix): value for name, value in outputs.items() if name.startswith(prefix)}
        session = deployment.session(own["aws_region"])
        secrets = session.client("secretsmanager", endpoint_url=self.aws.endpoint_url)
        key = secrets.get_secret_value(SecretId=own["callers_secret_arn"])["SecretString"]
        url = f"https://{own['load_balancer_dns_name']}"
        api = PaymentClient(url, session, endpoint_url=self.aws.endpoint_url, api_key=key)
        return Deployed(own, session, self.aws.endpoint_url, api)

    def ledger(self, site: Deployed, endpoint: str = "database_endpoint") -> LedgerView:
        outputs = {**site.outputs, "database_endpoint": site.outputs[endpoint]}
        return LedgerView(self.aws, site.client("secretsmanager"), outputs)

    def texts(self, deployment: Deployment) -> list[bytes]:
        """Everything that a deploy writes: JSON, plan, state."""
        terraform = deployment.terraform
        plan = terraform.plan()
        written = [path for path in self.directory.rglob("*") if path.is_file() and "local_aws" not in path.parts]
        assert [path for path in written if path.suffix == ".tfstate"]
        documents = (terraform.plan_json(plan), terraform.state_json())
        return [*(path.read_bytes() for path in written), *(json.dumps(one).encode() for one in documents)]


@contextmanager
def deployed_containers(directory: Path, **inputs: str) -> Iterator[Containers]:
    """Deployed; the local AWS is gone afterwards, and everything with it."""
    with LocalAws.started(directory / "local_aws") as aws:
        # All load comes from one address.
        asked = {"ARCHITECTURE": "containers", "WAF_RATE_LIMIT": "1000000", **inputs}
        ground = Ground(aws, asked)
        containers = Containers(aws, directory, {**asked, **ground.variables()}, ground)
        deployment = containers.deployment()
        deployment.terraform.init()
        deployment.terraform.apply(deployment.terraform.plan())
        yield containers


def soon(condition: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Whether it comes true in time."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def payment(payment_id: str, amount: str = "12.50") -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "amount": amount,
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }


@dataclass
class Load:
    """Clients that send payments one after the other, each again until it is answered."""

    api: PaymentClient
    prefix: str
    clients: int = 4
    acknowledged: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Load]:
        """While the block runs, payments are sent."""
        ended = threading.Event()
        threads = [threading.Thread(target=self._send, args=(number, ended)) for number in range(self.clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def _send(self, client: int, ended: threading.Event) -> None:
        number = 0
        while not ended.is_set():
            payment_id = f"{self.prefix}-{client}-{number}"
            answer = self.api.send("POST", "/payments", payment(payment_id))
            if answer.status == 200:
                self.acknowledged.append(payment_id)
                number += 1
            else:
                self.refused.append(answer.status)
            # New tasks need some of this computer's time, to start.
            ended.wait(PAUSE_SECONDS)
