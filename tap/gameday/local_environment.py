"""An environment on a local AWS of its own, made for a game day and gone after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local_aws.server import LocalAws
from tap.deployment import Deployment
from tap.environment import Environment
from tap.removal.destroy import Destruction
from tap.terraform_events import Event

SPEED = "5"
"""Alarms look at minutes, which pass so many times faster there, unless LOCAL_AWS_SCHEDULE_SPEED says how fast."""


@contextmanager
def local_environment(
    inputs: Mapping[str, str], tell: Callable[[str], None], on_event: Callable[[Event], None] | None = None
) -> Iterator[Environment]:
    """Deploy with these inputs; destroy at the end. Raises what `tap.deployment` and `tap.removal` raise."""
    os.environ.setdefault("LOCAL_AWS_SCHEDULE_SPEED", SPEED)
    with (
        tempfile.TemporaryDirectory(prefix="payment-gameday-") as folder,
        LocalAws.started(Path(folder) / "local_aws") as aws,
    ):
        variables = {**aws.environment(), "STATE_BUCKET": "", **inputs}
        deployment = Deployment(Path(folder), variables, on_event=on_event)
        settings = deployment.settings
        tell(f"deploying {settings.architecture} {settings.environment_suffix!r} onto a local AWS")
        deployment.synthesize()
        deployment.terraform.init()
        deployment.terraform.apply(deployment.terraform.plan())
        yield Environment(settings.environment_suffix, deployment.account)
        tell("destroying it")
        destruction = Destruction(
            deployment.account,
            deployment.states,
            settings.environment_suffix,
            directory=Path(folder) / "environments",
            protected_suffixes="",
        )
        receipt = destruction.run(on_event or (lambda _: None), on_note=tell)
        if receipt.left:
            tell(f"left after the destroy: {receipt.as_json()['left']}")
