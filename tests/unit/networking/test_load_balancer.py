"""The load balancer: who reaches it, what it leads to, and what CodeDeploy may move."""

from __future__ import annotations

from typing import Any

import pytest

from lib.container import service_probe
from lib.container.payment_service.application import KEEP_ALIVE_SECONDS
from lib.networking.load_balancer import HEALTH_PATH, IDLE_TIMEOUT_SECONDS, SERVICE_PORT, LoadBalancer
from lib.networking.network import Network
from lib.refusals import check
from lib.region import Region
from lib.security_group import WorkloadSecurityGroup
from lib.settings import RegionRole, load_settings
from tests.unit.region_stack import ENVIRONMENT, synthesized_in_region
from tests.unit.stacks import Document, arguments, of_type

BLUE, GREEN = "${aws_lb_target_group.blue_target_group.arn}", "${aws_lb_target_group.green_target_group.arn}"


def build(region: Region) -> None:
    network = Network(region)
    balancer = LoadBalancer(
        region,
        vpc_id=network.vpc_id,
        subnet_ids=network.public_subnet_ids,
        internet_gateway=network.internet_gateway,
        certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1",
        log_bucket="payment-logs",
        log_prefix="load-balancer",
        tester_cidrs=["203.0.113.1/32"],
    )
    service = WorkloadSecurityGroup(region, "service", vpc_id=network.vpc_id, description="Tasks")
    balancer.security_group.may_reach(service, port=SERVICE_PORT)
    alias = balancer.alias
    for name, value in {**balancer.outputs(), "alias": alias.name, "zone": alias.zone_id}.items():
        region.stack.add_override(f"output.{name}.value", value)
    assert alias.evaluate_target_health is True


def balanced(*, role: RegionRole | None = None, **overrides: object) -> Document:
    return synthesized_in_region(build, role=role, **overrides)


ROLLING = balanced()
BLUE_GREEN = balanced(deployment_strategy="blue-green")


def listener(document: Document, id_: str) -> dict[str, Any]:
    return arguments(document, f"aws_lb_listener.{id_}")


def test_c5_over_three_public_subnets_with_access_logs() -> None:
    made = arguments(ROLLING, "aws_lb.balancer")
    assert made["subnets"] == [f"${{aws_subnet.public_subnet_{zone}.id}}" for zone in "abc"]
    assert (made["internal"], made["load_balancer_type"]) == (False, "application")
    assert made["access_logs"] == {"bucket": "payment-logs", "prefix": "load-balancer", "enabled": True}
    assert made["drop_invalid_header_fields"] is True
    assert made["depends_on"] == ["aws_internet_gateway.internet_gateway"]
    assert made["enable_deletion_protection"] is False
    production = balanced(environment_class="production")
    assert arguments(production, "aws_lb.balancer")["enable_deletion_protection"] is True


def test_c5_443_forwards_by_tls_and_80_redirects() -> None:
    https = listener(ROLLING, "balancer_https")
    assert (https["port"], https["protocol"]) == (443, "HTTPS")
    assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    assert https["certificate_arn"] == "arn:aws:acm:us-east-1:123456789012:certificate/1"
    assert https["default_action"] == [{"type": "forward", "target_group_arn": BLUE}]
    http = listener(ROLLING, "balancer_http")
    assert (http["port"], http["protocol"]) == (80, "HTTP")
    redirect = {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}
    assert http["default_action"] == [{"type": "redirect", "redirect": redirect}]


def test_c5_target_group() -> None:
    group = arguments(ROLLING, "aws_lb_target_group.blue_target_group")
    assert (group["target_type"], group["port"], group["protocol"]) == ("ip", 8080, "HTTP")
    assert group["deregistration_delay"] == "30"
    asked = group["health_check"]
    assert (asked["path"], asked["port"], asked["matcher"]) == ("/health", "traffic-port", "200")
    times = ("interval", "timeout", "healthy_threshold", "unhealthy_threshold")
    assert [asked[time] for time in times] == [30, 5, 2, 3]


