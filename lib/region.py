"""One Region of a stack: where constructs make their resources, and what these are called there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from lib.settings import Settings

Arguments = ParamSpec("Arguments")
Element = TypeVar("Element")


class Region:
    """A stack's Region, with the provider that reaches it and the settings as they are in it.

    In one of two Regions every id begins with the Region's role, as in `primary_vpc`. A stack in one Region has the
    provider without an alias, and passes none.
    """

    def __init__(
        self,
        stack: TerraformStack,
        *,
        settings: Settings,
        provider: AwsProvider | None = None,
        account_id: str | None = None,
    ) -> None:
        """`account_id` is the account's, where another Region of the stack has asked for it."""
        self.stack = stack
        self.settings = settings
        self._provider = provider
        self._prefix = f"{settings.role}_" if settings.role else ""
        self.account_id = account_id or self.add(DataAwsCallerIdentity, "account").account_id
        self.partition = settings.partition.id

    @property
    def name(self) -> str:
        """The Region's own name, such as `us-east-1`."""
        return self.settings.aws_region

    @property
    def root_arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    def arn(self, service: str, resource: str) -> str:
        """Return `arn:{partition}:{service}:{region}:{account}:{resource}`."""
        return f"arn:{self.partition}:{service}:{self.name}:{self.account_id}:{resource}"

    def add(
        self,
        kind: Callable[Concatenate[Construct, str, Arguments], Element],
        id_: str,
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Element:
        """Make a resource (or a data source) of this kind, with its own arguments, in this Region."""
        if self._provider:
            kwargs["provider"] = self._provider
        return kind(self.stack, f"{self._prefix}{id_}", *args, **kwargs)

    def add_ephemeral(self, type_: str, id_: str, arguments: Mapping[str, object]) -> str:
        """Open an ephemeral resource, whose values no plan and no state holds; return what expressions call it.

        cdktf 0.21 has no class for ephemeral blocks, hence the override.
        """
        address = f"ephemeral.{type_}.{self._prefix}{id_}"
        provider = {"provider": self._provider.fqn} if self._provider else {}
        self.stack.add_override(address, {**arguments, **provider})
        return address
