"""One environment from its inputs to its outputs: synthesized by main.py, deployed and destroyed by Terraform."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from boto3 import Session

from lib.settings import Settings, load_settings
from local_aws.server import LocalAws
from tap import toolchain
from tap.account import Account
from tap.inventory.states import StateStore, open_states
from tap.payment_client import PaymentClient
from tap.terraform import Terraform
from tap.terraform_events import Event

# The provider spends its time waiting between polls: more at once costs no CPU.
PARALLELISM = 30


class SynthesisError(RuntimeError):
    """main.py refused the inputs; the message is what it said."""


class Deployment:
    """The environment that `variables` describe, with everything it writes under `directory`.

    Inputs that `variables` leave out come from the process's environment; a `.env` file takes no part, and of AWS's
    own variables only the Region does, so that no account is reached but the one that `variables` name. With
    `settings`, `variables` are complete, and say in CDKTF_OUTDIR where to write.
    """

    def __init__(
        self,
        directory: Path,
        variables: Mapping[str, str],
        *,
        settings: Settings | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        if settings is None:
            variables = {**_without_aws(os.environ), **variables, "CDKTF_OUTDIR": str(directory / "cdktf.out")}
            inputs = {name: variables[name.upper()] for name in Settings.model_fields if name.upper() in variables}
            settings = load_settings(_env_file=None, **inputs)
        self._directory = directory
        self._variables = variables
        self.settings = settings
        self.terraform = Terraform(
            Path(variables["CDKTF_OUTDIR"]) / "stacks" / settings.stack_name,
            toolchain.environment(variables),
            on_event=on_event,
            parallelism=PARALLELISM,
        )

    @classmethod
    def of_operator(
        cls,
        inputs: Mapping[str, str],
        *,
        local: LocalAws | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Deployment:
        """The environment that the process's own variables and the `.env` file of this folder describe, as for main.py.

        `inputs` win over both; with `local` it is on that local AWS, whatever account the variables name.
        Raises `lib.settings.SettingsError`.
        """
        variables = dict(os.environ)
        if local:
            variables = {**_without_aws(os.environ), **local.environment()}
            inputs = {**inputs, "AWS_ENDPOINT_URL": local.endpoint_url}
        settings = load_settings(**{name.lower(): value for name, value in inputs.items()})
        variables |= inputs
        variables["AWS_REGION"] = settings.aws_region
        if settings.aws_endpoint_url:  # Terraform does not read a `.env` file.
            variables["AWS_ENDPOINT_URL"] = settings.aws_endpoint_url
        variables["CDKTF_OUTDIR"] = str(Path(variables.get("CDKTF_OUTDIR") or toolchain.ROOT / "cdktf.out").resolve())
        return cls(Path.cwd(), variables, settings=settings, on_event=on_event)

    def synthesize(self) -> Path:
        """Run main.py; return the Terraform JSON it wrote."""
        run = subprocess.run(
            [sys.executable, str(toolchain.ROOT / "main.py")],
            cwd=self._directory,
            env=toolchain.environment(self._variables),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise SynthesisError(run.stderr.strip())
        return self.terraform.directory / "cdk.tf.json"

    @cached_property
    def account(self) -> Account:
        """The account and Region that it is deployed to."""
        return Account(self.session(), endpoint_url=self.settings.aws_endpoint_url)

    @cached_property
    def states(self) -> StateStore:
        """Where its state is kept."""
        return open_states(self.settings, self.account, self._variables)

    def session(self, region: str | None = None) -> Session:
        """Return a boto3 session with the environment's credentials, in its Region or another."""
        return Session(
            aws_access_key_id=self._variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self._variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self._variables.get("AWS_SESSION_TOKEN"),
            region_name=region or self.settings.aws_region,
        )

    def payment_client(self, outputs: Mapping[str, str]) -> PaymentClient:
        """Return a client of the deployed API."""
        return PaymentClient(outputs["api_url"], self.session(), endpoint_url=self.settings.aws_endpoint_url)


def _without_aws(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not name.startswith("AWS_") or name == "AWS_REGION"}
