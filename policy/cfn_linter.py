"""cfn-lint (https://github.com/aws-cloudformation/cfn-lint) on IAM policies: grammar, ARNs, and that actions exist.

It reads CloudFormation, so each policy is put into a resource of a template. Its data of IAM actions is AWS's own and
kept up to date, which parliament's is not.
"""

import hashlib
import json
from typing import Any

from policy.findings import Finding, ScanError, ScanResult
from policy.policy_documents import PolicyDocument, PolicyKind
from policy.tools import run_tool

SCAN = "policies, cfn-lint"

# cfn-lint's exit code is a bit for each level found; 1 and 32 say that it failed itself.
_FOUND = tuple(code for code in range(16) if not code & 1)


def lint(policies: list[PolicyDocument]) -> ScanResult:
    """Lint the policies."""
    template = json.dumps(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": {f"Policy{number}": _resource(policy) for number, policy in enumerate(policies)},
        }
    )
    return parse(
        run_tool("cfn-lint", ["--format", "json", "--include-checks", "I"], text=template, allowed=_FOUND),
        policies,
    )


def parse(output: str, policies: list[PolicyDocument]) -> ScanResult:
    """What cfn-lint's JSON says of the policies; what it says of the template around them is left out."""
    try:
        matches: list[dict[str, Any]] = json.loads(output or "[]")
    except ValueError:
        raise ScanError(f"cfn-lint's answer is not JSON: {output[:500]}") from None
    findings: list[Finding] = []
    faulty = set()
    for match in matches:
        path = match["Location"].get("Path") or []
        if match["Rule"]["Id"].startswith("E0"):
            raise ScanError(f"cfn-lint cannot read the policies: {match['Message']}")
        if len(path) < 4 or path[2] != "Properties":
            continue
        number = int(path[1].removeprefix("Policy"))
        faulty.add(number)
        findings.extend(_findings(match, policies[number]))
    return ScanResult(SCAN, len(policies) - len(faulty), tuple(findings))


def _findings(match: dict[str, Any], policy: PolicyDocument) -> list[Finding]:
    return [
        Finding(
            check=match["Rule"]["Id"],
            resource=policy.address,
            scan=origin.name,
            environment_class=origin.environment_class,
            title=match["Rule"]["ShortDescription"],
            link=match["Rule"]["Source"],
            detail=match["Message"],
        )
        for origin in policy.origins
    ]


def _resource(policy: PolicyDocument) -> dict[str, Any]:
    document = json.loads(policy.text)
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    if policy.kind is PolicyKind.IDENTITY:
        return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    if policy.kind is PolicyKind.TRUST:
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    if policy.resource_type.startswith("aws_sqs_"):
        queues = ["https://sqs.us-east-1.amazonaws.com/123456789012/queue"]
        return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"PolicyDocument": document, "Queues": queues}}
    if policy.resource_type.startswith("aws_sns_"):
        topics = ["arn:aws:sns:us-east-1:123456789012:topic"]
        return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"PolicyDocument": document, "Topics": topics}}
    if policy.resource_type.startswith("aws_s3_"):
        # A bucket of its own for each: two policies of one are a finding.
        bucket = hashlib.sha256(f"{policy.resource_id} {policy.text}".encode()).hexdigest()[:32]
        return {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": document, "Bucket": bucket}}
    # The grammar of a key policy is that of every other policy on a resource.
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document, "EnableKeyRotation": True}, **kept}
