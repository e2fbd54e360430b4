"""In which order resources are removed, with the reasons: what uses goes before what it uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """Types whose resources may be removed side by side.

    `patience`: seconds for which one resource may be refused, or take to disappear.
    """

    name: str
    types: tuple[str, ...]
    reason: str
    patience: float = 120


PHASES = (
    Phase(
        "alarms",
        ("cloudwatch:alarm", "cloudwatch:dashboard", "synthetics:canary"),
        "They watch everything else: left on, they would call people because of what is taken away on purpose.",
    ),
    Phase(
        "starters",
        (
            "fis:experiment-template",
            "scheduler:schedule",
            "scheduler:schedule-group",
            "lambda:event-source-mapping",
            "events:rule",
            "events:archive",
            "pipes:pipe",
            "backup:backup-plan",
            "backup:restore-testing-plan",
            "application-autoscaling:scalable-target",
            "codedeploy:deploymentgroup",
        ),
        "They start work by themselves, or are there to be started: functions, deliveries, backups, tasks, faults. "
        "After them nothing new begins.",
    ),
    Phase(
        "the account's audit",
        ("cloudtrail:trail", "guardduty:detector", "securityhub:hub", "config:config-rule"),
        "A trail writes to its bucket until it is deleted; rules keep AWS Config's recorder.",
    ),
    Phase(
        "recorders",
        ("config:configuration-recorder",),
        "It writes to the bucket, by a role, until it is stopped.",
    ),
    Phase(
        "entrances",
        (
            "apigateway:domainnames",
            "elasticloadbalancing:listener-rule",
            "elasticloadbalancing:listener",
            "elasticloadbalancing:loadbalancer",
        ),
        "Callers come in through them. A domain name's mappings keep its API, a load balancer its target groups.",
    ),
    Phase(
        "rules for requests",
        ("wafv2:webacl", "logs:resource-policy"),
        "AWS WAF keeps a web ACL that a load balancer has. By the policy it writes its log, whose group goes later.",
    ),
    Phase(
        "workers",
        ("apigateway:apis", "states:stateMachine", "lambda:function", "ecs:service", "codebuild:project"),
        "They use databases, queues, keys and roles, and hold network interfaces in the subnets.",
        patience=300,
    ),
    Phase(
        "places of work",
        (
            "ecs:cluster",
            "ecs:task-definition",
            "elasticloadbalancing:targetgroup",
            "events:event-bus",
            "codedeploy:application",
        ),
        "Services, load balancers, rules and deployment groups hold them; those are gone now.",
    ),
    Phase(
        "entrances of databases",
        ("rds:db-proxy", "servicediscovery:service"),
        "A proxy holds the cluster and the secret that it reads; a service of Cloud Map holds its namespace.",
        patience=600,
    ),
    Phase(
        "global databases",
        ("rds:global-cluster",),
        "RDS keeps the last instance of a cluster that others follow. Once they have left the global database, each of "
        "its clusters is one of its own, whichever of them wrote last.",
        patience=900,
    ),
    Phase(
        "database instances",
        ("rds:db", "servicediscovery:namespace"),
        "RDS removes a cluster only after its instances; a namespace holds a hosted zone.",
        patience=600,
    ),
    Phase(
        "databases",
        ("rds:cluster", "dynamodb:table"),
        "Nothing writes to them any more. They hold subnet groups, parameter groups, security groups and keys.",
        patience=600,
    ),
    Phase(
        "copies of data",
        ("rds:cluster-snapshot", "rds:snapshot", "rds:cluster-auto-backup", "rds:auto-backup", "backup:recovery-point"),
        "Removing a database can leave some, and AWS refuses the automated ones while their database exists.",
        patience=300,
    ),
    Phase(
        "what databases and backups held",
        ("rds:subgrp", "rds:cluster-pg", "rds:pg", "backup:backup-vault"),
        "RDS refuses groups in use, AWS Backup a vault that holds recovery points.",
    ),
    Phase(
        "messages and configuration",
        (
            "sqs:queue",
            "sns:topic",
            "ssm:parameter",
            "secretsmanager:secret",
            "s3:bucket",
            "ecr:image",
            "ecr:repository",
        ),
        "Those who wrote to them and read from them are gone.",
        patience=300,
    ),
    Phase(
        "names",
        ("route53:record",),
        "Records keep their zone, and name what no longer answers.",
    ),
    Phase(
        "zones and certificates",
        ("route53:hostedzone", "route53:healthcheck", "acm:certificate"),
        "A zone goes after its records, a health check after those that name it; a certificate after the domain name "
        "and the load balancer that use it.",
    ),
    Phase(
        "ways out of the VPC",
        ("ec2:natgateway", "ec2:vpc-endpoint", "ec2:vpc-flow-log"),
        "Gateways and endpoints hold network interfaces and addresses until they are deleted, which takes minutes.",
        patience=600,
    ),
    Phase(
        "interfaces and addresses",
        ("ec2:network-interface", "ec2:elastic-ip"),
        "They hold subnets and security groups; mapped addresses keep the internet gateway attached.",
        patience=600,
    ),
    Phase(
        "security group rules",
        ("ec2:security-group-rule",),
        "A rule that refers to a group keeps it.",
    ),
    Phase(
        "security groups and gateways",
        ("ec2:security-group", "ec2:internet-gateway", "ec2:subnet"),
        "No interface uses them any more. Each of them keeps the VPC.",
        patience=300,
    ),
    Phase(
        "tables of the VPC",
        ("ec2:route-table", "ec2:network-acl"),
        "Subnets held them.",
    ),
    Phase("VPC", ("ec2:vpc",), "It goes when it is empty."),
    Phase("instance profiles", ("iam:instance-profile",), "They hold roles, and IAM refuses a role that one holds."),
    Phase(
        "roles",
        ("iam:role",),
        "Whoever took them on is gone: a function or a state machine without its role fails instead of ending.",
    ),
    Phase("policies", ("iam:policy",), "IAM refuses a policy that a role still has."),
    Phase(
        "log groups",
        ("logs:log-group",),
        "Services write until their end, and a log group that is removed before then comes back.",
    ),
    Phase("aliases of keys", ("kms:alias",), "They name keys, and would outlive them for the days of their waiting."),
    Phase(
        "keys",
        ("kms:key",),
        "Everything above was encrypted with them: without its key, a database or a secret can neither be read nor, "
        "in some states, be removed.",
    ),
)


def phase_of(type_: str) -> Phase | None:
    """The phase of a resource type; None for a type that nothing here removes."""
    return next((phase for phase in PHASES if type_ in phase.types), None)
