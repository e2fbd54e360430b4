"""Service Quotas: AWS's defaults of what an environment counts against, raised at once when asked for.

moto knows those of Amazon VPC. The values are those of an account that never asked for more
(https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html); nothing is refused for being over them.
"""

from typing import Any
from uuid import uuid4

from moto.core.utils import unix_time
from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation
from local_aws.tagging.walks import GLOBAL_REGIONS

SERVICE = "service-quotas"

SERVICES = {
    "backup": "AWS Backup",
    "codebuild": "AWS CodeBuild",
    "dynamodb": "Amazon DynamoDB",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "ecs": "Amazon Elastic Container Service (Amazon ECS)",
    "elasticloadbalancing": "Elastic Load Balancing (ELB)",
    "events": "Amazon EventBridge (CloudWatch Events)",
    "fargate": "AWS Fargate",
    "iam": "AWS Identity and Access Management (IAM)",
    "kms": "AWS Key Management Service (AWS KMS)",
    "lambda": "AWS Lambda",
    "logs": "Amazon CloudWatch Logs",
    "rds": "Amazon Relational Database Service (Amazon RDS)",
    "route53": "Amazon Route 53",
    "s3": "Amazon Simple Storage Service (Amazon S3)",
    "secretsmanager": "AWS Secrets Manager",
    "AWSCloudMap": "AWS Cloud Map",
    "sns": "Amazon Simple Notification Service (Amazon SNS)",
    "states": "AWS Step Functions",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
    "wafv2": "AWS WAFV2",
}

GLOBAL_SERVICES = frozenset({"iam", "route53", "s3"})
"""Services whose quotas are kept in the partition's global Region only."""

DEFAULTS: dict[tuple[str, str], tuple[str, int]] = {
    ("backup", "L-BD69F607"): ("Number of backup plans per Region per account", 300),
    ("backup", "L-7705D2CB"): ("Number of backup vaults per Region per account", 300),
    ("codebuild", "L-5ED1D25B"): ("Concurrently running builds for ARM/Small environment", 1),
    ("dynamodb", "L-F98FE922"): ("Maximum number of tables", 2500),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5),
    ("ecs", "L-21C621EB"): ("Clusters per account", 10_000),
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50),
    ("elasticloadbalancing", "L-B22855CB"): ("Target Groups per Region", 3000),
    ("events", "L-658A4FD9"): ("Event buses", 100),
    ("events", "L-244521F2"): ("Number of rules", 300),
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 6),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 6),
    ("iam", "L-FE177D64"): ("Roles per account", 1000),
    ("iam", "L-E95E4862"): ("Customer managed policies per account", 1500),
    ("kms", "L-C2F1777E"): ("Customer Master Keys (CMKs)", 100_000),
    ("lambda", "L-B99A9384"): ("Concurrent executions", 1000),
    ("logs", "L-C7B9AAAB"): ("Log groups", 1_000_000),
    ("rds", "L-952B80B8"): ("DB clusters", 40),
    ("rds", "L-7B6409FD"): ("DB instances", 40),
    ("rds", "L-E4C808A8"): ("DB cluster parameter groups", 50),
    ("rds", "L-48C6BF61"): ("DB subnet groups", 50),
    ("rds", "L-D94C7EA3"): ("Proxies", 20),
    ("rds", "L-9B510759"): ("Manual DB cluster snapshots", 100),
    ("route53", "L-4EA4796A"): ("Hosted zones", 500),
    ("route53", "L-ACB674F3"): ("Health checks", 200),
    ("s3", "L-DC2B2D3D"): ("General purpose buckets", 10_000),
    ("secretsmanager", "L-2F66C23C"): ("Secrets per Region", 500_000),
    ("AWSCloudMap", "L-0FE3F50E"): ("Namespaces per Region", 50),
    ("sns", "L-61103206"): ("Topics per account", 100_000),
    ("states", "L-B66B0F91"): ("Registered state machines", 100_000),
    ("wafv2", "L-2EC3DE7B"): ("Maximum web ACLs per account in WAF for regional", 100),
}
"""Name and value by service and code. https://docs.aws.amazon.com/general/latest/gr/rds-service.html and the like."""


class _Requests:
    """Increases that were asked for: AWS keeps their history after the resources are gone."""

    def __init__(self) -> None:
        self.by_id: dict[str, Output] = {}

    def value(self, service: str, code: str) -> float | None:
        """The latest value that was asked for."""
        found = [
            one["DesiredValue"]
            for one in self.by_id.values()
            if (one["ServiceCode"], one["QuotaCode"]) == (service, code)
        ]
        return found[-1] if found else None


def _requests(call: Call) -> _Requests:
    found: _Requests = vars(call.backend()).setdefault("increases", _Requests())
    return found


