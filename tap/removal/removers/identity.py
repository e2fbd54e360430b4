"""IAM, encryption keys and certificates."""

from __future__ import annotations

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, by_arn, deletes, described
from tap.removal.ownership import read_now
from tap.removal.remover import (
    Reading,
    RemovalRefusedError,
    Remover,
    ResourceGoneError,
    Scope,
    StillInUseError,
    as_tags,
    paged,
    sibling,
)

KEY_WAITING_DAYS = 7
"""The shortest that AWS allows: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"""


def remove_role(scope: Scope, resource: Resource, _: Reading) -> None:
    """A role goes after its policies, attached and inline, and after it has left its instance profiles."""
    iam, role = scope.client("iam", resource), {"RoleName": resource.name}
    for profile in paged(iam, "list_instance_profiles_for_role", "InstanceProfiles", **role):
        iam.remove_role_from_instance_profile(**role, InstanceProfileName=profile["InstanceProfileName"])
    for attached in paged(iam, "list_attached_role_policies", "AttachedPolicies", **role):
        iam.detach_role_policy(**role, PolicyArn=attached["PolicyArn"])
    for name in paged(iam, "list_role_policies", "PolicyNames", **role):
        iam.delete_role_policy(**role, PolicyName=name)
    iam.delete_role(**role)


def remove_policy(scope: Scope, resource: Resource, _: Reading) -> None:
    """A policy goes after its older versions, and after this environment's roles have lost it."""
    iam, policy = scope.client("iam", resource), {"PolicyArn": resource.arn}
    for group in paged(iam, "list_entities_for_policy", "PolicyGroups", **policy):
        raise _attached(f"group {group['GroupName']}")
    for user in paged(iam, "list_entities_for_policy", "PolicyUsers", **policy):
        raise _attached(f"user {user['UserName']}")
    for role in list(paged(iam, "list_entities_for_policy", "PolicyRoles", **policy)):
        found = iam.get_role(RoleName=role["RoleName"])["Role"]
        if not scope.ours(found["Arn"]):
            raise _attached(f"role {role['RoleName']}")
        iam.detach_role_policy(RoleName=role["RoleName"], **policy)
    for version in list(paged(iam, "list_policy_versions", "Versions", **policy)):
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(**policy, VersionId=version["VersionId"])
    iam.delete_policy(**policy)


def _attached(to: str) -> RemovalRefusedError:
    return RemovalRefusedError(f"it is attached to {to}, which is not of this environment: detach it there")


def remove_instance_profile(scope: Scope, resource: Resource, reading: Reading) -> None:
    iam, profile = scope.client("iam", resource), {"InstanceProfileName": resource.name}
    for role in reading.details.get("Roles") or ():
        iam.remove_role_from_instance_profile(**profile, RoleName=role["RoleName"])
    iam.delete_instance_profile(**profile)


def read_key(scope: Scope, resource: Resource) -> Reading:
    """A key that waits for its deletion counts as gone: nothing can be done with it any more."""
    kms = scope.client("kms", resource)
    details = kms.describe_key(KeyId=resource.arn)["KeyMetadata"]
    tags = as_tags(list(paged(kms, "list_resource_tags", "Tags", KeyId=resource.arn)))
    waiting = details["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion")
    return Reading(tags, details=details, gone=waiting)


def remove_key(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A key goes after its replicas in other Regions. Its aliases would keep their names until it is gone.

    https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html#deleting-mrks
    """
    regions = reading.details.get("MultiRegionConfiguration") or {}
    if regions.get("MultiRegionKeyType") == "PRIMARY":
        for replica in regions.get("ReplicaKeys") or ():
            if read_now(scope, Resource(replica["Arn"], "kms:key")) is not None:
                raise StillInUseError(f"its replica in {replica['Region']} goes first")
    kms = scope.client("kms", resource)
    for alias in paged(kms, "list_aliases", "Aliases", KeyId=resource.name):
        kms.delete_alias(AliasName=alias["AliasName"])
    kms.schedule_key_deletion(KeyId=resource.name, PendingWindowInDays=KEY_WAITING_DAYS)


def _alias(resource: Resource) -> str:
    return resource.arn.split(":", 5)[5]


def read_alias(scope: Scope, resource: Resource) -> Reading:
    """Aliases have no tags: they are part of the key that they name."""
    for alias in paged(scope.client("kms", resource), "list_aliases", "Aliases"):
        if alias["AliasName"] == _alias(resource):
            target = alias.get("TargetKeyId")
            return Reading(owners=frozenset({sibling(resource, f"key/{target}")} if target else ()), details=alias)
    raise ResourceGoneError


REMOVERS = {
    "iam:role": Remover(described("iam", "get_role", "RoleName", "Role", tags="Tags"), remove_role),
    "iam:policy": Remover(
        described("iam", "get_policy", "PolicyArn", "Policy", value=by_arn, tags="Tags"), remove_policy
    ),
    "iam:instance-profile": Remover(
        described("iam", "get_instance_profile", "InstanceProfileName", "InstanceProfile", tags="Tags"),
        remove_instance_profile,
    ),
    "kms:key": Remover(read_key, remove_key),
    "kms:alias": Remover(read_alias, deletes("kms", "delete_alias", "AliasName", value=_alias)),
    "acm:certificate": Remover(
        described(
            "acm",
            "describe_certificate",
            "CertificateArn",
            "Certificate",
            value=by_arn,
            tags=ListTags("list_tags_for_certificate", "CertificateArn", "Tags"),
        ),
        deletes("acm", "delete_certificate", "CertificateArn", value=by_arn),
    ),
}
