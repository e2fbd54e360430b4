"""What an account's audit is made of: trail, detector, recorder with its channel and rules, hub."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tap.inventory.listers.account_audit import HUB_IS_OFF
from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, deletes, described
from tap.removal.remover import Reading, Remover, ResourceGoneError, Scope, as_tags, only, paged


def read_trail(scope: Scope, resource: Resource) -> Reading:
    client = scope.client("cloudtrail", resource)
    details = client.get_trail(Name=resource.arn)["Trail"]
    (tagged,) = client.list_tags(ResourceIdList=[resource.arn])["ResourceTagList"]
    return Reading(as_tags(tagged["TagsList"]), details=details)


def read_detector(scope: Scope, resource: Resource) -> Reading:
    """GuardDuty answers BadRequestException for a detector that is none."""
    client = scope.client("guardduty", resource)
    if resource.name not in list(paged(client, "list_detectors", "DetectorIds")):
        raise ResourceGoneError
    details = client.get_detector(DetectorId=resource.name)
    return Reading(as_tags(details["Tags"]), details=details)


def read_rule(scope: Scope, resource: Resource) -> Reading:
    """A rule's ARN has an id, and rules are asked for by name."""
    client = scope.client("config", resource)
    rules = paged(client, "describe_config_rules", "ConfigRules")
    details = only([rule for rule in rules if rule["ConfigRuleArn"] == resource.arn])
    tags = ListTags("list_tags_for_resource", "ResourceArn", "Tags").of(client, resource)
    return Reading(as_tags(tags), details=details)


def remove_rule(scope: Scope, resource: Resource, reading: Reading) -> None:
    scope.client("config", resource).delete_config_rule(ConfigRuleName=reading.details["ConfigRuleName"])


def read_recorder(scope: Scope, resource: Resource) -> Reading:
    """A recorder has no tags: it is part of the role that it takes on."""
    return described(
        "config",
        "describe_configuration_recorders",
        "ConfigurationRecorderNames",
        "ConfigurationRecorders",
        several=True,
        owners=lambda _, details: {details["roleARN"]},
    )(scope, resource)


def remove_recorder(scope: Scope, resource: Resource, _: Reading) -> None:
    """It is stopped first, then its channel goes: AWS Config keeps the last channel of a recorder that runs."""
    config: Any = scope.client("config", resource)
    recorder = {"ConfigurationRecorderName": resource.name}
    config.stop_configuration_recorder(**recorder)
    for channel in config.describe_delivery_channels()["DeliveryChannels"]:
        config.delete_delivery_channel(DeliveryChannelName=channel["name"])
    config.delete_configuration_recorder(**recorder)


def read_hub(scope: Scope, resource: Resource) -> Reading:
    try:
        return Reading(details=scope.client("securityhub", resource).describe_hub())
    except ClientError as error:
        if error.response["Error"]["Code"] == HUB_IS_OFF:
            raise ResourceGoneError from None
        raise


def remove_hub(scope: Scope, resource: Resource, _: Reading) -> None:
    """Its standards go with it."""
    scope.client("securityhub", resource).disable_security_hub()


REMOVERS = {
    "cloudtrail:trail": Remover(read_trail, deletes("cloudtrail", "delete_trail", "Name")),
    "guardduty:detector": Remover(read_detector, deletes("guardduty", "delete_detector", "DetectorId")),
    "config:config-rule": Remover(read_rule, remove_rule),
    "config:configuration-recorder": Remover(read_recorder, remove_recorder),
    "securityhub:hub": Remover(read_hub, remove_hub),
}
