"""Load balancer, web ACL, logs bucket and names as the project makes them: applied, used, changed, destroyed."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.balanced_stack import RATE_LIMIT, balanced
from tests.integration.local_aws_containers.surroundings import HTTP, eventually
from tests.integration.local_aws_containers.test_load_balancers import target

DOMAIN = "api.payment-it-1.acme.io"


@dataclass
class Deployed:
    """The stack on a local AWS, with one target that answers."""

    aws: LocalAws
    cloud: Cloud
    folder: Path
    parent_zone_id: str
    outputs: dict[str, Any]

    def terraform(self, **changed: object) -> Any:
        return balanced(self.folder, self.aws, self.parent_zone_id, **changed)

    def ask(
        self, port: int = 443, path: str = "/health", host: str = DOMAIN, source: str = "127.0.0.1"
    ) -> tuple[int, dict[str, str]]:
        """A request from an address to a listener, by TLS but for port 80; status and headers of the answer."""
        listeners = HTTP.get(f"{self.aws.endpoint_url}/local-aws/load-balancers", timeout=30).json()
        address, _, listening = listeners[self.outputs["load_balancer_dns_name"]][str(port)].partition(":")
        connection = http.client.HTTPConnection(address, int(listening), timeout=10, source_address=(source, 0))
        connection.connect()
        if port != 80:
            trusted = ssl.create_default_context(cafile=str(self.aws.database_ca_file))
            connection.sock = trusted.wrap_socket(connection.sock, server_hostname=host)
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def health(self) -> list[str]:
        """What Route 53's checkers say."""
        check = self.outputs["health_check_id"]
        found = self.cloud.route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
        return [one["StatusReport"]["Status"] for one in found]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("balanced")
    with LocalAws.started(folder / "aws") as aws, target() as address:
        cloud = Cloud(aws.endpoint_url)
        zone = cloud.route53.create_hosted_zone(Name="acme.io", CallerReference="1")["HostedZone"]["Id"]
        parent = zone.rpartition("/")[2]
        terraform = balanced(folder / "out", aws, parent)
        terraform.init()
        terraform.apply()
        found = Deployed(aws, cloud, folder / "out", parent, terraform.output())
        group = found.outputs["target_group_arn"]
        cloud.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": address, "Port": 8080}])
        assert eventually(lambda: "healthy" in str(cloud.elbv2.describe_target_health(TargetGroupArn=group)))
        assert eventually(lambda: found.ask(source="127.0.0.2")[0] == 200)
        yield found


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    plan = deployed.terraform().plan()
    assert plan.empty, plan.changes


def test_b_answers_by_tls_and_redirects_what_comes_without(deployed: Deployed) -> None:
    for port in (443, 8443):
        status, headers = deployed.ask(port)
        assert (status, bool(headers["x-target"])) == (200, True)
    status, headers = deployed.ask(80, "/payments?trace=on")
    assert (status, headers["location"]) == (301, f"https://{DOMAIN}:443/payments?trace=on")


def test_b_route_53_finds_it_healthy(deployed: Deployed) -> None:
    assert set(deployed.health()) == {"Success: HTTP Status Code 200, OK"}


def test_c_an_address_that_asks_too_often_is_refused(deployed: Deployed) -> None:
    statuses = [deployed.ask(source="127.0.0.3")[0] for _ in range(RATE_LIMIT + 2)]
    assert statuses == [200] * RATE_LIMIT + [403] * 2
    assert deployed.ask(80, source="127.0.0.3")[0] == 403
    assert deployed.ask(source="127.0.0.4")[0] == 200


