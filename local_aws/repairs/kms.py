"""Repairs of KMS: rotation."""

from typing import Any

from local_aws.calls import Call
from local_aws.registry import Output, Plain, repairs

DEFAULT_ROTATION_DAYS = 365


def _key(call: Call) -> Any:
    backend = call.backend()
    return backend.keys[backend.get_key_id(call.params["KeyId"])]


@repairs("kms", "EnableKeyRotation")
def keep_rotation_period(call: Call, plain: Plain) -> Output:
    """moto forgets the period."""
    output = plain()
    _key(call).rotation_period = call.params.get("RotationPeriodInDays", DEFAULT_ROTATION_DAYS)
    return output


@repairs("kms", "GetKeyRotationStatus")
def show_rotation_period(call: Call, plain: Plain) -> Output:
    """moto does not show the period."""
    output, key = plain(), _key(call)
    if output["KeyRotationEnabled"]:
        output |= {"KeyId": key.id, "RotationPeriodInDays": getattr(key, "rotation_period", DEFAULT_ROTATION_DAYS)}
    return output
