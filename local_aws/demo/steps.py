"""`make demo`: the whole system deployed on the local AWS, used, planned again, destroyed."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lib.payment_events import DETAIL_TYPE, SOURCE
from lib.settings import SettingsError
from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws
from tap.deployment import Deployment, SynthesisError
from tap.payment_client import Answer
from tap.progress import RunProgress
from tap.terraform_errors import TerraformError, TerraformInterruptedError
from tap.toolchain import ToolchainError

INTERRUPTED = 130
EVENT_SECONDS = 60
PAYMENT = {"amount": "12.50", "currency": "EUR", "payer_account": "DE-PAYER-0001", "payee_account": "FR-PAYEE-0002"}


class DemoError(RuntimeError):
    """Something was not as the demo promises."""


class Demo:
    """The steps, each timed, on one environment."""

    def __init__(self, aws: LocalAws, directory: Path, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._steps: list[tuple[str, float]] = []
        self._deployment = Deployment(directory, {**aws.environment(), "STATE_BUCKET": ""}, on_event=self._tell)
        self._progress: RunProgress | None = None

    def run(self) -> None:
        """Run every step; raise DemoError, or what a step raises, at the first that fails."""
        with self._step("synthesize"):
            self._deployment.synthesize()
        with self._step("terraform init"):
            self._deployment.terraform.init()
        with self._step("plan and deploy", progress=True):
            self._deployment.terraform.apply(self._deployment.terraform.plan())
        outputs = self._deployment.terraform.output()
        self._show_resources()
        self._show_outputs(outputs)
        with self._step("send payments"):
            self._send_requests(outputs)
            self._send_event(outputs)
        with self._step("plan again", progress=True):
            plan = self._deployment.terraform.plan()
        if not plan.empty:
            changes = ", ".join(f"{change.action} {change.address}" for change in plan.changes)
            raise DemoError(f"the second plan is not empty: {changes or 'outputs change'}")
        self._say("the second plan is empty")
        with self._step("destroy", progress=True):
            self._deployment.terraform.destroy()
        left = self._aws.leftovers()
        if left:
            raise DemoError(f"left after destroy: {json.dumps(left, indent=2)}")
        self._say("nothing is left on the local AWS")
        self._show_times()

    @contextmanager
    def _step(self, name: str, *, progress: bool = False) -> Iterator[None]:
        started = time.monotonic()
        self._console.rule(name, align="left")
        if progress:
            with RunProgress(name, self._console) as self._progress:
                yield
            self._progress = None
        else:
            yield
        self._steps.append((name, time.monotonic() - started))

    def _tell(self, event: Any) -> None:
        if self._progress:
            self._progress(event)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _show_resources(self) -> None:
        state = self._deployment.terraform.state_json()
        resources = state["values"]["root_module"]["resources"]
        counts = Counter(resource["type"] for resource in resources if resource["mode"] == "managed")
        table = Table(title=f"{counts.total()} resources of {len(counts)} types are deployed", title_justify="left")
        table.add_column("type")
        table.add_column("count", justify="right")
        for type_, count in sorted(counts.items()):
            table.add_row(type_, str(count))
        self._console.print(table)

    def _show_outputs(self, outputs: dict[str, Any]) -> None:
        table = Table(title="Outputs", title_justify="left")
        table.add_column("output")
        table.add_column("value", overflow="fold")
        for name, value in outputs.items():
            table.add_row(name, value if isinstance(value, str) else "\n".join(value))
        self._console.print(table)

    def _send_requests(self, outputs: dict[str, Any]) -> None:
        """Call the API as a client does: its health, a payment, the same again, bad ones, and one without signature."""
        client = self._deployment.payment_client(outputs)
        payment = {"payment_id": "demo-1", **PAYMENT}
        first = self._show_answer("GET /health", client.send("GET", "/health"), 200)
        first = self._show_answer("POST /payments", client.send("POST", "/payments", payment), 200)
        again = self._show_answer("POST /payments, the same again", client.send("POST", "/payments", payment), 200)
        if first.body != again.body:
            raise DemoError("the same payment got another answer")
        for what, change in (
            ("amount 0", {"amount": "0"}),
            ("amount over the limit", {"amount": "1000000.01"}),
            ("three decimals of EUR", {"amount": "1.005"}),
        ):
            answer = client.send("POST", "/payments", {**payment, "payment_id": "demo-bad", **change})
            self._show_answer(f"POST /payments, {what}", answer, 400)
        self._show_answer("GET /payments/demo-1", client.send("GET", "/payments/demo-1"), 200)
        self._show_answer("GET /payments/demo-bad", client.send("GET", "/payments/demo-bad"), 404)
        unsigned = client.send("POST", "/payments", payment, signed=False)
        self._show_answer("POST /payments, not signed", unsigned, 403)

    def _show_answer(self, request: str, answer: Answer, expected: int) -> Answer:
        self._say(f"{request} -> {answer.status} {json.dumps(answer.body)}")
        if answer.status != expected:
            raise DemoError(f"{request} answered {answer.status} instead of {expected}")
        return answer

    def _send_event(self, outputs: dict[str, Any]) -> None:
        """Put a payment on the event bus and wait until the function has taken it."""
        session = self._deployment.session()
        payment = {"payment_id": "demo-event", **PAYMENT}
        entry = {
            "EventBusName": outputs["event_bus_name"],
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(payment),
        }
        session.client("events", endpoint_url=self._aws.endpoint_url).put_events(Entries=[entry])  # type: ignore[list-item]
        client = self._deployment.payment_client(outputs)
        deadline = time.monotonic() + EVENT_SECONDS
        while (answer := client.send("GET", "/payments/demo-event")).status != 200:
            if time.monotonic() > deadline:
                raise DemoError("the event did not reach the payment function")
            time.sleep(0.2)
        self._show_answer("event -> GET /payments/demo-event", answer, 200)

    def _show_times(self) -> None:
        table = Table(title="Time", title_justify="left")
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for name, seconds in self._steps:
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("all", f"{sum(seconds for _, seconds in self._steps):.1f}")
        self._console.print(table)


def main() -> int:
    """Run the demo; return 0 after `demo: ok`, else 1 after what failed, or 130 when interrupted."""
    console = Console(emoji=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="payment-demo-") as folder, _local_aws(folder, console) as aws:
            Demo(aws, Path(folder), console).run()
    except (KeyboardInterrupt, TerraformInterruptedError):
        console.print("demo: interrupted; the local AWS and the state are gone with it")
        return INTERRUPTED
    except (DemoError, TerraformError, SynthesisError, SettingsError, LocalAwsError, ToolchainError) as error:
        console.print(f"demo: failed: {error}", markup=False, highlight=False, soft_wrap=True)
        return 1
    console.print("demo: ok")
    return 0


@contextmanager
def _local_aws(folder: str, console: Console) -> Iterator[LocalAws]:
    console.rule("start the local AWS", align="left")
    with LocalAws.started(Path(folder) / "local_aws") as aws:
        console.print(f"listens on {aws.endpoint_url}")
        yield aws


if __name__ == "__main__":
    raise SystemExit(main())
