"""A name that APIs of two Regions serve leads where Route 53's failover records and their health checks say."""

import time
import uuid
from typing import Any

from .checked_api import Checked
from .http_client import send

SECONDS = 15
AGENT = {"User-Agent": "client"}


def serve(checked: Checked, zone: str, domain: str, kind: str) -> str:
    """Makes the name a custom domain of the API, with a failover record that leads there; its health check."""
    certificate = checked.cloud.client("acm").request_certificate(DomainName=domain, ValidationMethod="DNS")
    apis = checked.cloud.client("apigatewayv2")
    configuration = {"CertificateArn": certificate["CertificateArn"], "EndpointType": "REGIONAL"}
    made = apis.create_domain_name(DomainName=domain, DomainNameConfigurations=[configuration])
    apis.create_api_mapping(ApiId=checked.api_id, DomainName=domain, Stage="$default")
    (target,) = made["DomainNameConfigurations"]
    alias = {
        "DNSName": target["ApiGatewayDomainName"],
        "HostedZoneId": target["HostedZoneId"],
        "EvaluateTargetHealth": False,
    }
    health_check = checked.check()
    record = {"Name": domain, "Type": "A", "SetIdentifier": kind.lower(), "Failover": kind, "AliasTarget": alias}
    change = {"Action": "CREATE", "ResourceRecordSet": {**record, "HealthCheckId": health_check}}
    route53 = checked.cloud.client("route53")
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    return health_check


def answers(cloud: Any, domain: str, region: str) -> bool:
    """Whether the name leads to a Region, before a health check's next answers must have come."""
    ends = time.monotonic() + SECONDS
    while not send(cloud.aws.port, domain, "GET", "/health", headers=AGENT).body.startswith(region.encode()):
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def test_the_name_leads_to_the_primary_while_its_check_succeeds_and_else_to_the_secondary(cloud: Any) -> None:
    primary, secondary = Checked.of(cloud), Checked.of(cloud.elsewhere)
    route53, domain = cloud.client("route53"), f"api.{uuid.uuid4().hex[:8]}.acme.dev"
    zone = route53.create_hosted_zone(Name=domain.partition(".")[2], CallerReference=uuid.uuid4().hex)
    identity = zone["HostedZone"]["Id"].rpartition("/")[2]
    # The secondary first: what was made first decides nothing.
    serve(secondary, identity, domain, "SECONDARY")
    check = serve(primary, identity, domain, "PRIMARY")

    assert answers(cloud, domain, cloud.region)
    primary.answer(503)
    assert answers(cloud, domain, cloud.elsewhere.region)
    primary.answer(200)
    assert answers(cloud, domain, cloud.region)
    route53.update_health_check(HealthCheckId=check, Inverted=True)
    assert answers(cloud, domain, cloud.elsewhere.region)
    secondary.answer(503)
    assert answers(cloud, domain, cloud.region)
