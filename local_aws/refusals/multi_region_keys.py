"""What KMS refuses of multi-Region keys and moto accepts.

https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
"""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.operations.kms import called_key, primary_of
from local_aws.registry import refuses

STATES = {"Enabled": "", "Disabled": "DisabledException"}
"""The error by the state of the key that is to be replicated; KMSInvalidStateException in all other states."""


def _key(call: Call) -> Any:
    try:
        return called_key(call)
    except KeyError:
        raise AwsError("NotFoundException", f"Key '{call.params['KeyId']}' does not exist") from None


@refuses("kms", "ReplicateKey")
def replicas_that_cannot_be(call: Call) -> None:
    """Only an enabled primary key is replicated, once to each other Region."""
    key, region = _key(call), call.params["ReplicaRegion"]
    if not key.multi_region or primary_of(key) is not key:
        raise AwsError("UnsupportedOperationException", f"{key.arn} is not a multi-Region primary key.")
    code = STATES.get(key.key_state, "KMSInvalidStateException")
    if code:
        raise AwsError(code, f"{key.arn} is {key.key_state}.")
    taken = {replica["Region"] for replica in key.multi_region_configuration["ReplicaKeys"]} | {call.region}
    if region in taken:
        raise AwsError("AlreadyExistsException", f"A key with the id {key.id} already exists in {region}.")


@refuses("kms", "EnableKeyRotation", "DisableKeyRotation")
def rotation_of_a_replica(call: Call) -> None:
    """Rotation is a property that replicas share: it is set on the primary."""
    key = _key(call)
    if primary_of(key) is not key:
        raise AwsError("UnsupportedOperationException", f"{key.arn} is a replica: its primary key sets rotation.")
