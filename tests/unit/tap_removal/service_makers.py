"""Makes what runs, calls, permits and watches: each returns the ARN."""

from __future__ import annotations

import json

from tests.unit.tap_removal.maker import ACCOUNT, POLICY, Maker


def state_machine(make: Maker) -> str:
    made = make.stepfunctions.create_state_machine(
        name=f"payment-{make.name}",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=make.role(),
        tags=make.lower,
    )
    return str(made["stateMachineArn"])


def domain_name(make: Maker) -> str:
    made = make.apigatewayv2.create_domain_name(DomainName=f"api.{make.name}.payments.org", Tags=make.tags)
    return f"arn:aws:apigateway:{make.account.region}::/domainnames/{made['DomainName']}"


def event_rule(make: Maker) -> str:
    bus = make.bus().rpartition("/")[2]
    rule = {"Rule": f"payment-{make.name}", "EventBusName": bus}
    made = make.events.put_rule(
        Name=rule["Rule"], EventBusName=bus, EventPattern=json.dumps({"source": ["payments"]}), Tags=make.pairs
    )
    make.events.put_targets(**rule, Targets=[{"Id": "queue", "Arn": make.queue()}])
    return str(made["RuleArn"])


def policy(make: Maker) -> str:
    made = make.iam.create_policy(PolicyName=f"payment-{make.name}", PolicyDocument=POLICY, Tags=make.pairs)
    arn = str(made["Policy"]["Arn"])
    make.iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    return arn


def instance_profile(make: Maker) -> str:
    name = f"payment-{make.name}"
    made = make.iam.create_instance_profile(InstanceProfileName=name, Tags=make.pairs)
    make.role()
    make.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return str(made["InstanceProfile"]["Arn"])


def role(make: Maker) -> str:
    """With all that keeps a role: a policy, an inline policy, an instance profile."""
    profile = instance_profile(make)
    role = {"RoleName": f"payment-{make.name}"}
    make.iam.attach_role_policy(**role, PolicyArn=policy(make))
    make.iam.put_role_policy(**role, PolicyName="inline", PolicyDocument=POLICY)
    return profile.replace(":instance-profile/", ":role/")


def zone(make: Maker) -> str:
    name = f"payment-{make.name}.payments.org"
    made = make.route53.create_hosted_zone(Name=name, CallerReference=make.name)["HostedZone"]["Id"]
    zone = made.rpartition("/")[2]
    if make.tags:
        make.route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=make.pairs)
    record = {
        "Name": f"stray.{name}.",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "10.0.0.1"}],
    }
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    make.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return f"arn:aws:route53:::hostedzone/{zone}"


def health_check(make: Maker) -> str:
    made = make.route53.create_health_check(
        CallerReference=make.name,
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "api.payments.org", "Port": 443},
    )
    identity = made["HealthCheck"]["Id"]
    if make.tags:
        make.route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=identity, AddTags=make.pairs)
    return f"arn:aws:route53:::healthcheck/{identity}"


def pipe(make: Maker) -> str:
    made = make.pipes.create_pipe(
        Name=f"payment-{make.name}", Source=make.queue(), Target=make.function(), RoleArn=make.role_arn, Tags=make.tags
    )
    return str(made["Arn"])


def certificate(make: Maker) -> str:
    made = make.acm.request_certificate(DomainName=f"{make.name}.payments.org", ValidationMethod="DNS", Tags=make.pairs)
    return str(made["CertificateArn"])


def alarm(make: Maker) -> str:
    name = f"payment-{make.name}"
    make.cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=make.pairs,
    )
    return f"arn:aws:cloudwatch:{make.account.region}:{ACCOUNT}:alarm:{name}"


def experiment_template(make: Maker) -> str:
    made = make.fis.create_experiment_template(
        clientToken=make.name,
        description="loses the writer",
        stopConditions=[{"source": "none"}],
        actions={},
        roleArn=make.role_arn,
        tags=make.tags,
    )
    return str(made["experimentTemplate"]["arn"])


def log_group(make: Maker) -> str:
    name = f"/aws/lambda/payment-{make.name}"
    make.logs.create_log_group(logGroupName=name, tags=make.tags)
    return f"arn:aws:logs:{make.account.region}:{ACCOUNT}:log-group:{name}"


def service(make: Maker) -> str:
    cluster = make.ecs.create_cluster(clusterName=f"payment-{make.name}")["cluster"]["clusterArn"]
    task_definition(make)
    made = make.ecs.create_service(
        cluster=cluster,
        serviceName=f"payment-{make.name}",
        taskDefinition=f"payment-{make.name}",
        desiredCount=0,
        tags=make.lower,
    )
    return str(made["service"]["serviceArn"])


def task_definition(make: Maker) -> str:
    made = make.ecs.register_task_definition(
        family=f"payment-{make.name}",
        containerDefinitions=[{"name": "payments", "image": "payments:1", "memory": 128}],
        tags=make.lower,
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def namespace(make: Maker) -> str:
    name = f"payment-{make.name}"
    make.servicediscovery.create_http_namespace(Name=name, Tags=make.pairs)
    found = make.servicediscovery.list_namespaces()["Namespaces"]
    return next(str(namespace["Arn"]) for namespace in found if namespace["Name"] == name)


def discovery_service(make: Maker) -> str:
    within = namespace(make).rpartition("/")[2]
    made = make.servicediscovery.create_service(Name=f"payment-{make.name}", NamespaceId=within, Tags=make.pairs)
    return str(made["Service"]["Arn"])
