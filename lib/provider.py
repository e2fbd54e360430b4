"""The stack's backend and its AWS provider."""

from __future__ import annotations

from cdktf import LocalBackend, S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from lib.provider_options import provider_options, s3_backend, state_file, state_key
from lib.settings import RegionRole, Settings


def configure_provider(stack: TerraformStack, settings: Settings, role: RegionRole | None = None) -> AwsProvider:
    """Add the AWS provider with the default tags; of one of two Regions, with its role as the alias."""
    options = provider_options(
        region=settings.secondary_region if role is RegionRole.SECONDARY else settings.aws_region,
        tags=settings.tags,
        account_id=settings.aws_account_id,
        endpoint_url=settings.aws_endpoint_url,
    )
    default_tags = [AwsProviderDefaultTags(**block) for block in options.pop("default_tags")]
    if role is None:
        return AwsProvider(stack, "aws", default_tags=default_tags, **options)
    return AwsProvider(stack, f"aws_{role}", alias=role.value, default_tags=default_tags, **options)


def configure_state(stack: TerraformStack, settings: Settings) -> None:
    """Keep one state per suffix: in the state bucket, or in a local file."""
    suffix = settings.environment_suffix
    if not settings.state_bucket:
        # Relative to the stack's folder in cdktf.out, where Terraform runs: no path of this machine in the JSON.
        LocalBackend(stack, path=f"../../../{state_file(settings.architecture, suffix)}")
        return
    options = s3_backend(
        bucket=settings.state_bucket,
        key=state_key(settings.architecture, suffix),
        region=settings.state_region or settings.aws_region,
        endpoint_url=settings.aws_endpoint_url,
    )
    backend = S3Backend(stack, bucket=options.pop("bucket"), key=options.pop("key"))
    for option, value in options.items():
        backend.add_override(option, value)
