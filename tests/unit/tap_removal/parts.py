"""Resources that no tags speak for: parts of another one, which has tags, and what only a state knows."""

from __future__ import annotations

import json
from collections.abc import Callable

from tap.inventory.resource import Evidence, Resource
from tests.unit.tap_removal.maker import ACCOUNT, Maker
from tests.unit.tap_removal.makers import TAGGED

Part = Callable[[Maker], Resource]
"""Makes the part with its owner, which has the maker's tags."""


def _owned(arn: str, type_: str, owner: str) -> Resource:
    return Resource(arn, type_, evidence=Evidence.OWNER, owner=owner)


def _schedule(make: Maker) -> Resource:
    function = make.function()
    made = make.scheduler.create_schedule(
        Name=f"payment-{make.name}",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function, "RoleArn": make.role_arn},
    )
    return _owned(made["ScheduleArn"], "scheduler:schedule", function)


def _archive(make: Maker) -> Resource:
    bus = make.bus()
    made = make.events.create_archive(ArchiveName=f"payment-{make.name}", EventSourceArn=bus)
    return _owned(made["ArchiveArn"], "events:archive", bus)


def _alias(make: Maker) -> Resource:
    key, name = make.key(), f"alias/payment-{make.name}"
    make.kms.create_alias(AliasName=name, TargetKeyId=key.rpartition("/")[2])
    return _owned(f"arn:aws:kms:{make.account.region}:{ACCOUNT}:{name}", "kms:alias", key)


def _mapping(make: Maker) -> Resource:
    function = make.function()
    made = make.lambda_.create_event_source_mapping(EventSourceArn=make.queue(), FunctionName=function)
    arn = f"arn:aws:lambda:{make.account.region}:{ACCOUNT}:event-source-mapping:{made['UUID']}"
    return _owned(arn, "lambda:event-source-mapping", function)


def _subscription(make: Maker) -> Resource:
    topic = TAGGED["sns:topic"](make)
    made = make.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=make.queue(), ReturnSubscriptionArn=True)
    return _owned(made["SubscriptionArn"], "sns:topic", topic)


def _record(make: Maker) -> Resource:
    zone = TAGGED["route53:hostedzone"](make)
    return _owned(f"{zone}/stray.payment-{make.name}.payments.org/A", "route53:record", zone)


def _image(make: Maker) -> Resource:
    repository = TAGGED["ecr:repository"](make)
    [image] = make.ecr.describe_images(repositoryName=f"payment/{make.name}")["imageDetails"]
    return _owned(f"{repository}/{image['imageDigest']}", "ecr:image", repository)


def _stage(make: Maker) -> Resource:
    api = make.api()
    make.apigatewayv2.create_stage(ApiId=api.rpartition("/")[2], StageName="$default")
    return _owned(f"{api}/stages/$default", "apigateway:apis", api)


def _untagged(type_: str, owner: Callable[[Maker], str]) -> Part:
    """What can have tags, and has none here."""

    def make_it(make: Maker) -> Resource:
        arn = TAGGED[type_](Maker(make.account, make.name, {}))
        whole = owner(make)
        return _owned(arn, type_, whole)

    return make_it


def _interface(make: Maker) -> Resource:
    vpc = make.vpc()
    subnet = make.subnet(vpc)
    made = make.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    return _owned(make.ec2_arn(f"network-interface/{made}"), "ec2:network-interface", make.ec2_arn(f"vpc/{vpc}"))


def _cluster_snapshot(make: Maker) -> Resource:
    cluster = make.cluster()
    made = make.rds.create_db_cluster_snapshot(
        DBClusterIdentifier=cluster.rpartition(":")[2], DBClusterSnapshotIdentifier=f"by-hand-{make.name}"
    )
    return _owned(made["DBClusterSnapshot"]["DBClusterSnapshotArn"], "rds:cluster-snapshot", cluster)


def _recorder(make: Maker) -> Resource:
    """One that records, with its channel."""
    role, name = make.role(), f"payment-{make.name}"
    make.config.put_configuration_recorder(ConfigurationRecorder={"name": name, "roleARN": role})
    make.config.put_delivery_channel(DeliveryChannel={"name": name, "s3BucketName": f"payment-{make.name}"})
    make.config.start_configuration_recorder(ConfigurationRecorderName=name)
    arn = f"arn:aws:config:{make.account.region}:{ACCOUNT}:configuration-recorder/{name}"
    return _owned(arn, "config:configuration-recorder", role)


PARTS: dict[str, Part] = {
    "scheduler:schedule": _schedule,
    "events:archive": _archive,
    "kms:alias": _alias,
    "lambda:event-source-mapping": _mapping,
    "sns:topic": _subscription,
    "route53:record": _record,
    "ecr:image": _image,
    "apigateway:apis": _stage,
    "logs:log-group": _untagged("logs:log-group", Maker.function),
    "ec2:network-interface": _interface,
    "rds:cluster-snapshot": _cluster_snapshot,
    "config:configuration-recorder": _recorder,
}


def dashboard(make: Maker) -> Resource:
    """Dashboards have no tags: the state speaks for them."""
    name = f"payment-{make.name}"
    make.cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": []}))
    return Resource(f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{name}", "cloudwatch:dashboard", evidence=Evidence.STATE)


def hub(make: Maker) -> Resource:
    """A hub has no tags here: the state speaks for it."""
    make.securityhub.enable_security_hub()
    arn = f"arn:aws:securityhub:{make.account.region}:{ACCOUNT}:hub/default"
    return Resource(arn, "securityhub:hub", evidence=Evidence.STATE)


def function_alias(make: Maker) -> Resource:
    """It goes with its function, and not without."""
    function = make.function()
    return _owned(
        make.lambda_.create_alias(FunctionName=function, Name="live", FunctionVersion="$LATEST")["AliasArn"],
        "lambda:function",
        function,
    )
