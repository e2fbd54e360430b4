"""One environment from its inputs to its outputs: synthesized by main.py, deployed and destroyed by Terraform."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from boto3 import Session

from lib.settings import Settings, load_settings
from tap import toolchain
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
    own variables only the Region does, so that no account is reached but the one that `variables` name.
    """

    def __init__(
        self, directory: Path, variables: Mapping[str, str], *, on_event: Callable[[Event], None] | None = None
    ) -> None:
        outside = {
            name: value for name, value in os.environ.items() if not name.startswith("AWS_") or name == "AWS_REGION"
        }
        self._directory = directory
        self._variables = {**outside, **variables, "CDKTF_OUTDIR": str(directory / "cdktf.out")}
        inputs = {
            name: self._variables[name.upper()] for name in Settings.model_fields if name.upper() in self._variables
        }
        self.settings = load_settings(_env_file=None, **inputs)
        self.terraform = Terraform(
            directory / "cdktf.out" / "stacks" / self.settings.stack_name,
            toolchain.environment(self._variables),
            on_event=on_event,
            parallelism=PARALLELISM,
        )

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

    def session(self) -> Session:
        """Return a boto3 session with the environment's credentials and Region."""
        return Session(
            aws_access_key_id=self._variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self._variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self._variables.get("AWS_SESSION_TOKEN"),
            region_name=self.settings.aws_region,
        )

    def payment_client(self, outputs: Mapping[str, str]) -> PaymentClient:
        """Return a client of the deployed API."""
        return PaymentClient(outputs["api_url"], self.session(), endpoint_url=self.settings.aws_endpoint_url)
