"""What an account's audit has without tags: AWS Config's recorder, and the hub of Security Hub."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tap.inventory.listers.search import Lister, Search, of_state, part_of
from tap.inventory.listing import asking, listed
from tap.inventory.resource import Resource

HUB_IS_OFF = "InvalidAccessException"


def configuration_recorders(search: Search) -> Iterator[Resource]:
    """The Region's recorder, if it takes on the role of this audit. Asked only where there is anything of an audit."""
    if not search.owners("cloudtrail:trail", "config:config-rule") and not search.in_state(
        "aws_config_configuration_recorder"
    ):
        return
    role = search.arn("iam", f"role/payment-configuration-{search.suffix}", region="")
    found = listed(search.account, "config", "describe_configuration_recorders", "ConfigurationRecorders")
    for recorder in found:
        if recorder["roleARN"] == role:
            yield part_of(role, search.arn("config", f"configuration-recorder/{recorder['name']}"))


def security_hubs(search: Search) -> Iterator[Resource]:
    """The Region's hub, if the state lists it and it is on."""
    for hub in search.in_state("aws_securityhub_account"):
        if hub.arn and _is_on(search):
            yield of_state(hub.arn)


def _is_on(search: Search) -> bool:
    with asking("securityhub.DescribeHub", f"in {search.account.region}"):
        try:
            search.account.client("securityhub").describe_hub()
        except ClientError as error:
            if error.response["Error"]["Code"] == HUB_IS_OFF:
                return False
            raise
    return True


LISTERS = (
    Lister(
        "config:configuration-recorder",
        "The AWS provider gives recorders no tags; one stays on, and is billed, after its role is gone.",
        configuration_recorders,
    ),
    Lister("securityhub:hub", "The AWS provider gives hubs no tags, and they are part of nothing.", security_hubs),
)
