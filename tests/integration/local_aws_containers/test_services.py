"""Services keep their tasks, which are processes: started, replaced, updated, given up, ended."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_containers.surroundings import (
    NAME,
    Surroundings,
    address_of,
    body,
    discovered,
    eventually,
)

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def test_a_service_answers_through_its_load_balancer(cloud: Surroundings) -> None:
    cloud.api.ssm.put_parameter(Name="/payment/setting", Value="from SSM", Type="String")
    secret = cloud.api.secretsmanager.create_secret(Name="login", SecretString=json.dumps({"password": "hidden"}))
    cloud.serve(
        "whole",
        cloud.define(
            "first",
            family="whole",
            environment=[{"name": "SETTING", "value": "own"}, {"name": "SERVICE_HOST", "value": "0.0.0.0"}],
            secrets=[
                {"name": "FROM_SSM", "valueFrom": "/payment/setting"},
                {"name": "PASSWORD", "valueFrom": f"{secret['ARN']}:password::"},
            ],
        ),
    )
    assert cloud.steady("whole")
    answers = [body(cloud.ask("/a%20b?c=d")) for _ in range(6)]
    assert {answer["task"] for answer in answers} == {address_of(task) for task in cloud.tasks("whole")}
    said = answers[0]
    assert (said["version"], said["path"], said["arguments"]) == ("first", "/a%20b?c=d", ["--port", "8080"])
    assert said["directory"].endswith("/srv")
    environment = said["environment"]
    assert [environment[name] for name in ("SETTING", "FROM_SSM", "PASSWORD", "GREETING")] == [
        "own",
        "from SSM",
        "hidden",
        "from the image",
    ]
    assert environment["AWS_ENDPOINT_URL"] == cloud.aws.endpoint_url
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert said["headers"]["x-forwarded-proto"] == "http"
    assert eventually(lambda: "started first" in cloud.log("whole"))
    health = {task["healthStatus"] for task in cloud.tasks("whole")}
    assert health == {"HEALTHY"}
    cloud.remove("whole")
    assert "stopped" in cloud.log("whole")
    assert cloud.api.elbv2.describe_target_health(TargetGroupArn=cloud.target_group)["TargetHealthDescriptions"] == []


def test_a_task_that_ends_or_is_stopped_is_replaced(cloud: Surroundings) -> None:
    cloud.serve("kept", cloud.define("first", family="kept"))
    assert cloud.steady("kept")
    cloud.ask("/exit?3")
    ended: list[Any] = eventually(lambda: cloud.tasks("kept", "STOPPED"))
    assert ended[0]["stoppedReason"] == "Essential container in task exited"
    assert eventually(lambda: cloud.tasks("kept", "STOPPED")[0]["lastStatus"] == "STOPPED")
    assert cloud.tasks("kept", "STOPPED")[0]["containers"][0]["exitCode"] == 3
    assert cloud.steady("kept")
    stopped = cloud.tasks("kept")[0]["taskArn"]
    cloud.api.ecs.stop_task(cluster=NAME, task=stopped, reason="by hand")
    assert eventually(lambda: len(cloud.tasks("kept", "STOPPED")) == 2)
    assert cloud.steady("kept")
    assert stopped not in [task["taskArn"] for task in cloud.tasks("kept")]
    cloud.remove("kept")


def test_an_unhealthy_task_is_replaced_after_the_grace_period(cloud: Surroundings) -> None:
    cloud.serve("sick", cloud.define("first", family="sick"), healthCheckGracePeriodSeconds=15)
    assert cloud.steady("sick")
    broken = body(cloud.ask("/break"))["task"]
    gone: list[Any] = eventually(lambda: [one for one in cloud.tasks("sick", "STOPPED") if address_of(one) == broken])
    assert gone[0]["stoppedReason"].startswith("Task failed ")
    assert (datetime.now(UTC) - gone[0]["startedAt"]).total_seconds() >= 15
    assert cloud.steady("sick")
    assert broken not in [address_of(task) for task in cloud.tasks("sick")]
    cloud.remove("sick")


def test_an_update_replaces_tasks_without_a_failed_request(cloud: Surroundings) -> None:
    assert cloud.build("second") == "SUCCEEDED"
    cloud.serve("rolled", cloud.define("first", family="rolled"))
    assert cloud.steady("rolled")
    cloud.update("rolled", taskDefinition=cloud.define("second", family="rolled"))
    seen = set()

    def completed() -> bool:
        answer = cloud.ask("/")
        assert answer.status_code == 200
        seen.add(body(answer)["version"])
        return len(cloud.service("rolled")["deployments"]) == 1

    assert eventually(completed)
    assert cloud.steady("rolled")
    assert seen >= {"first"}
    assert body(cloud.ask("/"))["version"] == "second"
    cloud.remove("rolled")


def test_a_deployment_that_fails_is_rolled_back(cloud: Surroundings) -> None:
    failing = {"app/sample.py": "raise SystemExit('no such setting')\n"}
    assert cloud.build("failing", failing) == "SUCCEEDED"
    good = cloud.define("first", family="careful")
    cloud.serve("careful", good, deploymentConfiguration=BREAKER)
    assert cloud.steady("careful")
    bad = cloud.define("failing", family="careful")
    cloud.update("careful", taskDefinition=bad)
    assert eventually(lambda: cloud.service("careful")["taskDefinition"] == bad)
    assert eventually(lambda: cloud.service("careful")["taskDefinition"] == good)
    assert cloud.steady("careful")
    assert cloud.ask("/").status_code == 200
    messages = [event["message"] for event in cloud.service("careful")["events"]]
    assert any("deployment failed: tasks failed to start" in message for message in messages)
    assert "no such setting" in cloud.log("careful")
    cloud.remove("careful")


def test_a_deployment_whose_alarm_goes_off_is_rolled_back(cloud: Surroundings) -> None:
    cloud.api.cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="it",
        MetricName="errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    alarms = {"alarms": {"enable": True, "rollback": True, "alarmNames": ["errors"]}}
    good = cloud.define("first", family="watched")
    cloud.serve("watched", good, deploymentConfiguration=alarms, count=1)
    assert cloud.steady("watched")
    cloud.api.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="it")
    cloud.update("watched", taskDefinition=cloud.define("first", family="watched", stopTimeout=9))
    assert eventually(lambda: cloud.service("watched")["taskDefinition"] == good)
    assert any("an alarm is in ALARM state" in event["message"] for event in cloud.service("watched")["events"])
    assert cloud.steady("watched")
    cloud.remove("watched")


def test_a_task_that_may_not_have_its_secret_does_not_start(cloud: Surroundings) -> None:
    cloud.api.ssm.put_parameter(Name="/payment/refused", Value="x", Type="String")
    secrets = [{"name": "SETTING", "valueFrom": "/payment/refused"}]
    definition = cloud.define("first", family="refused", secrets=secrets, execution_role=cloud.role("poor"))
    cloud.serve("refused", definition, count=1)
    failed: list[Any] = eventually(lambda: cloud.tasks("refused", "STOPPED"))
    assert failed[0]["stopCode"] == "TaskFailedToStart"
    assert "is not authorized to perform: ssm:GetParameters" in failed[0]["stoppedReason"]
    cloud.remove("refused")


def test_an_image_that_is_not_there_cannot_be_pulled(cloud: Surroundings) -> None:
    started = cloud.api.ecs.run_task(
        cluster=NAME, taskDefinition=cloud.define("missing", family="missing"), networkConfiguration=cloud.network
    )
    arn = started["tasks"][0]["taskArn"]

    def reason() -> str:
        task: dict[str, str] = cloud.api.ecs.describe_tasks(cluster=NAME, tasks=[arn])["tasks"][0]
        return task.get("stoppedReason", "")

    assert eventually(reason).startswith("CannotPullContainerError")


def test_requests_under_way_are_finished(cloud: Surroundings) -> None:
    cloud.serve("slow", cloud.define("first", family="slow"), count=1)
    assert cloud.steady("slow")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(cloud.ask, "/wait?2")
        assert eventually(lambda: "asked to wait" in cloud.log("slow"))
        cloud.remove("slow")
        assert waiting.result().status_code == 200
    assert cloud.log("slow")[-1] == "stopped"


def test_a_task_that_does_not_end_is_killed(cloud: Surroundings) -> None:
    deaf = [{"name": "DEAF", "value": "1"}]
    cloud.serve("deaf", cloud.define("first", family="deaf", environment=deaf, stopTimeout=2), count=1)
    assert cloud.steady("deaf")
    cloud.remove("deaf")
    assert cloud.tasks("deaf", "STOPPED")[0]["containers"][0]["exitCode"] == 137


def test_tasks_are_instances_of_cloud_map_while_they_run(cloud: Surroundings) -> None:
    api = cloud.api.servicediscovery
    operation = api.create_private_dns_namespace(Name="payment.internal", Vpc=cloud.vpc)["OperationId"]
    namespace = api.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    made = api.create_service(
        Name="named",
        DnsConfig={"NamespaceId": namespace, "DnsRecords": [{"Type": "A", "TTL": 10}]},
        HealthCheckCustomConfig={"FailureThreshold": 1},
    )["Service"]
    cloud.serve("named", cloud.define("first", family="named"), serviceRegistries=[{"registryArn": made["Arn"]}])
    assert cloud.steady("named")
    expected = {address_of(task): "HEALTHY" for task in cloud.tasks("named")}
    assert discovered(cloud.aws, "payment.internal", "named") == expected
    cloud.remove("named")
    assert discovered(cloud.aws, "payment.internal", "named") == {}
    zones = cloud.api.route53.list_hosted_zones()["HostedZones"]
    assert [zone["Name"] for zone in zones] == ["payment.internal."]
    api.delete_service(Id=made["Id"])
    api.delete_namespace(Id=namespace)
    assert cloud.api.route53.list_hosted_zones()["HostedZones"] == []


def test_with_codedeploy_a_service_has_a_task_set(cloud: Surroundings) -> None:
    definition = cloud.define("first", family="blue")
    cloud.serve("blue", definition, deploymentController={"type": "CODE_DEPLOY"})
    assert eventually(lambda: cloud.service("blue")["taskSets"][0]["stabilityStatus"] == "STEADY_STATE")
    assert cloud.service("blue")["deployments"] == []
    with pytest.raises(ClientError, match="Use AWS CodeDeploy"):
        cloud.update("blue", taskDefinition=cloud.define("first", family="blue", stopTimeout=9))
    cloud.remove("blue")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"deploymentController": {"type": "CODE_DEPLOY"}, "deploymentConfiguration": BREAKER},
            "only be enabled with ECS",
        ),
        ({"loadBalancers": [{"containerName": NAME, "containerPort": 80}]}, "did not have a container port 80"),
        ({"networkConfiguration": {}}, "Network Configuration must be provided"),
    ],
)
def test_what_aws_refuses_is_refused(cloud: Surroundings, changed: dict[str, Any], message: str) -> None:
    for balancer in changed.get("loadBalancers", []):
        balancer["targetGroupArn"] = cloud.target_group
    with pytest.raises(ClientError, match=message):
        cloud.serve("refused-by-aws", cloud.define("first", family="refused-by-aws"), **changed)


def test_a_service_needs_a_load_balancer_for_its_target_group(cloud: Surroundings) -> None:
    balanced = [{"targetGroupArn": cloud.new_group("alone"), "containerName": NAME, "containerPort": 8080}]
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        cloud.serve("alone", cloud.define("first", family="alone"), loadBalancers=balanced)


def test_desired_count_is_followed(cloud: Surroundings) -> None:
    cloud.serve("counted", cloud.define("first", family="counted"), count=1)
    assert cloud.steady("counted")
    for count in (3, 1):
        cloud.update("counted", desiredCount=count)
        assert cloud.steady("counted")
        assert cloud.service("counted")["runningCount"] == count
        assert len(cloud.service("counted")["deployments"]) == 1
    cloud.remove("counted")