def test_port_and_path_are_the_services_own() -> None:
    assert (str(SERVICE_PORT), HEALTH_PATH) == (service_probe.DEFAULT_PORT, service_probe.HEALTH_PATH)


def test_connections_to_tasks_end_at_the_load_balancer_first() -> None:
    assert arguments(ROLLING, "aws_lb.balancer")["idle_timeout"] == IDLE_TIMEOUT_SECONDS
    assert IDLE_TIMEOUT_SECONDS < KEEP_ALIVE_SECONDS


def test_g7_reached_from_anywhere_and_reaches_the_service_only() -> None:
    ingress = {
        (rule["cidr_ipv4"], rule["from_port"], rule["to_port"])
        for rule in of_type(ROLLING, "aws_vpc_security_group_ingress_rule").values()
        if rule["security_group_id"] == "${aws_security_group.balancer_security_group.id}"
    }
    assert ingress == {("0.0.0.0/0", 443, 443), ("0.0.0.0/0", 80, 80)}
    (egress,) = of_type(ROLLING, "aws_vpc_security_group_egress_rule").values()
    assert egress["referenced_security_group_id"] == "${aws_security_group.service_security_group.id}"
    assert (egress["from_port"], egress["to_port"]) == (8080, 8080)


def test_c4_rolling_deployments_have_one_group_and_keep_their_listeners() -> None:
    assert set(of_type(ROLLING, "aws_lb_target_group")) == {"blue_target_group"}
    assert set(of_type(ROLLING, "aws_lb_listener")) == {"balancer_https", "balancer_http"}
    assert "lifecycle" not in listener(ROLLING, "balancer_https")
    assert "green_target_group_arn" not in ROLLING["output"]


def test_c4_codedeploy_moves_both_listeners_from_blue_to_green() -> None:
    blue, green = (arguments(BLUE_GREEN, f"aws_lb_target_group.{id_}_target_group") for id_ in ("blue", "green"))
    assert {**blue, "name": ""} == {**green, "name": ""}
    for id_, port in {"balancer_https": 443, "balancer_test": 8443}.items():
        found = listener(BLUE_GREEN, id_)
        assert (found["port"], found["protocol"]) == (port, "HTTPS")
        assert found["default_action"] == [{"type": "forward", "target_group_arn": BLUE}]
        assert found["lifecycle"] == {"ignore_changes": ["default_action"]}
    assert "lifecycle" not in listener(BLUE_GREEN, "balancer_http")
    assert BLUE_GREEN["output"]["green_target_group_arn"]["value"] == GREEN
    assert BLUE_GREEN["output"]["test_listener_arn"]["value"] == "${aws_lb_listener.balancer_test.arn}"


def test_c4_only_testers_reach_what_is_being_deployed() -> None:
    rules = of_type(BLUE_GREEN, "aws_vpc_security_group_ingress_rule").values()
    assert [rule["cidr_ipv4"] for rule in rules if rule["from_port"] == 8443] == ["10.0.0.0/16", "203.0.113.1/32"]


@pytest.mark.parametrize("role", [None, RegionRole.PRIMARY, RegionRole.SECONDARY])
def test_e1_names_fit_with_the_longest_suffix(role: RegionRole | None) -> None:
    longest = {"environment_suffix": "a" * 20, "deployment_strategy": "blue-green"}
    document = balanced(role=role, **longest)
    names = [
        resource["name"]
        for type_ in ("aws_lb", "aws_lb_target_group")
        for resource in of_type(document, type_).values()
    ]
    assert sorted(names) == [f"payment-{base}-{'a' * 20}" for base in ("alb", "blu", "grn")]
    if role is None:
        check(document, load_settings(**ENVIRONMENT, **longest))


def test_c15_alias_evaluates_the_targets_health() -> None:
    outputs = {name: output["value"] for name, output in ROLLING["output"].items()}
    assert outputs["alias"] == outputs["load_balancer_dns_name"] == "${aws_lb.balancer.dns_name}"
    assert outputs["zone"] == "${aws_lb.balancer.zone_id}"
    assert outputs["listener_arn"] == "${aws_lb_listener.balancer_https.arn}"
