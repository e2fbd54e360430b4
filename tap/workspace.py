"""A folder from which Terraform works on what a state knows, without any of the configuration that made it.

Terraform removes, compares and unlocks what is in a state by the state alone: it holds the order of removal and what
each removal needs (`force_destroy`, `skip_final_snapshot`). So none of the environment's inputs are needed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import NoCredentialsError

from lib.provider_options import provider_options, s3_backend, state_file, state_key
from tap.account import Account
from tap.deployment import PARALLELISM
from tap.inventory.states import LocalStates, S3States, StateStore
from tap.provider_mirror import PROVIDER_VERSION
from tap.terraform import Terraform
from tap.terraform_events import Event
from tap.toolchain import ROOT

DIRECTORY = ROOT / ".build" / "environments"

# What says how AWS is reached, and not as whom or where: those are the account's.
_PASSED_ON = ("AWS_CA_BUNDLE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_STS_REGIONAL_ENDPOINTS")


class Workspace:
    """The folder `directory/{suffix}` for the state that `states` keeps of an environment.

    `tags` are the default tags that it was deployed with (`State.default_tags`): with others, every resource would
    differ from its state. `providers` are those that the state's resources name (`State.providers`); without any there
    is one without an alias, in the account's Region. `architecture` is part of the state's place; a new state's is that
    of a single Region.
    """

    def __init__(
        self,
        account: Account,
        suffix: str,
        states: StateStore,
        *,
        architecture: str | None,
        tags: Mapping[str, str],
        providers: Mapping[str, str | None] | None = None,
        directory: Path = DIRECTORY,
    ) -> None:
        self.account = account
        self.suffix = suffix
        self.states = states
        self.architecture = architecture or "single-region"
        self.tags = dict(tags)
        self.providers = providers or {"": None}
        self.directory = directory / suffix

    def open(self, on_event: Callable[[Event], None] | None = None) -> Terraform:
        """Terraform on this folder, initialized, with the account's present credentials.

        Raises:
            TerraformError: Terraform cannot be set up, or not reach the state.
            NoCredentialsError: the account has no credentials.
        """
        terraform = self.opened()
        self._write()
        # Another state or another provider than the last time is nothing to ask about: this folder keeps nothing.
        # What Terraform has to say about that folder is nothing for people either.
        terraform.init("-reconfigure")
        terraform.on_event = on_event or terraform.on_event
        return terraform

    def opened(self, on_event: Callable[[Event], None] | None = None) -> Terraform:
        """The same once more in this process, which need not be initialized again; credentials may have changed."""
        environment = credentials_environment(self.account)
        return Terraform(self.directory, environment, on_event=on_event, parallelism=PARALLELISM)

    def document(self) -> dict[str, Any]:
        """The Terraform JSON: backend and providers, and nothing else."""
        return {
            "terraform": {
                "required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}},
                "backend": self._backend(),
            },
            "provider": {"aws": [self._provider(alias, region) for alias, region in self.providers.items()]},
        }

    def _provider(self, alias: str, region: str | None) -> dict[str, Any]:
        account = self.account
        options = provider_options(
            region=region or account.region, tags=self.tags, account_id=account.id, endpoint_url=account.endpoint_url
        )
        return {"alias": alias, **options} if alias else options

    def _backend(self) -> dict[str, Any]:
        states = self.states
        if isinstance(states, S3States):
            key, endpoint_url = state_key(self.architecture, self.suffix), self.account.endpoint_url
            return {"s3": s3_backend(bucket=states.bucket, key=key, region=states.region, endpoint_url=endpoint_url)}
        assert isinstance(states, LocalStates)
        return {"local": {"path": str(states.directory.resolve() / state_file(self.architecture, self.suffix))}}

    def _write(self) -> None:
        # Plans that are saved here hold what is in the state: nobody else's to read.
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.directory / "cdk.tf.json"
        temporary = file.with_name(f".cdk.tf.json.{os.getpid()}")
        temporary.write_text(json.dumps(self.document(), indent=2) + "\n")
        temporary.replace(file)
        # It would hold on to another version of the provider after an update of the project.
        (self.directory / ".terraform.lock.hcl").unlink(missing_ok=True)


def credentials_environment(account: Account, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables with which a child process works on `account` and on no other, with its present credentials.

    They are in the environment of that process alone and in no file. Raises botocore's `NoCredentialsError`.
    """
    credentials = account.session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    frozen = credentials.get_frozen_credentials()
    variables = {name: value for name, value in base.items() if not name.startswith("AWS_") or name in _PASSED_ON}
    variables |= {
        "AWS_REGION": account.region,
        "AWS_ACCESS_KEY_ID": frozen.access_key or "",
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key or "",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if frozen.token:
        variables["AWS_SESSION_TOKEN"] = frozen.token
    if account.endpoint_url:
        variables["AWS_ENDPOINT_URL"] = account.endpoint_url
    return variables
