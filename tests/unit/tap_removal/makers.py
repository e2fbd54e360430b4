"""How a resource of each type that carries tags itself is made; the value is its ARN."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.tap_removal import audit_makers as audit
from tests.unit.tap_removal import container_makers as containers
from tests.unit.tap_removal.data_makers import (
    bucket,
    cluster_snapshot,
    instance,
    instance_snapshot,
    parameter_group,
    proxy,
    repository,
    ssm_parameter,
    subnet_group,
    table,
)
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.network_makers import (
    endpoint,
    flow_log,
    gateway,
    group,
    listener,
    listener_rule,
    nat_gateway,
    rule,
    simple_ec2,
    target_group,
)
from tests.unit.tap_removal.service_makers import (
    alarm,
    certificate,
    discovery_service,
    domain_name,
    event_rule,
    experiment_template,
    health_check,
    instance_profile,
    log_group,
    namespace,
    pipe,
    policy,
    role,
    service,
    state_machine,
    task_definition,
    zone,
)

TAGGED: dict[str, Callable[[Maker], str]] = {
    "fis:experiment-template": experiment_template,
    "ec2:vpc": lambda make: make.ec2_arn(f"vpc/{make.vpc()}"),
    "ec2:subnet": lambda make: make.ec2_arn(f"subnet/{make.subnet()}"),
    "ec2:route-table": simple_ec2("create_route_table", "RouteTable", "RouteTableId", "route-table", VpcId=Maker.vpc),
    "ec2:network-acl": simple_ec2("create_network_acl", "NetworkAcl", "NetworkAclId", "network-acl", VpcId=Maker.vpc),
    "ec2:network-interface": simple_ec2(
        "create_network_interface",
        "NetworkInterface",
        "NetworkInterfaceId",
        "network-interface",
        SubnetId=Maker.subnet,
    ),
    "ec2:elastic-ip": simple_ec2("allocate_address", "", "AllocationId", "elastic-ip"),
    "ec2:internet-gateway": gateway,
    "ec2:natgateway": nat_gateway,
    "ec2:vpc-endpoint": endpoint,
    "ec2:vpc-flow-log": flow_log,
    "ec2:security-group": group,
    "ec2:security-group-rule": rule,
    "rds:cluster": Maker.cluster,
    "rds:db": instance,
    "rds:db-proxy": proxy,
    "rds:subgrp": subnet_group,
    "rds:cluster-pg": parameter_group("Cluster"),
    "rds:pg": parameter_group(""),
    "rds:cluster-snapshot": cluster_snapshot,
    "rds:snapshot": instance_snapshot,
    "dynamodb:table": table,
    "lambda:function": Maker.function,
    "states:stateMachine": state_machine,
    "apigateway:apis": Maker.api,
    "apigateway:domainnames": domain_name,
    "scheduler:schedule-group": lambda make: str(
        make.scheduler.create_schedule_group(Name=make.name, Tags=make.pairs)["ScheduleGroupArn"]
    ),
    "events:event-bus": Maker.bus,
    "events:rule": event_rule,
    "sqs:queue": Maker.queue,
    "sns:topic": lambda make: str(make.sns.create_topic(Name=f"payment-{make.name}", Tags=make.pairs)["TopicArn"]),
    "s3:bucket": bucket,
    "ssm:parameter": ssm_parameter,
    "secretsmanager:secret": lambda make: str(
        make.secretsmanager.create_secret(Name=f"payment-{make.name}", SecretString="x", Tags=make.pairs)["ARN"]
    ),
    "ecr:repository": repository,
    "iam:role": role,
    "iam:policy": policy,
    "iam:instance-profile": instance_profile,
    "kms:key": Maker.key,
    "acm:certificate": certificate,
    "route53:hostedzone": zone,
    "cloudwatch:alarm": alarm,
    "logs:log-group": log_group,
    "ecs:cluster": lambda make: str(
        make.ecs.create_cluster(clusterName=f"payment-{make.name}", tags=make.lower)["cluster"]["clusterArn"]
    ),
    "ecs:service": service,
    "ecs:task-definition": task_definition,
    "elasticloadbalancing:loadbalancer": Maker.balancer,
    "elasticloadbalancing:targetgroup": target_group,
    "elasticloadbalancing:listener": listener,
    "elasticloadbalancing:listener-rule": listener_rule,
    "route53:healthcheck": health_check,
    "pipes:pipe": pipe,
    "servicediscovery:namespace": namespace,
    "servicediscovery:service": discovery_service,
    "cloudtrail:trail": audit.trail,
    "guardduty:detector": audit.detector,
    "config:config-rule": audit.rule,
    "codebuild:project": containers.project,
    "wafv2:webacl": containers.web_acl,
}
