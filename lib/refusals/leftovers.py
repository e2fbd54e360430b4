"""What would be lost or left: default tags, and arguments that keep something after a destroy."""

from __future__ import annotations

from collections.abc import Iterator

from lib.refusals.document import Document, resources
from lib.settings import Settings

# Arguments that keep something after a destroy, by type, with the value that lets it go.
RETENTION: dict[str, dict[str, bool | int]] = {
    "aws_backup_vault": {"force_destroy": True},
    "aws_dynamodb_table": {"deletion_protection_enabled": False},
    "aws_ecr_repository": {"force_delete": True},
    "aws_lb": {"enable_deletion_protection": False},
    "aws_rds_cluster": {
        "deletion_protection": False,
        "skip_final_snapshot": True,
        "delete_automated_backups": True,
    },
    "aws_rds_global_cluster": {"deletion_protection": False},
    "aws_route53_zone": {"force_destroy": True},
    "aws_s3_bucket": {"force_destroy": True},
    "aws_secretsmanager_secret": {"recovery_window_in_days": 0},
}


# Services take 50 tags of a resource; these take fewer.
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
TAG_LIMITS = {"aws_route53_health_check": 10, "aws_route53_zone": 10, "aws_s3_object": 10}


def tag_faults(document: Document, settings: Settings) -> Iterator[str]:
    providers = document.get("provider", {}).get("aws", [])
    if providers and all("alias" in provider for provider in providers):
        for _, address, arguments in resources(document):
            if "provider" not in arguments:
                yield f"{address}: names none of two providers, and would be made without tags; make it with Region.add"
    for provider in providers:
        tags = {
            key: value for block in provider.get("default_tags", []) for key, value in block.get("tags", {}).items()
        }
        if tags != settings.tags:
            yield "provider aws: the default tags are lost; pass AwsProviderDefaultTags(tags=...) and not a plain dict"
    for type_, address, arguments in resources(document, *TAG_LIMITS):
        # ExpiresAt may be added later, by the next deploy or by an operator.
        number = len({**settings.tags, "ExpiresAt": "", **arguments.get("tags", {})})
        if number > TAG_LIMITS[type_]:
            yield f"{address}: would have {number} tags, and AWS takes {TAG_LIMITS[type_]}; leave out its own"


def retention_faults(document: Document, settings: Settings) -> Iterator[str]:
    if settings.protected:
        return
    for type_, address, arguments in resources(document, *RETENTION):
        for argument, wanted in RETENTION[type_].items():
            if arguments.get(argument) != wanted:
                yield (
                    f"{address}: {argument} is {arguments.get(argument)!r}, so a destroy would leave something; "
                    f"set it to {wanted!r} outside class production"
                )
