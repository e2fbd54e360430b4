"""A rule reaches queues, topics, log groups, state machines and buses, several at once, where they let it."""

import json
import uuid
from typing import Any

REGION, ACCOUNT = "eu-central-1", "123456789012"


def bus(cloud: Any) -> tuple[str, str]:
    """A bus and a rule for the events of shop: the bus's name, the rule's ARN."""
    name, events = f"bus-{uuid.uuid4().hex[:8]}", cloud.client("events")
    events.create_event_bus(Name=name)
    pattern = json.dumps({"source": ["shop"]})
    return name, events.put_rule(Name="all", EventBusName=name, EventPattern=pattern)["RuleArn"]


def policy(action: str, resource: str) -> str:
    statement = {
        "Sid": "events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue(cloud: Any) -> tuple[str, str]:
    """A queue that lets EventBridge send to it."""
    url, arn = cloud.queue()
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy("sqs:SendMessage", arn)})
    return url, arn


def target(cloud: Any, name: str, *arns: str, **settings: Any) -> None:
    targets = [{"Id": f"target-{number}", "Arn": arn, **settings} for number, arn in enumerate(arns)]
    cloud.client("events").put_targets(Rule="all", EventBusName=name, Targets=targets)


def put(cloud: Any, name: str) -> str:
    entry = {"Source": "shop", "DetailType": "Sale", "Detail": '{"n": 1}', "EventBusName": name}
    return str(cloud.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])


def test_several_queues_get_an_event_once_each(cloud: Any) -> None:
    name, _ = bus(cloud)
    (first_url, first), (second_url, second) = queue(cloud), queue(cloud)
    target(cloud, name, first, second)
    event_id = put(cloud, name)
    for url in (first_url, second_url):
        event = json.loads(cloud.message(url)["Body"])
        assert (event["id"], event["detail"], event["detail-type"]) == (event_id, {"n": 1}, "Sale")
        assert event["time"].endswith("Z")
        assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


def test_a_queue_can_take_a_part_of_the_event(cloud: Any) -> None:
    name, _ = bus(cloud)
    url, arn = queue(cloud)
    target(cloud, name, arn, InputPath="$.detail")
    put(cloud, name)
    assert cloud.message(url)["Body"] == '{"n": 1}'


def test_a_queue_without_a_policy_gets_nothing(cloud: Any) -> None:
    name, _ = bus(cloud)
    (url, arn), (letters_url, letters) = cloud.queue(), queue(cloud)
    target(cloud, name, arn, DeadLetterConfig={"Arn": letters})
    put(cloud, name)
    assert cloud.message(letters_url)["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


def test_a_topic_passes_an_event_on(cloud: Any) -> None:
    name, _ = bus(cloud)
    sns, (url, arn) = cloud.client("sns"), cloud.queue()
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy("sns:Publish", topic))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    target(cloud, name, topic)
    put(cloud, name)
    assert json.loads(cloud.message(url)["Body"])["detail"] == {"n": 1}


def test_a_log_group_keeps_events(cloud: Any, until: Any) -> None:
    name, _ = bus(cloud)
    logs, group = cloud.client("logs"), f"/aws/events/{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    document = policy("logs:PutLogEvents", f"{arn}:*")
    logs.put_resource_policy(policyName=name, policyDocument=document)
    target(cloud, name, arn)
    put(cloud, name)
    events = until(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(events[0]["message"])["detail"] == {"n": 1}


def test_a_bus_passes_events_on_and_a_state_machine_starts(cloud: Any, until: Any) -> None:
    (first, _), (second, _) = bus(cloud), bus(cloud)
    role = cloud.role("states:StartExecution")
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "states.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    cloud.client("iam").update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=document)
    machines = cloud.client("stepfunctions")
    machine = machines.create_state_machine(
        name=second, roleArn=role, definition='{"StartAt": "a", "States": {"a": {"Type": "Pass", "End": true}}}'
    )["stateMachineArn"]
    target(cloud, first, f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{second}")
    target(cloud, second, machine, RoleArn=role)
    put(cloud, first)
    (execution,) = until(lambda: machines.list_executions(stateMachineArn=machine)["executions"])
    described = machines.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"])["detail"] == {"n": 1}
