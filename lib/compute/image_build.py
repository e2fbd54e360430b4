"""The payment service's image: its repository, and the project that builds it while a deployment waits."""

from __future__ import annotations

import json

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.codebuild_project import (
    CodebuildProject,
    CodebuildProjectArtifacts,
    CodebuildProjectEnvironment,
    CodebuildProjectEnvironmentEnvironmentVariable,
    CodebuildProjectLogsConfig,
    CodebuildProjectLogsConfigCloudwatchLogs,
    CodebuildProjectLogsConfigS3Logs,
    CodebuildProjectSource,
)
from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.compute.context_bucket import ContextBucket
from lib.compute.function import FunctionCode, PlainFunction
from lib.compute.image_source import ImageSource
from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.log_group import owned_log_group
from lib.region import Region

NAME = "service"
HANDLER = "container_deployments.build_image"
# Lambda's longest. A build that takes longer goes on, and the next deploy waits for it:
# lib/lambda/container_deployments.py.
FUNCTION_TIMEOUT_SECONDS = 900
FUNCTION_MEMORY_MB = 256
BUILD_TIMEOUT_MINUTES = 30
# An image that was deployed long ago is built again from its context when it is deployed again.
KEPT_IMAGES = 20
# https://docs.aws.amazon.com/codebuild/latest/userguide/available-images.html
BUILD_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
# Push, and ask whether a tag is there. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
PUSH_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


class ImageBuild:
    """The image of one build context, which is pushed under the context's own tag when `ready` is there.

    The build runs the context's `buildspec.yml`. A deploy whose build fails says where the build's log is.
    """

    def __init__(self, region: Region, *, source: ImageSource, code: FunctionCode, key: Key) -> None:
        self._region = region
        self._key = key
        self.tag = source.tag
        self.repository = self._repository()
        self.repository_arn = self.repository.arn
        self.image = f"{self.repository.repository_url}:{source.tag}"
        self._bucket = ContextBucket(region, key=key)
        self._log_group = owned_log_group(
            region, "image_build_log_group", name=f"/aws/codebuild/{region.settings.name(NAME)}", key_arn=key.arn
        )
        self._role = service_role(
            region,
            "image_build_role",
            name=region.settings.name("image-build"),
            service="codebuild.amazonaws.com",
            of_account=region.account_id,
        )
        permission = self._allow_building()
        self.project = self._project(self._bucket.add(source))
        self.function = self._function(code)
        run = self.function.call_at_deploy(
            {"project": self.project.name, "repository": self.repository.name, "tag": source.tag},
            when_changed={"image": source.tag},
            after=[permission, self.project],
        )
        self.ready: list[ITerraformDependable] = [run]

    def outputs(self) -> dict[str, str]:
        return {
            "image_repository_url": self.repository.repository_url,
            "image_tag": self.tag,
            "image_build_project_name": self.project.name,
            "image_context_bucket_name": self._bucket.bucket.bucket,
        }

    def _repository(self) -> EcrRepository:
        repository = self._region.add(
            EcrRepository,
            "image_repository",
            name=self._region.settings.name(NAME),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            encryption_configuration=[
                EcrRepositoryEncryptionConfiguration(encryption_type="KMS", kms_key=self._key.arn)
            ],
            force_delete=not self._region.settings.protected,
        )
        rule = {
            "rulePriority": 1,
            "description": f"Keep the newest {KEPT_IMAGES} images",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES},
            "action": {"type": "expire"},
        }
        self._region.add(
            EcrLifecyclePolicy,
            "image_repository_lifecycle",
            repository=repository.name,
            policy=json.dumps({"rules": [rule]}),
        )
        return repository

    def _allow_building(self) -> IamRolePolicyAttachment:
        return attach_policy(
            self._region,
            "image_build",
            role=self._role,
            name=self._region.settings.name("image-build"),
            statements=[
                *self._bucket.read_access(),
                self._key.use("DecryptContext"),
                Statement(
                    sid="LogInToRegistry",
                    actions=["ecr:GetAuthorizationToken"],
                    resources=["*"],  # It is for the account's registry and has no resource-level permission.
                ),
                Statement(sid="PushImage", actions=PUSH_ACTIONS, resources=[self.repository_arn]),
                Statement(
                    sid="WriteLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"{self._log_group.arn}:*"],
                ),
            ],
        )

    def _project(self, context: str) -> CodebuildProject:
        """`context` is where the build context is, as `bucket/key`."""
        variables = {
            "IMAGE_REPOSITORY": self.repository.repository_url,
            "IMAGE_TAG": self.tag,
            "AWS_DEFAULT_REGION": self._region.name,
        }
        return self._region.add(
            CodebuildProject,
            "image_build_project",
            name=self._region.settings.name(NAME),
            description="Builds the image of the payment service and pushes it",
            service_role=self._role.arn,
            build_timeout=BUILD_TIMEOUT_MINUTES,
            encryption_key=self._key.arn,
            source=CodebuildProjectSource(type="S3", location=context),
            artifacts=CodebuildProjectArtifacts(type="NO_ARTIFACTS"),
            environment=CodebuildProjectEnvironment(
                type="ARM_CONTAINER",
                compute_type="BUILD_GENERAL1_SMALL",
                image=BUILD_IMAGE,
                privileged_mode=True,  # For Docker, which builds the image.
                environment_variable=[
                    CodebuildProjectEnvironmentEnvironmentVariable(name=name, value=value)
                    for name, value in variables.items()
                ],
            ),
            logs_config=CodebuildProjectLogsConfig(
                cloudwatch_logs=CodebuildProjectLogsConfigCloudwatchLogs(
                    group_name=self._log_group.name, status="ENABLED"
                ),
                s3_logs=CodebuildProjectLogsConfigS3Logs(status="DISABLED"),
            ),
        )

    def _function(self, code: FunctionCode) -> PlainFunction:
        region = self._region
        function = PlainFunction(
            region,
            "image_builder",
            code=code,
            name="image-builder",
            description="Builds the image of the payment service at deploy, and waits for it",
            handler=HANDLER,
            timeout_seconds=FUNCTION_TIMEOUT_SECONDS,
            memory_mb=FUNCTION_MEMORY_MB,
            key=self._key,
            environment={"REGION": region.name, "POWERTOOLS_SERVICE_NAME": "image-builder"},
        )
        function.grant(
            "image",
            [
                Statement(
                    sid="BuildImage",
                    actions=["codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject", "codebuild:StartBuild"],
                    resources=[self.project.arn],
                ),
                Statement(sid="FindImage", actions=["ecr:DescribeImages"], resources=[self.repository_arn]),
            ],
        )
        return function
