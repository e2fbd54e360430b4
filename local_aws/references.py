"""Whether what a call refers to exists, in whichever service it lives."""

from typing import Any

from moto.iam.exceptions import NotFoundException

from local_aws.calls import Call


def key_of(call: Call, identity: str, region: str = "") -> Any:
    """moto's KMS key by id, ARN or alias, in this Region by default; None where there is none that can be used."""
    backend = call.backend("kms", region)
    try:
        key = backend.keys.get(backend.any_id_to_key_id(identity))
    except (KeyError, AttributeError, TypeError):
        return None
    if key is None and identity.split(":")[-1].startswith("alias/aws/"):
        key = backend.describe_key(identity)
    return key if key and key.key_state == "Enabled" else None


def role_exists(call: Call, arn: str) -> bool:
    """True if the role exists."""
    try:
        return bool(call.backend("iam").get_role_by_arn(arn))
    except NotFoundException:
        return False


def missing_subnets(call: Call, identities: list[str]) -> list[str]:
    """Those of the subnets that do not exist in this Region."""
    existing = {identity for zone in call.backend("ec2").subnets.values() for identity in zone}
    return [identity for identity in identities if identity not in existing]


def missing_groups(call: Call, identities: list[str]) -> list[str]:
    """Those of the security groups that do not exist in this Region."""
    backend = call.backend("ec2")
    return [identity for identity in identities if backend.get_security_group_from_id(identity) is None]


def queue_or_topic_exists(call: Call, arn: str) -> bool:
    """True if the SQS queue or SNS topic exists in this Region."""
    if ":sqs:" in arn:
        return any(queue.queue_arn == arn for queue in call.backend("sqs").queues.values())
    return arn in call.backend("sns").topics
