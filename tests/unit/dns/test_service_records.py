"""The API's name and health check in one Region and in each of two; the certificate for the name."""

from __future__ import annotations

import pytest
from cdktf_cdktf_provider_aws.route53_record import Route53RecordAlias

from lib.dns.certificate import Certificate
from lib.dns.public_zone import PublicZone
from lib.dns.service_records import ServiceRecords
from lib.region import Region
from lib.settings import RegionRole
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import Document, arguments, of_type

HOST = "payment-alb-dev-1.us-east-1.elb.amazonaws.com"
ALIAS = {"name": HOST, "zone_id": "Z2", "evaluate_target_health": True}


def records(role: RegionRole | None = None) -> Document:
    def build(region: Region) -> None:
        alias = Route53RecordAlias(name=HOST, zone_id="Z2", evaluate_target_health=True)
        made = ServiceRecords(region, zone_id="Z1", host=HOST, health_path="/health", alias=alias)
        for name, value in made.outputs().items():
            region.stack.add_override(f"output.{name}.value", value)

    return synthesized_in_region(build, role=role)


def test_c15_one_region_leads_to_the_load_balancer_healthy_or_not() -> None:
    document = records()
    record = arguments(document, "aws_route53_record.api_record")
    assert record == {"name": "api.payment-dev.acme.io", "type": "A", "zone_id": "Z1", "alias": ALIAS}
    assert document["output"] == {"health_check_id": {"value": "${aws_route53_health_check.api_health_check.id}"}}


@pytest.mark.parametrize("role", list(RegionRole))
def test_c15_two_regions_fail_over(role: RegionRole) -> None:
    document = records(role)
    record = arguments(document, f"aws_route53_record.{role}_api_record")
    check = f"aws_route53_health_check.{role}_api_health_check"
    assert record["alias"] == ALIAS
    assert record["failover_routing_policy"] == {"type": role.name}
    assert record["set_identifier"] == role.value
    assert record["health_check_id"] == f"${{{check}.id}}"
    assert document["output"] == {f"{role}_health_check_id": {"value": f"${{{check}.id}}"}}


def test_r7_health_is_asked_of_the_load_balancer_itself() -> None:
    (check,) = of_type(records(), "aws_route53_health_check").values()
    assert (check["type"], check["fqdn"], check["port"]) == ("HTTPS", HOST, 443)
    assert (check["resource_path"], check["request_interval"], check["failure_threshold"]) == ("/health", 30, 3)
    assert check["enable_sni"] is True
    assert "tags" not in check


def test_the_certificate_is_proved_once() -> None:
    def build(region: Region) -> None:
        zone = PublicZone(region)
        first = Certificate(region, zone_id=zone.id, delegation=zone.delegation)
        region.stack.add_override("output.arn.value", first.arn)

    document = synthesized_in_region(build)
    made = arguments(document, "aws_acm_certificate.api_certificate")
    assert (made["domain_name"], made["validation_method"]) == ("api.payment-dev.acme.io", "DNS")
    proof = arguments(document, "aws_route53_record.api_certificate_record")
    assert proof["zone_id"] == "${aws_route53_zone.zone.zone_id}"
    validation = arguments(document, "aws_acm_certificate_validation.api_certificate_validation")
    assert validation["validation_record_fqdns"] == ["${aws_route53_record.api_certificate_record.fqdn}"]
    assert validation["depends_on"] == ["aws_route53_record.zone_delegation"]
    arn = "${aws_acm_certificate_validation.api_certificate_validation.certificate_arn}"
    assert document["output"]["arn"]["value"] == arn

    def build_second(region: Region) -> None:
        zone = PublicZone(region)
        proof = zone.delegation
        assert Certificate(region, zone_id=zone.id, delegation=zone.delegation, proof=proof).proof is proof

    assert set(of_type(synthesized_in_region(build_second), "aws_route53_record")) == {"zone_delegation"}
