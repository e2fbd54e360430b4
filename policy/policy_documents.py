"""Every IAM policy of a configuration: identity policies, trust policies, and policies on resources."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from policy.configuration import Configuration
from policy.findings import ScanError
from policy.interpolations import resolve

_IDENTITY_TYPES = ("aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")
# Arguments that hold an IAM policy, whatever they are found in.
_ARGUMENTS = ("policy", "assume_role_policy", "access_policy", "access_policies", "resource_policy", "key_policy")
# What they call a policy says how long images are kept, and not who may do what.
_OTHER_TYPES = ("aws_ecr_lifecycle_policy", "aws_appautoscaling_policy")


class PolicyKind(Enum):
    """Who a policy speaks for: the role it is attached to, who may assume a role, or who may use a resource."""

    IDENTITY = "identity"
    TRUST = "trust"
    RESOURCE = "resource"


@dataclass(frozen=True)
class PolicyDocument:
    """One policy, its interpolations replaced. `origins` are the configurations that have it exactly so."""

    resource_type: str
    resource_id: str
    argument: str
    text: str
    origins: list[Configuration] = field(compare=False)

    @property
    def address(self) -> str:
        """The Terraform address of the resource that has the policy."""
        return f"{self.resource_type}.{self.resource_id}"

    @property
    def plain_arguments(self) -> dict[str, Any]:
        """What else its resource says in plain values."""
        arguments = self.origins[0].document["resource"][self.resource_type][self.resource_id]
        plain = {name: value for name, value in arguments.items() if isinstance(value, str | bool | int)}
        return {name: value for name, value in plain.items() if "${" not in str(value)}

    @property
    def kind(self) -> PolicyKind:
        """What sort of policy it is."""
        if self.argument == "assume_role_policy":
            return PolicyKind.TRUST
        is_identity = self.resource_type in _IDENTITY_TYPES or self.argument.startswith("inline_policy")
        return PolicyKind.IDENTITY if is_identity else PolicyKind.RESOURCE


def distinct_policies(configurations: Iterable[Configuration]) -> list[PolicyDocument]:
    """The policies of all configurations, each once. ScanError when there is none, or one that cannot be read."""
    found: dict[PolicyDocument, PolicyDocument] = {}
    for configuration in configurations:
        for policy in policies_of(configuration):
            found.setdefault(policy, policy).origins.append(configuration)
    if not found:
        raise ScanError("no IAM policy was found in the synthesized JSON: nothing would be judged")
    return list(found)


def policies_of(configuration: Configuration) -> Iterator[PolicyDocument]:
    """The policies of one configuration."""
    if "aws_iam_policy_document" in configuration.document.get("data", {}):
        raise ScanError(
            f"{configuration.name}: data source aws_iam_policy_document is not judged: write the policy as JSON"
        )
    for resource_type, resource_id, arguments in configuration.resources():
        for path, text in _strings(arguments):
            argument = path[-1]
            if resource_type in _OTHER_TYPES:
                continue
            if '"Statement"' in text or argument in _ARGUMENTS:
                address = f"{configuration.name}: {resource_type}.{resource_id}"
                resolved = _read(resolve(text, configuration.region), f"{address}: {argument}")
                yield PolicyDocument(resource_type, resource_id, ".".join(path), resolved, [])


def _strings(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            if name != "//":
                yield from _strings(member, (*path, name))
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member, path)


def _read(text: str, where: str) -> str:
    """The policy with one spelling for equal content."""
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise ScanError(f"{where} is not JSON ({error}): write the policy as JSON with plain references") from None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise ScanError(f"{where} has no Statement: write an IAM policy there")
    return json.dumps(policy, sort_keys=True)
