"""Alarms, and what hears of them: a queue behind a topic, and one behind a rule of the bus."""

import json
import time
from typing import Any

from tests.integration.local_aws.conftest import Cloud
from tests.integration.local_aws_containers.surroundings import eventually

NAMESPACE, METRIC = "it", "load"
MINUTE = 60


def policy(principal: object) -> str:
    """A resource policy that lets somebody do everything."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Listener:
    """A topic for alarms' actions, with a queue that gets what is published."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self._cloud = cloud
        self.topic = cloud.sns.create_topic(Name=name)["TopicArn"]
        self.url, arn = queue(cloud, name)
        cloud.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def heard(self) -> list[tuple[str, str]]:
        """Name and new state of the alarms that were told of since the last time."""
        told = [json.loads(message["Message"]) for message in received(self._cloud, self.url)]
        return [(one["AlarmName"], one["NewStateValue"]) for one in told]

    def hears(self, count: int, seconds: float = 20) -> list[tuple[str, str]]:
        """What is told until it is so many, or the time is over."""
        told: list[tuple[str, str]] = []
        until = time.monotonic() + seconds
        while len(told) < count and time.monotonic() < until:
            told += self.heard()
            time.sleep(0.05)
        return told


def queue(cloud: Cloud, name: str) -> tuple[str, str]:
    """URL and ARN of a new queue that takes from everybody."""
    url = cloud.sqs.create_queue(QueueName=name, Attributes={"Policy": policy("*")})["QueueUrl"]
    attributes = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return url, attributes["QueueArn"]


def received(cloud: Cloud, url: str) -> list[dict[str, Any]]:
    """The messages in a queue, which are then gone."""
    found = []
    while messages := cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def put_alarm(cloud: Cloud, name: str, **changed: Any) -> str:
    """Makes an alarm on the sum of a metric of its own name, above 10 in one minute; its name."""
    cloud.cloudwatch.put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": NAMESPACE,
            "MetricName": METRIC,
            "Dimensions": [{"Name": "Of", "Value": name}],
            "Statistic": "Sum",
            "Period": MINUTE,
            "EvaluationPeriods": 1,
            "Threshold": 10.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **changed,
        }
    )
    return name


def put_load(cloud: Cloud, of: str, *values: float) -> None:
    """Measures the metric of an alarm."""
    series = {"MetricName": METRIC, "Dimensions": [{"Name": "Of", "Value": of}]}
    cloud.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{**series, "Value": value} for value in values])


def alarm(cloud: Cloud, name: str) -> dict[str, Any]:
    """An alarm as it is described, metric or composite."""
    found = cloud.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms: list[dict[str, Any]] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    assert len(alarms) == 1
    return alarms[0]


def turns(cloud: Cloud, name: str, state: str, seconds: float = 20) -> bool:
    """Whether an alarm comes into a state."""
    return bool(eventually(lambda: alarm(cloud, name)["StateValue"] == state, seconds))


def stays(cloud: Cloud, name: str, state: str, seconds: float = 1.5) -> bool:
    """Whether an alarm is in a state for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if alarm(cloud, name)["StateValue"] != state:
            return False
        time.sleep(0.1)
    return True
