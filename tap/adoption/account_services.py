"""What an account has one of already, before an audit would make another and be refused by AWS half-way."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from lib.settings import Settings
from tap.account import Account
from tap.inventory.listers.account_audit import HUB_IS_OFF
from tap.inventory.resource import belongs_to
from tap.inventory.state import State


class OccupiedError(RuntimeError):
    """A service that AWS lets an account have once in a Region is in use by somebody else; nothing was changed."""


def refuse_occupied(account: Account, settings: Settings, state: State | None) -> None:
    """Look at what the settings turn on. Raises `OccupiedError`, with the remedy for each, and botocore's errors."""
    if settings.architecture != "account":
        return
    found = [*_detectors(account, settings), *_recorders(account, settings), *_hub(account, settings, state)]
    if found:
        raise OccupiedError("; ".join(found) + ". Nothing was made")


def _detectors(account: Account, settings: Settings) -> Iterator[str]:
    if not settings.account_guardduty:
        return
    guardduty = account.client("guardduty")
    for identity in guardduty.list_detectors()["DetectorIds"]:
        tags = guardduty.get_detector(DetectorId=identity).get("Tags", {})
        if not belongs_to(tags, settings.environment_suffix):
            yield (
                f"GuardDuty is on in {account.region} with detector {identity}, and AWS takes one: leave out "
                f"ACCOUNT_GUARDDUTY, or run `aws guardduty delete-detector --detector-id {identity}` first"
            )


def _recorders(account: Account, settings: Settings) -> Iterator[str]:
    if not settings.account_config:
        return
    for recorder in account.client("config").describe_configuration_recorders()["ConfigurationRecorders"]:
        name = recorder["name"]
        if name != settings.name("audit"):
            yield (
                f"AWS Config records in {account.region} with recorder {name}, and AWS takes one: leave out "
                f"ACCOUNT_CONFIG, or remove it with its delivery channel first "
                f"(`aws configservice delete-configuration-recorder --configuration-recorder-name {name}`)"
            )


def _hub(account: Account, settings: Settings, state: State | None) -> Iterator[str]:
    """A hub has no tags that say whose it is: only the state does."""
    ours = state is not None and any(one.type == "aws_securityhub_account" for one in state.managed)
    if not settings.account_security_hub or ours:
        return
    try:
        account.client("securityhub").describe_hub()
    except ClientError as error:
        if error.response["Error"]["Code"] == HUB_IS_OFF:
            return
        raise
    yield (
        f"Security Hub is on in {account.region}, and AWS takes one: leave out ACCOUNT_SECURITY_HUB, or run "
        "`aws securityhub disable-security-hub` first"
    )
