"""Quotas and what can be ordered: AWS's defaults, raised on request, by Region; Aurora's versions and classes."""

from typing import Any

import boto3
import pytest

from lib.availability import ENGINE_LINE_ENDS
from tap.doctor.quota_table import QUOTAS
from tests.integration.local_aws.conftest import REGION, Cloud, outcome
from tests.integration.local_aws.resources import function

VPCS = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
ROLES = {"ServiceCode": "iam", "QuotaCode": "L-FE177D64"}


def quotas(cloud: Cloud, region: str = REGION) -> Any:
    """Service Quotas of a Region."""
    create: Any = boto3.client
    return create(
        "service-quotas",
        region_name=region,
        endpoint_url=cloud.endpoint_url,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
    )


def test_every_quota_that_the_doctor_reads_is_known(ours: Cloud) -> None:
    client = quotas(ours)
    for quota in QUOTAS:
        found = client.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)["Quota"]
        assert found["Value"] > 0
        assert found["GlobalQuota"] == quota.is_global


@pytest.mark.parametrize(
    ("service", "code", "value"),
    [
        ("vpc", "L-F678F1CE", 5),
        ("ec2", "L-0263D0A3", 5),
        ("vpc", "L-FE5A380F", 5),
        ("vpc", "L-29B6F2EB", 50),
        ("rds", "L-952B80B8", 40),
        ("lambda", "L-B99A9384", 1000),
        ("iam", "L-FE177D64", 1000),
        ("dynamodb", "L-F98FE922", 2500),
        ("route53", "L-4EA4796A", 500),
    ],
)
def test_default(ours: Cloud, service: str, code: str, value: int) -> None:
    client = quotas(ours)
    named = {"ServiceCode": service, "QuotaCode": code}
    assert client.get_service_quota(**named)["Quota"]["Value"] == value
    assert client.get_aws_default_service_quota(**named)["Quota"]["Value"] == value


def test_increase_counts_at_once_in_its_region(ours: Cloud) -> None:
    client = quotas(ours)
    request = client.request_service_quota_increase(**VPCS, DesiredValue=40)["RequestedQuota"]
    assert request["Status"] == "APPROVED"
    assert client.get_service_quota(**VPCS)["Quota"]["Value"] == 40
    assert client.list_service_quotas(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quotas"][0]["Value"] == 40
    assert client.get_aws_default_service_quota(**VPCS)["Quota"]["Value"] == 5
    history = client.list_requested_service_quota_change_history_by_quota(**VPCS)["RequestedQuotas"]
    assert [one["Id"] for one in history] == [request["Id"]]
    assert client.get_requested_service_quota_change(RequestId=request["Id"])["RequestedQuota"]["DesiredValue"] == 40
    assert quotas(ours, "eu-west-1").get_service_quota(**VPCS)["Quota"]["Value"] == 5


def test_lists_in_pages(ours: Cloud) -> None:
    pages = (
        quotas(ours).get_paginator("list_service_quotas").paginate(ServiceCode="vpc", PaginationConfig={"PageSize": 10})
    )
    codes = [[quota["QuotaCode"] for quota in page["Quotas"]] for page in pages]
    assert [len(page) for page in codes] == [10, 10, 5]
    assert "vpc" in [one["ServiceCode"] for one in quotas(ours).list_services()["Services"]]


def test_refused(ours: Cloud) -> None:
    client = quotas(ours)
    unknown = {"ServiceCode": "vpc", "QuotaCode": "L-00000000"}
    assert outcome(lambda _: client.get_service_quota(**unknown), ours) == "NoSuchResourceException"
    no_service = {"ServiceCode": "unknown", "QuotaCode": "L-00000000"}
    assert outcome(lambda _: client.get_service_quota(**no_service), ours) == "NoSuchResourceException"
    lower = {**VPCS, "DesiredValue": 5}
    assert outcome(lambda _: client.request_service_quota_increase(**lower), ours) == "IllegalArgumentException"


def test_quotas_of_global_services_are_in_the_global_region(ours: Cloud) -> None:
    assert quotas(ours).get_service_quota(**ROLES)["Quota"]["Value"] == 1000
    elsewhere = quotas(ours, "eu-west-1")
    assert outcome(lambda _: elsewhere.get_service_quota(**ROLES), ours) == "NoSuchResourceException"


def test_account_settings_of_lambda(ours: Cloud) -> None:
    function(ours)
    ours.lambda_.put_function_concurrency(FunctionName="payments", ReservedConcurrentExecutions=10)
    settings = ours.lambda_.get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 990
    assert settings["AccountUsage"]["FunctionCount"] == 1


def test_account_attributes_of_rds(ours: Cloud) -> None:
    attributes = {one["AccountQuotaName"]: one for one in ours.rds.describe_account_attributes()["AccountQuotas"]}
    assert attributes["DBClusters"] == {"AccountQuotaName": "DBClusters", "Used": 0, "Max": 40}


def orderable(cloud: Cloud, **given: object) -> list[dict[str, Any]]:
    """All options, from all pages."""
    pages = cloud.rds.get_paginator("describe_orderable_db_instance_options").paginate(**given)
    return [option for page in pages for option in page["OrderableDBInstanceOptions"]]


@pytest.mark.parametrize("class_", ["db.r5.large", "db.r6g.large", "db.r7g.xlarge", "db.t4g.medium"])
def test_class_of_the_supported_line_is_offered_in_all_zones(ours: Cloud, class_: str) -> None:
    version = f"{next(iter(ENGINE_LINE_ENDS['aurora-mysql']))}.0"
    [option] = orderable(ours, Engine="aurora-mysql", EngineVersion=version, DBInstanceClass=class_, Vpc=True)
    zones = [zone["Name"] for zone in option["AvailabilityZones"]]
    assert {f"{REGION}{letter}" for letter in "abc"} <= set(zones)


def test_what_cannot_be_ordered_is_an_empty_list(ours: Cloud) -> None:
    line = {"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.10.0"}
    assert orderable(ours, **line, DBInstanceClass="db.m1.small") == []
    assert orderable(ours, Engine="aurora-mysql", EngineVersion="8.0.mysql_aurora.3.01.0") == []
    assert orderable(ours, Engine="oracle-ee") == []
    classes = {option["DBInstanceClass"].rpartition(".")[0] for option in orderable(ours, **line)}
    assert {"db.r5", "db.r6g", "db.t3", "db.t4g"} <= classes
    postgresql = orderable(ours, Engine="aurora-postgresql")
    versions = ours.rds.describe_db_engine_versions(Engine="aurora-postgresql")["DBEngineVersions"]
    assert {option["EngineVersion"] for option in postgresql} == {one["EngineVersion"] for one in versions}