def _quotas(call: Call) -> list[Output]:
    """All quotas of the Region with AWS's defaults."""
    known: list[tuple[Any, ...]] = [
        (quota["ServiceCode"], quota["QuotaCode"], quota["QuotaName"], quota["Value"], quota["Adjustable"])
        for quota in VPC_DEFAULT_QUOTAS
    ]
    known += [(service, code, name, float(value), True) for (service, code), (name, value) in DEFAULTS.items()]
    in_global_region = call.region in GLOBAL_REGIONS.values()
    return [
        {
            "ServiceCode": service,
            "ServiceName": SERVICES[service],
            "QuotaArn": call.arn(f"{service}/{code}"),
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": adjustable,
            "GlobalQuota": service in GLOBAL_SERVICES,
            "QuotaAppliedAtLevel": "ACCOUNT",
        }
        for service, code, name, value, adjustable in known
        if in_global_region or service not in GLOBAL_SERVICES
    ]


def _of_service(call: Call) -> list[Output]:
    """The quotas of the service that the call names."""
    service = call.params["ServiceCode"]
    if service not in SERVICES:
        raise AwsError(
            "NoSuchResourceException", f"The request failed because the specified service {service} does not exist."
        )
    return [quota for quota in _quotas(call) if quota["ServiceCode"] == service]


def _default(call: Call) -> Output:
    """The quota that the call names, with AWS's default."""
    code = call.params["QuotaCode"]
    found = [quota for quota in _of_service(call) if quota["QuotaCode"] == code]
    if not found:
        raise AwsError(
            "NoSuchResourceException", f"The request failed because the specified quota {code} does not exist."
        )
    return found[0]


def _applied(call: Call, quota: Output) -> Output:
    """A quota with the account's own value."""
    return {**quota, "Value": _requests(call).value(quota["ServiceCode"], quota["QuotaCode"]) or quota["Value"]}


@operation(SERVICE, "ListServices")
def list_services(call: Call) -> Output:  # noqa: ARG001
    """Services that have quotas here."""
    return {"Services": [{"ServiceCode": code, "ServiceName": name} for code, name in SERVICES.items()]}


@operation(SERVICE, "GetAWSDefaultServiceQuota")
def get_default(call: Call) -> Output:
    """A quota as a new account has it."""
    return {"Quota": _default(call)}


@operation(SERVICE, "GetServiceQuota")
def get_applied(call: Call) -> Output:
    """A quota as this account has it."""
    return {"Quota": _applied(call, _default(call))}


@operation(SERVICE, "ListAWSDefaultServiceQuotas")
def list_defaults(call: Call) -> Output:
    """A page of a service's quotas as a new account has them."""
    return _page(call, _of_service(call))


@operation(SERVICE, "ListServiceQuotas")
def list_applied(call: Call) -> Output:
    """A page of a service's quotas as this account has them, or one of them."""
    code = call.params.get("QuotaCode")
    quotas = [quota for quota in _of_service(call) if code in (None, quota["QuotaCode"])]
    return _page(call, [_applied(call, quota) for quota in quotas])


def _page(call: Call, quotas: list[Output]) -> Output:
    token = call.params.get("NextToken", "0")
    if not token.isdigit():
        raise AwsError("InvalidPaginationTokenException", "Invalid NextToken")
    start = int(token)
    end = start + call.params.get("MaxResults", 100)
    return {"Quotas": quotas[start:end], "NextToken": str(end) if end < len(quotas) else None}


@operation(SERVICE, "RequestServiceQuotaIncrease")
def request_increase(call: Call) -> Output:
    """Raises a quota, at once. In AWS people may have to approve it."""
    quota, desired = _applied(call, _default(call)), float(call.params["DesiredValue"])
    if not quota["Adjustable"]:
        raise AwsError("IllegalArgumentException", f"Quota {quota['QuotaCode']} is not adjustable.")
    if desired <= quota["Value"]:
        text = f"You must provide a quota value greater than the current quota value of {quota['Value']}."
        raise AwsError("IllegalArgumentException", text)
    now = unix_time()
    shared = ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn", "GlobalQuota", "Unit")
    request: Output = {name: quota[name] for name in shared}
    request |= {"Id": uuid4().hex, "DesiredValue": desired, "Status": "APPROVED", "Created": now, "LastUpdated": now}
    _requests(call).by_id[request["Id"]] = request
    return {"RequestedQuota": request}


@operation(SERVICE, "GetRequestedServiceQuotaChange")
def get_request(call: Call) -> Output:
    """One request."""
    request = _requests(call).by_id.get(call.params["RequestId"])
    if request is None:
        raise AwsError("NoSuchResourceException", f"There is no request {call.params['RequestId']}.")
    return {"RequestedQuota": request}


@operation(SERVICE, "ListRequestedServiceQuotaChangeHistory", "ListRequestedServiceQuotaChangeHistoryByQuota")
def list_requests(call: Call) -> Output:
    """Requests by service, quota and state."""
    wanted = {name: call.params[name] for name in ("ServiceCode", "QuotaCode", "Status") if call.params.get(name)}
    found: list[Any] = list(_requests(call).by_id.values())
    return {"RequestedQuotas": [one for one in found if all(one[name] == value for name, value in wanted.items())]}
