"""Repairs of Secrets Manager: replicas have their own Region's key, and their ARN differs in the Region alone.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html
"""

from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret

from local_aws.registry import installs, patch


@installs
def keep_keys_of_replicas() -> None:
    """moto gives every replica the default key, and the secret's key where it is described in its Region."""
    plain_create, plain_dict, plain_init = FakeSecret.create_replicas, ReplicaSecret.to_dict, ReplicaSecret.__init__

    def create_replicas(secret: Any, replica_regions: list[dict[str, str]], force_overwrite: bool) -> list[Any]:
        made = plain_create(secret, replica_regions, force_overwrite=force_overwrite)
        for replica, asked in zip(made, replica_regions, strict=True):
            replica.config["KmsKeyId"] = asked.get("KmsKeyId") or replica.config["KmsKeyId"]
        return list(made)

    def to_dict(replica: Any) -> dict[str, Any]:
        return {**plain_dict(replica), "KmsKeyId": replica.config["KmsKeyId"]}

    def __init__(replica: Any, source: Any, region: str, *more: Any) -> None:  # noqa: N807
        plain_init(replica, source, region, *more)
        replica.arn = source.arn.replace(f":{source.region}:", f":{region}:")

    patch(FakeSecret, create_replicas=create_replicas)
    patch(ReplicaSecret, __init__=__init__, to_dict=to_dict)
