"""A resource as the finder sees it, and how its tags say which environment it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from lib.input_rules import SUFFIX_MAX_LENGTH, SUFFIX_PATTERN

PREFIX = "payment"
MANAGED_BY = "cdktf"
REPLICATED = ("dynamodb:table", "secretsmanager:secret")
"""Types whose replicas in another Region have their names, and their ARNs but for the Region."""


class Evidence(StrEnum):
    """Why a resource counts as part of an environment."""

    TAGS = "tags"
    """It carries the environment's exact tags."""
    STATE = "state"
    """The environment's Terraform state lists it, by its very name or id."""
    OWNER = "owner"
    """It is part of a resource (`Resource.owner`) that one of the other two speaks for."""


@dataclass(frozen=True)
class Resource:
    """Something that exists in AWS.

    `arn` is its own; `type` is `service:kind` as in `ec2:vpc` (`resource_type`); `owner` is the ARN of what it is
    part of, for evidence `OWNER`.
    """

    arn: str
    type: str
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    evidence: Evidence = Evidence.TAGS
    owner: str | None = None

    @property
    def region(self) -> str:
        """Its Region; empty for what is global."""
        return self.arn.split(":")[3]

    def arn_in(self, region: str) -> str:
        """The ARN of its like in another Region."""
        prefix, partition, service, _, rest = self.arn.split(":", 4)
        return f"{prefix}:{partition}:{service}:{region}:{rest}"

    @property
    def copy_of(self) -> str | None:
        """What it is a replica of, where there is one of its name in the environment's home Region, and it is not."""
        home = self.tags.get("HomeRegion", self.region)
        return self.arn_in(home) if self.type in REPLICATED and home != self.region else None

    @property
    def name(self) -> str:
        """The last part of the ARN: its name, or its id where AWS gives one."""
        last = self.arn.split(":", 5)[5].removeprefix("log-group:").removesuffix(":*")
        return last if self.type == "logs:log-group" else last.rpartition(":" if ":" in last else "/")[2]


def environment_tags(suffix: str) -> dict[str, str]:
    """The tags that every resource of the environment carries and nothing else does (`Settings.tags`)."""
    return {"EnvironmentSuffix": suffix, "Environment": f"{PREFIX}-{suffix}", "ManagedBy": MANAGED_BY}


def suffix_of(tags: Mapping[str, str]) -> str | None:
    """The suffix of the environment that the tags name; None unless all of `environment_tags` agree on it."""
    return _agreed(tags.get("EnvironmentSuffix", ""), tags.get("Environment"), tags.get("ManagedBy"))


@lru_cache(maxsize=4096)  # A list asks this of tens of thousands of resources, several times.
def _agreed(suffix: str, environment: str | None, managed_by: str | None) -> str | None:
    if len(suffix) > SUFFIX_MAX_LENGTH or not SUFFIX_PATTERN.fullmatch(suffix):
        return None
    wanted = environment_tags(suffix)
    return suffix if (wanted["Environment"], wanted["ManagedBy"]) == (environment, managed_by) else None


def belongs_to(tags: Mapping[str, str], suffix: str) -> bool:
    """Whether the tags are exactly those of the environment `suffix`; of `pr-1` none of `pr-12` or `pr-1-b` are."""
    return suffix_of(tags) == suffix


_ONE_KIND = {"sns": "topic", "sqs": "queue", "s3": "bucket"}


def resource_type(arn: str) -> str:
    """`service:kind` of an ARN, such as `ec2:vpc`, `logs:log-group`, `apigateway:apis`, `sqs:queue`."""
    _, _, service, _, _, rest = arn.split(":", 5)
    if service in _ONE_KIND:
        return f"{service}:{_ONE_KIND[service]}"
    if service == "wafv2":  # `regional/webacl/NAME/ID`
        return f"{service}:{rest.split('/')[1]}"
    return f"{service}:{rest.lstrip('/').replace(':', '/').split('/')[0]}"