def test_c_aws_refuses_what_it_refuses_of_web_acls(deployed: Deployed) -> None:
    waf, arn = deployed.cloud.wafv2, deployed.outputs["web_acl_arn"]
    acl = waf.get_web_acl(Name=deployed.outputs["web_acl_name"], Id=arn.rpartition("/")[2], Scope="REGIONAL")
    given = {"Name": acl["WebACL"]["Name"], "Id": acl["WebACL"]["Id"], "Scope": "REGIONAL"}
    with pytest.raises(ClientError, match="WAFAssociatedItemException"):
        waf.delete_web_acl(**given, LockToken=acl["LockToken"])
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        waf.associate_web_acl(WebACLArn=arn, ResourceArn=f"{deployed.outputs['load_balancer_arn']}0")
    logs = "arn:aws:logs:us-east-1:123456789012:log-group"
    for name, code in (
        ("payment", "WAFInvalidParameterException"),
        ("aws-waf-logs-none", "WAFLogDestinationPermissionIssueException"),
    ):
        with pytest.raises(ClientError, match=code):
            waf.put_logging_configuration(
                LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": [f"{logs}:{name}"]}
            )


def test_c_a_resource_has_one_web_acl(deployed: Deployed) -> None:
    waf, balancer = deployed.cloud.wafv2, deployed.outputs["load_balancer_arn"]
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "other"}
    other = waf.create_web_acl(
        Name="other", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible, Rules=[]
    )["Summary"]
    for arn in (other["ARN"], deployed.outputs["web_acl_arn"]):
        waf.associate_web_acl(WebACLArn=arn, ResourceArn=balancer)
        assert waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["ARN"] == arn
    waf.delete_web_acl(Name="other", Id=other["Id"], Scope="REGIONAL", LockToken=other["LockToken"])


def test_c_access_logs_go_only_where_the_load_balancer_may_write(deployed: Deployed) -> None:
    cloud, balancer = deployed.cloud, deployed.outputs["load_balancer_arn"]
    name = deployed.outputs["logs_bucket_name"]

    def refused(reason: str, **changed: str) -> None:
        attributes = [{"Key": f"access_logs.s3.{key}", "Value": value} for key, value in changed.items()]
        with pytest.raises(ClientError, match=f"InvalidConfigurationRequest.*{reason}"):
            cloud.elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=attributes)

    refused("does not exist", enabled="true", bucket="nothing")
    refused("Access Denied", prefix="elsewhere")
    there = {"LocationConstraint": cloud.other.region}
    cloud.other.s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration=there)
    refused("same region", bucket="elsewhere")
    cloud.other.s3.delete_bucket(Bucket="elsewhere")
    kms, plain = (
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}
        for algorithm in ("aws:kms", "AES256")
    )
    cloud.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=kms)
    refused("Access Denied", bucket=name)
    cloud.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=plain)
    own = [{"Key": "access_logs.s3.bucket", "Value": name}]
    cloud.elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=own)


def test_d_changes_are_made_in_place_and_what_codedeploy_moved_stays(deployed: Deployed) -> None:
    green = [{"Type": "forward", "TargetGroupArn": deployed.outputs["green_target_group_arn"]}]
    deployed.cloud.elbv2.modify_listener(ListenerArn=deployed.outputs["test_listener_arn"], DefaultActions=green)
    terraform = deployed.terraform(waf_rate_limit=RATE_LIMIT * 2)
    plan = terraform.plan()
    assert [change.address for change in plan.changes] == ["aws_wafv2_web_acl.web_acl"]
    terraform.apply(plan)
    assert terraform.plan().empty
    assert deployed.ask(source="127.0.0.3")[0] == 200
    found = deployed.cloud.elbv2.describe_listeners(ListenerArns=[deployed.outputs["test_listener_arn"]])
    assert found["Listeners"][0]["DefaultActions"][0]["TargetGroupArn"] == green[0]["TargetGroupArn"]


def test_e_nothing_is_left(deployed: Deployed) -> None:
    deployed.cloud.s3.put_object(Bucket=deployed.outputs["logs_bucket_name"], Key="load-balancer/one", Body=b"log")
    deployed.terraform().destroy()
    deployed.cloud.route53.delete_hosted_zone(Id=deployed.parent_zone_id)
    assert deployed.aws.leftovers() == {}
