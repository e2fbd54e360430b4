"""The network, and the load balancer in it."""

from typing import Any

from tests.integration.local_aws_containers.stack_policies import NAME, REGION, Resources

SUBNETS = [f"${{aws_subnet.{zone}.id}}" for zone in "abc"]
DOMAIN = "payment-it.example.org"


def network(changed: bool) -> Resources:  # noqa: ARG001
    """A VPC with three subnets, and security groups."""
    vpc = "${aws_vpc.main.id}"
    return {
        "aws_vpc": {"main": {"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": True}},
        "aws_internet_gateway": {"main": {"vpc_id": vpc}},
        "aws_subnet": {
            zone: {"vpc_id": vpc, "cidr_block": f"10.0.{number}.0/24", "availability_zone": f"{REGION}{zone}"}
            for number, zone in enumerate("abc")
        },
        "aws_security_group": {
            name: {"name": f"{NAME}-{name}", "description": name, "vpc_id": vpc} for name in ("balancer", "service")
        },
        "aws_vpc_security_group_ingress_rule": {
            "service": {
                "security_group_id": "${aws_security_group.service.id}",
                "referenced_security_group_id": "${aws_security_group.balancer.id}",
                "ip_protocol": "tcp",
                "from_port": 8080,
                "to_port": 8080,
            }
        },
    }


def balancer(changed: bool) -> Resources:
    """A load balancer with listeners for 443, 80 and tests, two target groups, and its names."""
    return {
        "aws_acm_certificate": {"main": {"domain_name": DOMAIN, "validation_method": "DNS"}},
        "aws_route53_zone": {"main": {"name": DOMAIN}},
        "aws_route53_record": {"api": _alias()},
        "aws_lb": {
            "main": {
                "name": NAME,
                "load_balancer_type": "application",
                "internal": False,
                "security_groups": ["${aws_security_group.balancer.id}"],
                "subnets": SUBNETS,
                "idle_timeout": 30 if changed else 60,
                "drop_invalid_header_fields": True,
                "enable_deletion_protection": False,
                "access_logs": [{"bucket": "${aws_s3_bucket.logs.id}", "prefix": "balancer", "enabled": True}],
                "depends_on": ["aws_s3_bucket_policy.logs"],
            }
        },
        "aws_lb_target_group": {"blue": _group("blue", 20 if changed else 30), "green": _group("green", 30)},
        "aws_lb_listener": {
            "https": _listener(443, _forward("blue"), tls=True),
            "test": _listener(8443, _forward("green"), tls=True),
            "http": _listener(
                80,
                {
                    "type": "redirect",
                    "redirect": [{"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}],
                },
            ),
        },
    }


def _alias() -> dict[str, Any]:
    target = {
        "name": "${aws_lb.main.dns_name}",
        "zone_id": "${aws_lb.main.zone_id}",
        "evaluate_target_health": True,
    }
    return {"zone_id": "${aws_route53_zone.main.zone_id}", "name": DOMAIN, "type": "A", "alias": [target]}


def _group(name: str, delay: int) -> dict[str, Any]:
    return {
        "name": f"{NAME}-{name}",
        "port": 8080,
        "protocol": "HTTP",
        "target_type": "ip",
        "vpc_id": "${aws_vpc.main.id}",
        "deregistration_delay": str(delay),
        "health_check": [
            {
                "path": "/health",
                "matcher": "200",
                "interval": 30,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            }
        ],
    }


def _forward(group: str) -> dict[str, Any]:
    return {"type": "forward", "target_group_arn": f"${{aws_lb_target_group.{group}.arn}}"}


def _listener(port: int, action: dict[str, Any], *, tls: bool = False) -> dict[str, Any]:
    secured = {
        "protocol": "HTTPS",
        "certificate_arn": "${aws_acm_certificate.main.arn}",
        "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    }
    return {
        "load_balancer_arn": "${aws_lb.main.arn}",
        "port": port,
        "default_action": [action],
        **(secured if tls else {"protocol": "HTTP"}),
    }
