"""A fault injected by AWS Fault Injection Service, from the template that the environment has for it."""

from __future__ import annotations

import time
import uuid
from typing import Any

from tap.environment import EnvironmentNotFoundError
from tap.recovery.errors import RecoveryFailedError
from tap.recovery.site import Site

POLL_SECONDS = 0.5
BEGIN_SECONDS = 120.0
STOP_SECONDS = 300.0
WRITERS_ZONE = "writerAvailabilityZoneIdentifiers"
ENDED = ("completed", "stopped", "failed", "cancelled")


class Experiment:
    """One experiment of a Region; `base` is what its template is called: `writer-lost`, `zone-lost`, `region-lost`.

    Methods raise `RecoveryFailedError` if it fails, and botocore's errors.
    """

    def __init__(self, site: Site, base: str) -> None:
        self._site = site
        self._fis = site.client("fis")
        self.name = site.environment.name(base)
        self._id = ""

    def template(self) -> str:
        """The id of its template. Raises `EnvironmentNotFoundError` where there is none."""
        for page in self._fis.get_paginator("list_experiment_templates").paginate():
            for template in page["experimentTemplates"]:
                if template.get("tags", {}).get("Name") == self.name:
                    return str(template["id"])
        raise EnvironmentNotFoundError(
            f"environment {self._site.suffix!r} in {self._site.environment.account.place} has no experiment template "
            f"{self.name}: deploy it anew with `tap env deploy`, which adds it"
        )

    def lost_zone(self) -> str:
        """The zone that it is about; empty if it is about none."""
        template = self._fis.get_experiment_template(id=self.template())["experimentTemplate"]
        zones = (target.get("parameters", {}).get(WRITERS_ZONE) for target in template["targets"].values())
        return next((str(zone) for zone in zones if zone), "")

    def start(self) -> None:
        """Begins it, and returns once it runs."""
        tags = {"Name": self.name, "EnvironmentSuffix": self._site.suffix}
        started = self._fis.start_experiment(
            experimentTemplateId=self.template(), clientToken=str(uuid.uuid4()), tags=tags
        )
        self._id = started["experiment"]["id"]
        deadline = time.monotonic() + BEGIN_SECONDS
        while self._state()["status"] in ("pending", "initiating"):
            if time.monotonic() > deadline:
                raise RecoveryFailedError(f"experiment {self._id} has not begun after {BEGIN_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Ends it if it still runs, and returns once what it took away is back."""
        if not self._id:
            return
        if self._state()["status"] not in ENDED:
            self._fis.stop_experiment(id=self._id)
        deadline = time.monotonic() + STOP_SECONDS
        while self._state()["status"] not in ENDED:
            if time.monotonic() > deadline:
                raise RecoveryFailedError(f"experiment {self._id} has not ended after {STOP_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._fis.get_experiment(id=self._id)["experiment"]["state"]
        if state["status"] == "failed":
            raise RecoveryFailedError(f"experiment {self._id} of {self.name} failed: {state.get('reason')}")
        return state
