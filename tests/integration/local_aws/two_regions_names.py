"""`two_regions`: names, health checks, backups. `changed` is a second version of the configuration."""

from typing import Any

from tests.integration.local_aws.two_regions import REGIONS, Resources, in_both, in_region, open_to

DOMAIN = "payment.testing.local"


def names(changed: bool) -> Resources:
    """A private zone of two VPCs, and records that fail over to the API of the other Region."""
    return {
        "aws_vpc": in_both(cidr_block="10.0.0.0/16", enable_dns_hostnames=True),
        "aws_apigatewayv2_api": in_both(name="payment-api", protocol_type="HTTP"),
        "aws_acm_certificate": in_both(domain_name=f"api.{DOMAIN}", validation_method="DNS"),
        "aws_apigatewayv2_domain_name": {
            alias: in_region(
                alias,
                domain_name=f"{alias}.{DOMAIN}",
                domain_name_configuration=[
                    {
                        "certificate_arn": f"${{aws_acm_certificate.{alias}.arn}}",
                        "endpoint_type": "REGIONAL",
                        "security_policy": "TLS_1_2",
                    }
                ],
            )
            for alias in REGIONS
        },
        "aws_route53_zone": {
            "zone": in_region(
                "primary",
                name=DOMAIN,
                vpc=[{"vpc_id": f"${{aws_vpc.{alias}.id}}", "vpc_region": region} for alias, region in REGIONS.items()],
            )
        },
        "aws_route53_health_check": {
            alias: in_region(
                alias,
                type="HTTPS",
                port=443,
                fqdn=f"${{aws_apigatewayv2_api.{alias}.id}}.execute-api.{region}.amazonaws.com",
                resource_path="/health",
                request_interval=30,
                failure_threshold=2 if changed else 3,
                enable_sni=True,
                tags={"Name": f"{alias}-changed" if changed else alias},
            )
            for alias, region in REGIONS.items()
        },
        "aws_route53_record": {**_failover("CNAME", changed), **_failover("A", changed)},
    }


def _failover(kind: str, changed: bool) -> dict[str, dict[str, Any]]:
    """A PRIMARY and a SECONDARY record of a type."""
    records = {}
    for alias, region in REGIONS.items():
        target: dict[str, Any] = {
            "ttl": 30 if changed else 60,
            "records": [f"${{aws_apigatewayv2_api.{alias}.id}}.execute-api.{region}.amazonaws.com"],
        }
        if kind == "A":
            configuration = f"aws_apigatewayv2_domain_name.{alias}.domain_name_configuration[0]"
            target = {
                "alias": [
                    {
                        "name": f"${{{configuration}.target_domain_name}}",
                        "zone_id": f"${{{configuration}.hosted_zone_id}}",
                        "evaluate_target_health": changed,
                    }
                ]
            }
        records[f"{kind.lower()}_{alias}"] = in_region(
            alias,
            zone_id="${aws_route53_zone.zone.zone_id}",
            name=f"{'api' if kind == 'CNAME' else 'pay'}.{DOMAIN}",
            type=kind,
            set_identifier=alias,
            health_check_id=f"${{aws_route53_health_check.{alias}.id}}",
            failover_routing_policy=[{"type": alias.upper()}],
            **target,
        )
    return records


def backups(changed: bool) -> Resources:
    """A vault in each Region with notices, and a plan whose copies go from one to the other."""
    copy = {
        "destination_vault_arn": "${aws_backup_vault.secondary.arn}",
        "lifecycle": [{"delete_after": 14 if changed else 7}],
    }
    rule = {
        "rule_name": "daily_backup",
        "target_vault_name": "${aws_backup_vault.primary.name}",
        "schedule": "cron(0 3 * * ? *)",
        "lifecycle": [{"delete_after": 7}],
        "copy_action": [copy],
    }
    return {
        "aws_sns_topic": in_both("backup_", name="payment-backups", policy=open_to("backup", "sns:Publish")),
        "aws_backup_vault": {
            "primary": in_region("primary", name="payment-vault", force_destroy=True),
            "secondary": in_region("secondary", name="payment-vault", force_destroy=True),
        },
        "aws_backup_vault_notifications": {
            alias: in_region(
                alias,
                backup_vault_name=f"${{aws_backup_vault.{alias}.name}}",
                sns_topic_arn=f"${{aws_sns_topic.backup_{alias}.arn}}",
                backup_vault_events=["BACKUP_JOB_COMPLETED", *(["COPY_JOB_FAILED"] if changed else [])],
            )
            for alias in REGIONS
        },
        "aws_backup_plan": {"daily": in_region("primary", name="payment-plan", rule=[rule])},
    }
