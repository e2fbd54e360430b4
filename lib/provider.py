"""Where Terraform keeps the state, and how it talks to AWS."""

from __future__ import annotations

from cdktf import LocalBackend, S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from lib.settings import Settings


def configure_provider(stack: TerraformStack, settings: Settings) -> AwsProvider:
    """Add the AWS provider with the default tags; against a local AWS, without the look-ups only AWS can answer."""
    provider = AwsProvider(
        stack,
        "aws",
        region=settings.aws_region,
        default_tags=[AwsProviderDefaultTags(tags=settings.tags)],
        allowed_account_ids=[settings.aws_account_id] if settings.aws_account_id else None,
    )
    if settings.aws_endpoint_url:
        provider.skip_credentials_validation = True
        provider.skip_metadata_api_check = "true"
        provider.skip_region_validation = True
        provider.s3_use_path_style = True
        # The default of 25 makes the provider retry for minutes what a local AWS will never answer.
        provider.max_retries = 3
    return provider


def configure_state(stack: TerraformStack, settings: Settings) -> None:
    """Keep one state per suffix: in the state bucket, locked by its own lock file, or in a local file."""
    if not settings.state_bucket:
        # Relative to the stack's folder in cdktf.out, where Terraform runs: no path of this machine in the JSON.
        LocalBackend(stack, path=f"../../../terraform.{settings.stack_name}.tfstate")
        return
    backend = S3Backend(
        stack,
        bucket=settings.state_bucket,
        key=f"payment/{settings.architecture}/{settings.environment_suffix}.tfstate",
        region=settings.state_region or settings.aws_region,
        encrypt=True,
    )
    backend.add_override("use_lockfile", True)
    if settings.aws_endpoint_url:
        for option in ("skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation"):
            backend.add_override(option, True)
        backend.add_override("use_path_style", True)
