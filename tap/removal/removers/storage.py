"""Buckets with all that is in them, images, parameters and secrets."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, after_slash, deletes, described
from tap.removal.remover import (
    GoesWithError,
    Reading,
    RemovalRefusedError,
    Remover,
    ResourceGoneError,
    Scope,
    StillInUseError,
    as_tags,
    only,
)


def read_bucket(scope: Scope, resource: Resource) -> Reading:
    s3, bucket = scope.client("s3", resource), {"Bucket": resource.name}
    s3.head_bucket(**bucket)
    try:
        return Reading(as_tags(s3.get_bucket_tagging(**bucket)["TagSet"]))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchTagSet":
            return Reading()
        raise


def remove_bucket(scope: Scope, resource: Resource, _: Reading) -> None:
    """A bucket goes after its objects with all versions and delete markers, and uploads that never ended."""
    s3, bucket = scope.client("s3", resource), {"Bucket": resource.name}
    for page in s3.get_paginator("list_object_versions").paginate(**bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in found]
        if objects:
            failed = s3.delete_objects(**bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors") or ()
            for failure in failed:
                raise RemovalRefusedError(f"object {failure['Key']}: {failure['Code']}: {failure.get('Message')}")
    for page in s3.get_paginator("list_multipart_uploads").paginate(**bucket):
        for upload in page.get("Uploads", ()):
            s3.abort_multipart_upload(**bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(**bucket)


def _parameter(resource: Resource) -> str:
    """The name: one with slashes begins with one, which its ARN leaves out."""
    name = after_slash(resource)
    return f"/{name}" if "/" in name else name


def read_parameter(scope: Scope, resource: Resource) -> Reading:
    ssm, name = scope.client("ssm", resource), _parameter(resource)
    exactly = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    details = only(ssm.describe_parameters(ParameterFilters=exactly)["Parameters"])
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return Reading(as_tags(tags), details=details)


def read_secret(scope: Scope, resource: Resource) -> Reading:
    """A secret that RDS manages is part of the cluster that its tags name."""
    details = scope.client("secretsmanager", resource).describe_secret(SecretId=resource.arn)
    tags = as_tags(details.get("Tags"))
    cluster = tags.get("aws:rds:primaryDBClusterArn")
    return Reading(tags, frozenset({cluster} if cluster else ()), details)


def remove_secret(scope: Scope, resource: Resource, reading: Reading) -> None:
    """At once: within a recovery window, its name could not be used again. A replica goes with its primary.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/delete-replica.html
    """
    client = scope.client("secretsmanager", resource)
    if reading.details.get("OwningService") == "rds" and reading.owners:
        raise GoesWithError(next(iter(reading.owners)))
    primary = reading.details.get("PrimaryRegion")
    if primary and primary != resource.region:
        raise GoesWithError(resource.arn_in(primary))
    replicas = [replica["Region"] for replica in reading.details.get("ReplicationStatus") or ()]
    if replicas:
        client.remove_regions_from_replication(SecretId=resource.arn, RemoveReplicaRegions=replicas)
        raise StillInUseError(f"its replicas are being removed: {', '.join(replicas)}")
    client.delete_secret(SecretId=resource.arn, ForceDeleteWithoutRecovery=True)


def read_image(scope: Scope, resource: Resource) -> Reading:
    """An image is named `repository/NAME/DIGEST`, and is part of its repository."""
    ecr, (name, digest) = scope.client("ecr", resource), _image(resource)
    details = only(ecr.describe_images(repositoryName=name, imageIds=[{"imageDigest": digest}])["imageDetails"])
    return Reading(owners=frozenset({resource.arn.rpartition("/")[0]}), details=details)


def _image(resource: Resource) -> tuple[str, str]:
    name, _, digest = after_slash(resource).rpartition("/")
    if not digest.startswith("sha256:"):
        raise ResourceGoneError
    return name, digest


def remove_image(scope: Scope, resource: Resource, _: Reading) -> None:
    name, digest = _image(resource)
    scope.client("ecr", resource).batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": digest}])


REMOVERS = {
    "s3:bucket": Remover(read_bucket, remove_bucket),
    "ssm:parameter": Remover(read_parameter, deletes("ssm", "delete_parameter", "Name", value=_parameter)),
    "secretsmanager:secret": Remover(read_secret, remove_secret),
    "ecr:repository": Remover(
        described(
            "ecr",
            "describe_repositories",
            "repositoryNames",
            "repositories",
            value=after_slash,
            several=True,
            tags=ListTags("list_tags_for_resource", "resourceArn", "tags"),
        ),
        deletes("ecr", "delete_repository", "repositoryName", value=after_slash, force=True),
    ),
    "ecr:image": Remover(read_image, remove_image),
}
