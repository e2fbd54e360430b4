"""parliament (https://github.com/duo-labs/parliament) on IAM policies: condition keys, types, resources."""

import json
from pathlib import Path
from typing import Any

from policy.findings import Finding, ScanError, ScanResult
from policy.interpolations import ACCOUNT_ID
from policy.policy_documents import PolicyDocument, PolicyKind
from policy.tools import run_tool

SCAN = "policies, parliament"

_ISSUES = "https://github.com/duo-labs/parliament/blob/main/parliament/config.yaml"
# Its data of actions has not been renewed since 2024; cfn-lint judges whether an action exists.
_JUDGED_BY_CFN_LINT = ("UNKNOWN_ACTION", "UNKNOWN_PREFIX")
# A policy on a resource reaches that resource only, so `*` in it means the resource and nothing more.
_FOR_IDENTITIES_ONLY = ("RESOURCE_STAR", "RESOURCE_MISMATCH", "RESOURCE_EFFECTIVELY_STAR")


def lint(policies: list[PolicyDocument]) -> ScanResult:
    """Lint the policies."""
    script = Path(__file__).with_name("parliament_child.py")
    texts = json.dumps([_lintable(policy) for policy in policies])
    return parse(run_tool("python", ["-I", "-W", "ignore", str(script)], text=texts), policies)


def parse(output: str, policies: list[PolicyDocument]) -> ScanResult:
    """What parliament said of each policy, in order."""
    try:
        answers: list[list[dict[str, Any]]] = json.loads(output)
    except ValueError:
        raise ScanError(f"parliament's answer is not JSON: {output[:500]}") from None
    if len(answers) != len(policies):
        raise ScanError(f"parliament answered for {len(answers)} of {len(policies)} policies")
    findings: list[Finding] = []
    passed = 0
    for policy, issues in zip(policies, answers, strict=True):
        left_out = _JUDGED_BY_CFN_LINT + (_FOR_IDENTITIES_ONLY if policy.kind is PolicyKind.RESOURCE else ())
        judged = [issue for issue in issues if issue["issue"] not in left_out]
        passed += not judged
        findings.extend(finding for issue in judged for finding in _findings(issue, policy))
    return ScanResult(SCAN, passed, tuple(findings))


def _findings(issue: dict[str, Any], policy: PolicyDocument) -> list[Finding]:
    return [
        Finding(
            check=issue["issue"],
            resource=policy.address,
            scan=origin.name,
            environment_class=origin.environment_class,
            title=issue["title"],
            link=_ISSUES,
            detail=issue["detail"],
        )
        for origin in policy.origins
    ]


def _lintable(policy: PolicyDocument) -> str:
    """The policy as parliament takes it: it knows no trust policies, which name no resource."""
    if policy.kind is not PolicyKind.TRUST:
        return policy.text
    document = json.loads(policy.text)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        statement["Resource"] = f"arn:aws:iam::{ACCOUNT_ID}:role/{policy.resource_id}"
    return json.dumps(document)
