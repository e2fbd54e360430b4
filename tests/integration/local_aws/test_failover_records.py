"""Health checks, failover records and private zones of two Regions."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.local_aws.conftest import OTHER_REGION, Cloud, Clouds, outcome
from tests.integration.local_aws.resources import network

CHECK = {
    "Type": "HTTPS",
    "Port": 443,
    "FullyQualifiedDomainName": "api.example.org",
    "ResourcePath": "/health",
    "RequestInterval": 30,
    "FailureThreshold": 3,
}


def _check(cloud: Cloud, **more: Any) -> str:
    made = cloud.route53.create_health_check(CallerReference="1", HealthCheckConfig={**CHECK, **more})
    return str(made["HealthCheck"]["Id"])


def _zone(cloud: Cloud) -> str:
    made = cloud.route53.create_hosted_zone(Name="example.org", CallerReference="1")
    return str(made["HostedZone"]["Id"])


def _record(kind: str, check: str = "", name: str = "api", **more: Any) -> dict[str, Any]:
    record = {
        "Name": f"{name}.example.org",
        "Type": "CNAME",
        "SetIdentifier": kind.lower(),
        "Failover": kind,
        "TTL": 60,
        "ResourceRecords": [{"Value": f"{kind.lower()}.example.net"}],
        **({"HealthCheckId": check} if check else {}),
        **more,
    }
    return {key: value for key, value in record.items() if value is not None}


def _change(cloud: Cloud, zone: str, *records: dict[str, Any], action: str = "CREATE") -> None:
    changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
    cloud.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _failover(cloud: Cloud, zone: str) -> object:
    listed = cloud.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return sorted((one["Name"], one["Failover"]) for one in listed if "Failover" in one)


def test_deleting_a_record_leaves_another_names_record_of_the_same_identifier(clouds: Clouds) -> None:
    def left(cloud: Cloud) -> object:
        zone, check = _zone(cloud), _check(cloud)
        records = [_record("PRIMARY", check, name) for name in ("api", "pay")]
        _change(cloud, zone, *records, _record("SECONDARY"))
        _change(cloud, zone, records[0], action="DELETE")
        return _failover(cloud, zone)

    clouds.mends(left, [("api.example.org.", "SECONDARY"), ("pay.example.org.", "PRIMARY")])


def test_records_can_be_replaced_and_made_again(ours: Cloud) -> None:
    zone, check = _zone(ours), _check(ours)
    primary, secondary = _record("PRIMARY", check), _record("SECONDARY")
    _change(ours, zone, primary, secondary)
    _change(ours, zone, {**primary, "TTL": 30}, action="UPSERT")
    _change(ours, zone, {**primary, "TTL": 30}, secondary, action="DELETE")
    assert _failover(ours, zone) == []
    _change(ours, zone, primary)
    assert _failover(ours, zone) == [("api.example.org.", "PRIMARY")]


def test_https_check_goes_to_its_port_and_sends_the_server_name(clouds: Clouds) -> None:
    def defaults(cloud: Cloud) -> object:
        config = {"Type": "HTTPS", "FullyQualifiedDomainName": "api.example.org"}
        made = cloud.route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]["Id"]
        shown = cloud.route53.get_health_check(HealthCheckId=made)["HealthCheck"]["HealthCheckConfig"]
        return shown["Port"], shown["EnableSNI"]

    clouds.mends(defaults, (443, True))


def test_health_checks_have_tags(ours: Cloud) -> None:
    given = {"ResourceType": "healthcheck", "ResourceId": _check(ours)}
    tags = [{"Key": "Name", "Value": "primary"}]
    ours.route53.change_tags_for_resource(**given, AddTags=[*tags, {"Key": "Old", "Value": "1"}])
    ours.route53.change_tags_for_resource(**given, RemoveTagKeys=["Old"])
    assert ours.route53.list_tags_for_resource(**given)["ResourceTagSet"]["Tags"] == tags


def test_private_zone_is_of_vpcs_in_two_regions(ours: Cloud) -> None:
    vpcs = [
        {"VPCRegion": one.region, "VPCId": one.ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]}
        for number, one in enumerate((ours, ours.other))
    ]
    made = ours.route53.create_hosted_zone(Name="payment.local", CallerReference="1", VPC=vpcs[0])["HostedZone"]["Id"]
    ours.route53.associate_vpc_with_hosted_zone(HostedZoneId=made, VPC=vpcs[1])
    assert ours.route53.get_hosted_zone(Id=made)["VPCs"] == vpcs
    ours.route53.disassociate_vpc_from_hosted_zone(HostedZoneId=made, VPC=vpcs[1])
    assert ours.route53.get_hosted_zone(Id=made)["VPCs"] == vpcs[:1]


def _records(*records: dict[str, Any]) -> Callable[[Cloud], object]:
    return lambda cloud: _change(cloud, _zone(cloud), *records)


def _two_primaries(cloud: Cloud) -> None:
    zone, check = _zone(cloud), _check(cloud)
    _change(cloud, zone, _record("PRIMARY", check))
    _change(cloud, zone, _record("PRIMARY", check, SetIdentifier="other"))


def _primary_without_identifier(cloud: Cloud) -> None:
    _change(cloud, _zone(cloud), _record("PRIMARY", _check(cloud), SetIdentifier=None))


def _failover_beside_a_simple_record(cloud: Cloud) -> None:
    zone = _zone(cloud)
    _change(cloud, zone, _record("SECONDARY", SetIdentifier=None, Failover=None))
    _change(cloud, zone, _record("SECONDARY"))


def _zone_of_a_vpc_elsewhere(cloud: Cloud) -> None:
    vpc = {"VPCRegion": OTHER_REGION, "VPCId": network(cloud)[0]}
    cloud.route53.create_hosted_zone(Name="payment.local", CallerReference="1", VPC=vpc)


REFUSED: dict[str, tuple[Callable[[Cloud], object], str]] = {
    "check of port 0": (lambda cloud: _check(cloud, Port=0), "InvalidInput"),
    "check of port 65536": (lambda cloud: _check(cloud, Port=65536), "InvalidInput"),
    "check of a path without a slash": (lambda cloud: _check(cloud, ResourcePath="health"), "InvalidInput"),
    "check every 20 seconds": (lambda cloud: _check(cloud, RequestInterval=20), "InvalidInput"),
    "check of a URL": (
        lambda cloud: _check(cloud, FullyQualifiedDomainName="https://api.example.org/health"),
        "InvalidInput",
    ),
    "TCP check of a path": (lambda cloud: _check(cloud, Type="TCP"), "InvalidInput"),
    "failover record without an identifier": (_primary_without_identifier, "InvalidInput"),
    "two PRIMARY records": (_two_primaries, "InvalidChangeBatch"),
    "PRIMARY record without a health check": (_records(_record("PRIMARY")), "InvalidChangeBatch"),
    "record with a health check that is missing": (
        _records(_record("PRIMARY", "11111111-2222-3333-4444-555555555555")),
        "InvalidInput",
    ),
    "failover record beside a simple one": (_failover_beside_a_simple_record, "InvalidChangeBatch"),
    "zone of a VPC of another Region": (_zone_of_a_vpc_elsewhere, "InvalidVPCId"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_refused_as_aws_does(clouds: Clouds, asked: Callable[[Cloud], object], code: str) -> None:
    clouds.mends(asked, code)


def test_calculated_check_is_not_observed(ours: Cloud) -> None:
    made = ours.route53.create_health_check(
        CallerReference="2",
        HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [_check(ours)]},
    )["HealthCheck"]["Id"]
    asked = outcome(lambda cloud: cloud.route53.get_health_check_status(HealthCheckId=made), ours)
    assert asked == "InvalidInput"
