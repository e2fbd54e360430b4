"""The logs bucket: closed, encrypted, archived, emptied, and written to by who may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.encryption import operations_key
from lib.refusals import check
from lib.region import Region
from lib.settings import load_settings
from lib.storage.logs_bucket import LOAD_BALANCER_PREFIX, LogsBucket
from tests.unit.region_stack import ENVIRONMENT, synthesized_in_region
from tests.unit.stacks import Document, arguments

made: list[LogsBucket] = []


def build(region: Region) -> None:
    made.append(LogsBucket(region, key=operations_key(region)))


def bucket(**overrides: object) -> Document:
    return synthesized_in_region(build, role=None, **overrides)


DEV = bucket()


def statements() -> dict[str, Any]:
    document = json.loads(arguments(DEV, "aws_s3_bucket_policy.logs_bucket_policy")["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_c6_name_fits_with_the_longest_suffix_and_region() -> None:
    longest = bucket(environment_suffix="a" * 20, aws_region="ap-southeast-2")
    name = arguments(longest, "aws_s3_bucket.logs_bucket")["bucket"]
    assert name == f"payment-logs-{'a' * 20}-ap-southeast-2"
    check(longest, load_settings(**{**ENVIRONMENT, "environment_suffix": "a" * 20, "aws_region": "ap-southeast-2"}))


@pytest.mark.parametrize(("class_", "emptied", "days"), [("ephemeral", True, 180), ("production", False, 400)])
def test_c6_kept_by_class(class_: str, emptied: bool, days: int) -> None:
    document = bucket(environment_class=class_)
    assert arguments(document, "aws_s3_bucket.logs_bucket")["force_destroy"] is emptied
    rule = arguments(document, "aws_s3_bucket_lifecycle_configuration.logs_bucket_lifecycle")["rule"][0]
    assert rule["status"] == "Enabled"
    assert rule["transition"] == [
        {"days": 30, "storage_class": "INTELLIGENT_TIERING"},
        {"days": 90, "storage_class": "GLACIER"},
    ]
    assert rule["expiration"] == [{"days": days}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]


def test_c6_closed_versioned_and_encrypted_as_load_balancers_need_it() -> None:
    public = arguments(DEV, "aws_s3_bucket_public_access_block.logs_bucket_public_access")
    blocks = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [public[block] for block in blocks] == [True] * 4
    versioning = arguments(DEV, "aws_s3_bucket_versioning.logs_bucket_versioning")
    assert versioning["versioning_configuration"] == {"status": "Enabled"}
    ownership = arguments(DEV, "aws_s3_bucket_ownership_controls.logs_bucket_ownership")
    assert ownership["rule"] == {"object_ownership": "BucketOwnerEnforced"}
    encryption = arguments(DEV, "aws_s3_bucket_server_side_encryption_configuration.logs_bucket_encryption")
    assert encryption["rule"] == [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]


def test_g6_tls_only() -> None:
    refused = statements()["RefusePlainHttp"]
    assert (refused["Effect"], refused["Action"], refused["Principal"]) == ("Deny", ["s3:*"], {"AWS": ["*"]})
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    arn = "${aws_s3_bucket.logs_bucket.arn}"
    assert refused["Resource"] == [arn, f"{arn}/*"]


def test_c5_load_balancers_write_under_their_prefix_only() -> None:
    allowed = statements()["LoadBalancersWriteAccessLogs"]
    assert allowed["Principal"] == {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]}
    assert allowed["Action"] == ["s3:PutObject"]
    path = f"{LOAD_BALANCER_PREFIX}/AWSLogs/${{data.aws_caller_identity.account.account_id}}/*"
    assert allowed["Resource"] == [f"${{aws_s3_bucket.logs_bucket.arn}}/{path}"]


def test_roles_write_under_a_prefix_of_their_own_with_the_key() -> None:
    keep, find, encrypt = made[0].write_access("canaries")
    assert list(keep.actions) == ["s3:PutObject", "s3:GetObject"]
    assert [resource.rpartition("}")[2] for resource in keep.resources] == ["/canaries/*"]
    assert list(find.actions) == ["s3:GetBucketLocation"]
    assert find.resources == [made[0].arn]
    assert list(encrypt.actions) == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_who_is_told_the_name_may_write_by_then() -> None:
    def output(region: Region) -> None:
        outputs = LogsBucket(region, key=operations_key(region)).outputs()
        region.stack.add_override("output.name.value", outputs["logs_bucket_name"])

    document = synthesized_in_region(output)
    assert document["output"]["name"]["value"] == "${aws_s3_bucket_policy.logs_bucket_policy.bucket}"
