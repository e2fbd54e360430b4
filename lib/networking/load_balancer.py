"""The load balancer in front of the payment service: TLS to the world, plain HTTP to the tasks in private subnets."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.route53_record import Route53RecordAlias
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from lib.networking.network import ANYWHERE
from lib.region import Region
from lib.security_group import HTTPS_PORT, WorkloadSecurityGroup

HTTP_PORT = 80
TEST_PORT = 8443
# Where the service listens, and what it answers to everyone while it is well.
SERVICE_PORT = 8080
HEALTH_PATH = "/health"
# TLS 1.3, and of TLS 1.2 what has forward secrecy and authenticated encryption.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
# The service keeps its connections open for longer.
IDLE_TIMEOUT_SECONDS = 60
DEREGISTRATION_SECONDS = 30


class LoadBalancer:
    """An Application Load Balancer over three zones: 443 forwards to the service's tasks, 80 redirects to 443.

    With blue-green deployments there are two target groups, and a test listener on 8443. CodeDeploy moves both
    listeners from one group to the other, which later deploys of the stack leave as it is. Both begin at blue: Route 53
    takes a load balancer for ill that leads to a group without targets.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
    """

    def __init__(
        self,
        region: Region,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        internet_gateway: ITerraformDependable,
        certificate_arn: str,
        log_bucket: str,
        log_prefix: str,
        tester_cidrs: Sequence[str] = (),
    ) -> None:
        """`tester_cidrs` reach the test listener, beside the VPC. Its name leads to public addresses even there, so
        that testers in private subnets come from their NAT gateways' addresses.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
        """
        self._region = region
        self._blue_green = region.settings.deployment_strategy == "blue-green"
        self._vpc_id, self._certificate_arn = vpc_id, certificate_arn
        self.security_group = WorkloadSecurityGroup(
            region, "balancer", vpc_id=vpc_id, description="Load balancer of the payment service"
        )
        self.balancer = region.add(
            Lb,
            "balancer",
            # 32 characters with the longest suffix; without the role, as names are unique within a Region.
            name=region.settings.shared_name("alb"),
            load_balancer_type="application",
            internal=False,
            security_groups=[self.security_group.id],
            subnets=list(subnet_ids),
            idle_timeout=IDLE_TIMEOUT_SECONDS,
            drop_invalid_header_fields=True,
            enable_deletion_protection=region.settings.protected,
            access_logs=LbAccessLogs(bucket=log_bucket, prefix=log_prefix, enabled=True),
            # AWS makes it in a VPC that has one, and keeps the gateway for as long as it has public addresses.
            depends_on=[internet_gateway],
        )
        self.arn = self.balancer.arn
        self.host = self.balancer.dns_name
        self.blue = self._target_group("blue", "blu")
        self.green = self._target_group("green", "grn") if self._blue_green else None
        self._accept("anywhere_443", port=HTTPS_PORT, cidr=ANYWHERE, description="HTTPS from anywhere")
        self._accept("anywhere_80", port=HTTP_PORT, cidr=ANYWHERE, description="HTTP from anywhere, to be redirected")
        self.listener = self._tls_listener("balancer_https", port=HTTPS_PORT)
        self._redirect()
        self.test_listener = self._open_to_testers(tester_cidrs) if self._blue_green else None

    @property
    def alias(self) -> Route53RecordAlias:
        """Where a record must lead for requests to come here."""
        return Route53RecordAlias(name=self.host, zone_id=self.balancer.zone_id, evaluate_target_health=True)

    def outputs(self) -> dict[str, str]:
        found = {
            "load_balancer_arn": self.arn,
            "load_balancer_dns_name": self.host,
            "target_group_arn": self.blue.arn,
            "listener_arn": self.listener.arn,
        }
        if self.green and self.test_listener:
            found["green_target_group_arn"] = self.green.arn
            found["test_listener_arn"] = self.test_listener.arn
        return found

    def _target_group(self, id_: str, base: str) -> LbTargetGroup:
        return self._region.add(
            LbTargetGroup,
            f"{id_}_target_group",
            name=self._region.settings.shared_name(base),
            vpc_id=self._vpc_id,
            target_type="ip",
            protocol="HTTP",
            port=SERVICE_PORT,
            deregistration_delay=str(DEREGISTRATION_SECONDS),
            health_check=LbTargetGroupHealthCheck(
                protocol="HTTP",
                port="traffic-port",
                path=HEALTH_PATH,
                matcher="200",
                interval=30,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
        )

    def _accept(self, id_: str, *, port: int, cidr: str, description: str) -> None:
        self._region.add(
            VpcSecurityGroupIngressRule,
            f"balancer_from_{id_}",
            security_group_id=self.security_group.id,
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=description,
        )

    def _tls_listener(self, id_: str, *, port: int) -> LbListener:
        return self._region.add(
            LbListener,
            id_,
            load_balancer_arn=self.arn,
            port=port,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._certificate_arn,
            default_action=[LbListenerDefaultAction(type="forward", target_group_arn=self.blue.arn)],
            lifecycle={"ignore_changes": ["default_action"]} if self._blue_green else None,
        )

    def _redirect(self) -> None:
        redirect = LbListenerDefaultActionRedirect(protocol="HTTPS", port=str(HTTPS_PORT), status_code="HTTP_301")
        self._region.add(
            LbListener,
            "balancer_http",
            load_balancer_arn=self.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_action=[LbListenerDefaultAction(type="redirect", redirect=redirect)],
        )

    def _open_to_testers(self, cidrs: Sequence[str]) -> LbListener:
        for number, cidr in enumerate([self._region.settings.vpc_cidr, *cidrs]):
            self._accept(f"tester_{number}", port=TEST_PORT, cidr=cidr, description="HTTPS to what is being deployed")
        return self._tls_listener("balancer_test", port=TEST_PORT)
