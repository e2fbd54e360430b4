"""KMS: replicas of multi-Region keys, in place of moto's, which share the primary's properties.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from copy import copy
from typing import Any

from moto.core.utils import unix_time
from moto.kms.models import Key, kms_backends

from local_aws.calls import Call
from local_aws.registry import Output, operation


def called_key(call: Call) -> Any:
    """The key that a call names by id, ARN or alias. Raises KeyError where there is none."""
    backend = call.backend("kms")
    return backend.keys[backend.any_id_to_key_id(call.params["KeyId"])]


def primary_of(key: Any) -> Any:
    """The primary of a multi-Region key; a key of one Region is its own."""
    if not key.multi_region:
        return key
    region = key.multi_region_configuration["PrimaryKey"]["Region"]
    return kms_backends[key.account_id][region].keys[key.id]


@operation("kms", "ReplicateKey")
def replicate_key(call: Call) -> Output:
    """Makes a key of the same id and material in another Region, with properties of its own beside them."""
    given, primary, region = call.params, called_key(call), call.params["ReplicaRegion"]
    replica: Any = copy(primary)
    replica.region, replica.arn = region, primary.arn.replace(f":{call.region}:", f":{region}:")
    replica.policy = given.get("Policy") or replica.generate_default_policy()
    replica.description = given.get("Description", "")
    replica.creation_date = unix_time()
    replica.grants, replica.aliases, replica.rotations = {}, {}, []
    replica.multi_region_configuration = {**primary.multi_region_configuration, "MultiRegionKeyType": "REPLICA"}
    # The list is one for all keys of the id.
    primary.multi_region_configuration["ReplicaKeys"].append({"Arn": replica.arn, "Region": region})
    _keep(call, replica)
    metadata = replica.to_dict()["KeyMetadata"]
    return {"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy, "ReplicaTags": given.get("Tags", [])}


def _keep(call: Call, replica: Key) -> None:
    backend = kms_backends[call.account_id][replica.region]
    backend.keys[replica.id] = replica
    if call.params.get("Tags"):
        backend.tagger.tag_resource(replica.id, call.params["Tags"])
