"""Canaries: clients of the payment API that CloudWatch Synthetics sends every five minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.synthetics_canary import (
    SyntheticsCanary,
    SyntheticsCanaryRunConfig,
    SyntheticsCanarySchedule,
    SyntheticsCanaryVpcConfig,
)
from constructs import Construct

from lib.api.callers import SharedKey
from lib.compute.package import Package
from lib.encryption import Key
from lib.iam import Statement
from lib.monitoring.alarms import Alarm
from lib.monitoring.canary_role import Artifacts, CanaryRole, engine_log_group
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup

INTERVAL_MINUTES = 5
TIMEOUT_SECONDS = 60
# The least that a runtime with a browser takes, which these do not start.
MEMORY_MB = 960
RESPONSE_TIME_LIMIT_MS = 1000
ANYWHERE = "0.0.0.0/0"


class CanaryCode:
    """The package of the scripts beside the synthesized JSON, once for the canaries of all Regions."""

    def __init__(self, scope: Construct, *, package: Package) -> None:
        asset = TerraformAsset(
            scope, "canary_package", path=str(package.path), type=AssetType.FILE, asset_hash=package.asset_hash
        )
        self.filename = asset.path


@dataclass(frozen=True, kw_only=True)
class CanaryNetwork:
    """The subnets that canaries run in, for an API whose name resolves in the VPC alone. They need a way out."""

    vpc_id: str
    subnet_ids: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Canary:
    """One canary. A run that takes longer than `slow_ms` (milliseconds, its start included) is too slow."""

    name: str
    handler: str
    failure: str
    slow_ms: int
    environment: Mapping[str, str] = field(default_factory=dict)
    access: Sequence[Statement] = ()


class Canaries:
    """Canaries of one Region: whether the API is there, how fast it answers, and whether a payment goes through.

    Without `api_key` there is none that pays: callers come with tokens of an issuer that knows no canary, or the Region
    takes no payments. The runs' logs in `artifacts` are encrypted as their bucket does it: only canaries of Node.js can
    be told another way, https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_S3EncryptionConfig.html
    """

    def __init__(
        self,
        region: Region,
        *,
        code: CanaryCode,
        api_url: str,
        artifacts: Artifacts,
        key: Key,
        api_key: SharedKey | None,
        network: CanaryNetwork | None = None,
    ) -> None:
        """`api_url` is the API's address without a path, such as `https://api.payment-dev.acme.io`."""
        self._region = region
        self._code = code
        self._artifacts = artifacts
        self._key = key
        self._api_url = api_url
        self._network = network
        self.security_group = None
        if network:
            self.security_group = WorkloadSecurityGroup(
                region, "canaries", vpc_id=network.vpc_id, description="Payment canaries"
            )
            # The API's own addresses change, as do those of the AWS services that a run reports to.
            self.security_group.may_reach_https("anywhere", description="To the API and AWS", cidr=ANYWHERE)
        self._specified = _specified(api_key)
        self.canaries = {canary.name: self._canary(canary) for canary in self._specified}

    @property
    def names(self) -> list[str]:
        """The names that CloudWatch knows the canaries by."""
        return [canary.name for canary in self.canaries.values()]

    def alarms(self) -> list[Alarm]:
        """Return what is to be noticed. A canary that stops is as bad as one that fails: nobody looks any more."""
        return [alarm for canary in self._specified for alarm in self._alarms(canary)]

    def outputs(self) -> dict[str, list[str]]:
        return {"canary_names": self.names}

    def _canary(self, canary: _Canary) -> SyntheticsCanary:
        region, id_ = self._region, f"{canary.name.replace('-', '_')}_canary"
        role = CanaryRole(
            region, id_, name=canary.name, artifacts=self._artifacts, key=self._key, in_vpc=self._network is not None
        )
        if canary.access:
            role.grant("api-key", canary.access)
        made = region.add(
            SyntheticsCanary,
            id_,
            name=region.settings.name(f"canary-{canary.name}"),
            artifact_s3_location=f"s3://{self._artifacts.bucket_name}/{self._artifacts.prefix}/{canary.name}",
            execution_role_arn=role.role.arn,
            handler=f"payment_canaries.{canary.handler}",
            zip_file=self._code.filename,
            runtime_version=region.settings.canary_runtime,
            schedule=SyntheticsCanarySchedule(expression=f"rate({INTERVAL_MINUTES} minutes)"),
            run_config=SyntheticsCanaryRunConfig(
                timeout_in_seconds=TIMEOUT_SECONDS,
                memory_in_mb=MEMORY_MB,
                environment_variables={"API_URL": self._api_url, **canary.environment},
            ),
            vpc_config=self._vpc_config(),
            success_retention_period=region.settings.log_retention_days,
            failure_retention_period=region.settings.log_retention_days,
            start_canary=True,
            delete_lambda=True,
            depends_on=list(role.attachments),
        )
        role.grant_logs(engine_log_group(region, id_, canary=made, key_arn=self._key.arn))
        return made

    def _vpc_config(self) -> SyntheticsCanaryVpcConfig | None:
        if self._network is None or self.security_group is None:
            return None
        return SyntheticsCanaryVpcConfig(
            subnet_ids=list(self._network.subnet_ids), security_group_ids=[self.security_group.id]
        )

    def _alarms(self, canary: _Canary) -> list[Alarm]:
        dimensions = {"CanaryName": self.canaries[canary.name].name}
        return [
            Alarm(
                name=f"canary-{canary.name}",
                description=f"{canary.failure}, twice in a row, or the canary does not run",
                namespace="CloudWatchSynthetics",
                metric="SuccessPercent",
                dimensions=dimensions,
                statistic="Average",
                comparison="LessThanThreshold",
                threshold=100,
                period_seconds=INTERVAL_MINUTES * 60,
                periods=2,
                missing_data="breaching",
            ),
            Alarm(
                name=f"canary-{canary.name}-duration",
                description=f"Runs of the canary {canary.name} take longer than {canary.slow_ms / 1000:g} s",
                namespace="CloudWatchSynthetics",
                metric="Duration",
                dimensions=dimensions,
                statistic="Average",
                threshold=canary.slow_ms,
                period_seconds=INTERVAL_MINUTES * 60,
                periods=2,
            ),
        ]


def _specified(api_key: SharedKey | None) -> list[_Canary]:
    """Return the canaries. Their slowest runs are far beyond what requests take: a run's own start takes seconds."""
    canaries = [
        _Canary(name="available", handler="availability", failure="The payment API is not available", slow_ms=15_000),
        _Canary(
            name="fast",
            handler="response_time",
            failure=f"The payment API takes longer than {RESPONSE_TIME_LIMIT_MS} ms to answer",
            slow_ms=20_000,
            environment={"RESPONSE_TIME_LIMIT_MS": str(RESPONSE_TIME_LIMIT_MS)},
        ),
    ]
    if api_key:
        canaries.append(
            _Canary(
                name="pays",
                handler="payment",
                failure="A payment does not go through",
                slow_ms=30_000,
                environment={"API_KEY_SECRET_ARN": api_key.secret_arn},
                access=api_key.access,
            )
        )
    return canaries
