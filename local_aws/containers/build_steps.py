"""What a build does with its service role: reads its source, pushes its image, writes its log. Raises BuildError."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.models import ecr_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends

from local_aws.containers.errors import BuildError
from local_aws.containers.images import MANIFEST_TYPE, REFERENCE, digest_of
from local_aws.functions.execution_role import role_allows, role_trusts
from local_aws.turn import TURN

PUSH_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""

PRINCIPAL = "codebuild.amazonaws.com"
PARTITION = "aws"


def require(role: str, action: str, resource: str) -> None:
    """Raises BuildError if the role does not allow it."""
    if not role_allows(role, action, resource):
        raise BuildError(f"AccessDenied: {role} is not authorized to perform: {action} on resource: {resource}")


def require_trust(role: str, build_arn: str) -> None:
    """Raises BuildError if CodeBuild may not take the role."""
    if not role_trusts(role, PRINCIPAL, build_arn.replace(":build/", ":project/").rpartition(":")[0]):
        raise BuildError(f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}")


def download(source: Mapping[str, Any], version: str | None, role: str, account: str) -> bytes:
    """The source of a build: a zip in S3."""
    if source["type"] != "S3":
        raise BuildError(f"The local AWS builds from S3, not from {source['type']}")
    bucket, _, key = source["location"].removeprefix("arn:aws:s3:::").partition("/")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    require(role, action, f"arn:{PARTITION}:s3:::{bucket}/{key}")
    with TURN:
        try:
            found = s3_backends[account][PARTITION].get_object(bucket, key, version_id=version)
        except ServiceException as error:
            raise BuildError(f"{error} for primary source and source version {version}") from None
        if found is None:
            raise BuildError(f"NoSuchKey: The specified key does not exist: {source['location']}")
        return bytes(found.value)


def log_in(project: Mapping[str, Any], role: str) -> None:
    """What a build needs before it can make and push an image."""
    if not project["environment"].get("privilegedMode"):
        raise BuildError("Cannot connect to the Docker daemon: the project's environment is not privileged")
    require(role, "ecr:GetAuthorizationToken", "*")


def push(manifest: str, repository_uri: str, tag: str, role: str) -> str:
    """Puts an image into its repository; what the log says of it."""
    found = REFERENCE.fullmatch(f"{repository_uri}:{tag}")
    if not found:
        raise BuildError(f"IMAGE_REPOSITORY is no repository of ECR: {repository_uri or 'it is not set'}")
    for action in PUSH_ACTIONS:
        require(role, action, f"arn:aws:ecr:{found['region']}:{found['account']}:repository/{found['name']}")
    backend = ecr_backends[found["account"]][found["region"]]
    digest = digest_of(manifest)
    with TURN:
        try:
            backend._get_repository(found["name"])
            backend.put_image(found["name"], manifest, tag, MANIFEST_TYPE, digest)
        except ServiceException as error:
            raise BuildError(f"tag invalid: {error}") from None
    return f"{tag}: digest: {digest}"


def write_log(role: str, account: str, region: str, group: str, stream: str, lines: Sequence[str]) -> None:
    """Writes lines to the build's log group, which is made if it is missing. Raises BuildError."""
    arn = f"arn:{PARTITION}:logs:{region}:{account}:log-group:{group}:log-stream:{stream}"
    backend = logs_backends[account][region]
    needed = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if group not in backend.groups:
        needed.insert(0, "logs:CreateLogGroup")
    for action in needed:
        require(role, action, arn)
    now = int(time.time() * 1000)
    with TURN:
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
