"""Where the image comes from: a bucket with the build context, a repository, a CodeBuild project."""

from typing import Any

from tests.integration.local_aws_containers.stack_policies import (
    ACCOUNT,
    NAME,
    REGION,
    Resources,
    allow,
    document,
    role,
    tls_only,
)

BUILDSPEC = """\
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE_REPOSITORY%%/*}"
  build:
    commands:
      - docker build --tag "$IMAGE_REPOSITORY:$IMAGE_TAG" .
  post_build:
    commands:
      - docker push "$IMAGE_REPOSITORY:$IMAGE_TAG"
"""

PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]


def _bucket(name: str, *statements: dict[str, Any], changed: bool = False) -> Resources:
    """A bucket as the project has them."""
    own = {"bucket": f"${{aws_s3_bucket.{name}.id}}"}
    kms = {"sse_algorithm": "aws:kms", "kms_master_key_id": "${aws_kms_key.main.arn}"}
    aws_managed = {"sse_algorithm": "AES256"}
    rules: list[dict[str, Any]] = [
        {
            "id": "archive",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "transition": [
                {"days": 30, "storage_class": "INTELLIGENT_TIERING"},
                {"days": 90, "storage_class": "GLACIER"},
            ],
            "expiration": [{"days": 400 if changed else 365}],
            "noncurrent_version_expiration": [{"noncurrent_days": 30}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        }
    ]
    return {
        "aws_s3_bucket": {name: {"bucket": f"{NAME}-{name}", "force_destroy": True}},
        "aws_s3_bucket_versioning": {name: {**own, "versioning_configuration": [{"status": "Enabled"}]}},
        "aws_s3_bucket_server_side_encryption_configuration": {
            name: {
                **own,
                "rule": [
                    {
                        "apply_server_side_encryption_by_default": [kms if name == "source" else aws_managed],
                        "bucket_key_enabled": True,
                    }
                ],
            }
        },
        "aws_s3_bucket_public_access_block": {
            name: {
                **own,
                "block_public_acls": True,
                "block_public_policy": True,
                "ignore_public_acls": True,
                "restrict_public_buckets": True,
            }
        },
        "aws_s3_bucket_ownership_controls": {name: {**own, "rule": [{"object_ownership": "BucketOwnerEnforced"}]}},
        "aws_s3_bucket_lifecycle_configuration": {
            name: {**own, "rule": rules, "depends_on": [f"aws_s3_bucket_versioning.{name}"]}
        },
        "aws_s3_bucket_policy": {name: {**own, "policy": document(tls_only(name), *statements)}},
    }


def build(changed: bool) -> Resources:
    """Everything up to the image itself, which a build makes."""
    source = "${aws_s3_bucket.source.arn}/context.zip"
    logs_role = role(
        "build",
        "codebuild",
        allow(["s3:GetObject", "s3:GetObjectVersion"], source),
        allow(["s3:GetBucketLocation"], "${aws_s3_bucket.source.arn}"),
        allow("ecr:GetAuthorizationToken", "*"),
        allow(PUSH, "${aws_ecr_repository.main.arn}"),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], "${aws_cloudwatch_log_group.build.arn}:*"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], "${aws_kms_key.main.arn}"),
    )
    logs = {
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"${{aws_s3_bucket.logs.arn}}/balancer/AWSLogs/{ACCOUNT}/*",
    }
    own: Resources = {
        "aws_kms_key": {"main": {"deletion_window_in_days": 7, "enable_key_rotation": True}},
        "aws_s3_object": {
            "context": {
                "bucket": "${aws_s3_bucket.source.id}",
                "key": "context.zip",
                "source": "context.zip",
                "source_hash": '${filebase64sha256("context.zip")}',
                "depends_on": [
                    "aws_s3_bucket_versioning.source",
                    "aws_s3_bucket_server_side_encryption_configuration.source",
                    "aws_s3_bucket_policy.source",
                ],
            }
        },
        "aws_ecr_repository": {
            "main": {
                "name": NAME,
                "image_tag_mutability": "IMMUTABLE",
                "image_scanning_configuration": [{"scan_on_push": True}],
                "encryption_configuration": [{"encryption_type": "KMS", "kms_key": "${aws_kms_key.main.arn}"}],
                "force_delete": True,
            }
        },
        "aws_ecr_lifecycle_policy": {
            "main": {"repository": "${aws_ecr_repository.main.name}", "policy": _lifecycle(20 if changed else 10)}
        },
        "aws_cloudwatch_log_group": {"build": {"name": f"/aws/codebuild/{NAME}", "retention_in_days": 7}},
        "aws_codebuild_project": {"main": _project(changed)},
    }
    return _combined(_bucket("source"), _bucket("logs", logs, changed=changed), logs_role, own)


def _lifecycle(count: int) -> str:
    rule = (
        '{"rulePriority":1,"description":"Keep the newest","selection":{"tagStatus":"any",'
        f'"countType":"imageCountMoreThan","countNumber":{count}}},"action":{{"type":"expire"}}}}'
    )
    return f'{{"rules":[{rule}]}}'


def _project(changed: bool) -> dict[str, Any]:
    return {
        "name": NAME,
        "description": "Builds the image, again" if changed else "Builds the image",
        "service_role": "${aws_iam_role.build.arn}",
        "build_timeout": 20 if changed else 15,
        "queued_timeout": 30,
        "encryption_key": "${aws_kms_key.main.arn}",
        "source": [
            {
                "type": "S3",
                "location": "${aws_s3_bucket.source.bucket}/${aws_s3_object.context.key}",
                "buildspec": BUILDSPEC.replace("${", "$${").replace("%{", "%%{"),
            }
        ],
        "artifacts": [{"type": "NO_ARTIFACTS"}],
        "environment": [
            {
                "type": "ARM_CONTAINER",
                "compute_type": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                "privileged_mode": True,
                "environment_variable": [
                    {"name": "IMAGE_REPOSITORY", "value": "${aws_ecr_repository.main.repository_url}"},
                    {"name": "IMAGE_TAG", "value": "first"},
                    {"name": "AWS_DEFAULT_REGION", "value": REGION},
                ],
            }
        ],
        "logs_config": [
            {
                "cloudwatch_logs": [{"group_name": "${aws_cloudwatch_log_group.build.name}", "status": "ENABLED"}],
                "s3_logs": [{"status": "DISABLED"}],
            }
        ],
    }


def _combined(*parts: Resources) -> Resources:
    found: Resources = {}
    for part in parts:
        for kind, resources in part.items():
            found.setdefault(kind, {}).update(resources)
    return found
