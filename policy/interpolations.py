"""Terraform interpolations replaced by values as AWS would give them, so that a policy can be judged before deploy."""

import re

from policy.findings import ScanError

ACCOUNT_ID = "123456789012"

# What stands for `{name}` in an ARN is the id of the resource in the configuration.
_ARNS = {
    "aws_api_gateway_rest_api": "apigateway:{region}::/restapis/{name}",
    "aws_apigatewayv2_api": "apigateway:{region}::/apis/{name}",
    "aws_apigatewayv2_stage": "apigateway:{region}::/apis/payments/stages/{name}",
    "aws_backup_plan": "backup:{region}:{account}:backup-plan:{name}",
    "aws_backup_restore_testing_plan": "backup:{region}:{account}:restore-testing-plan:{name}-0a1b2c3d",
    "aws_backup_vault": "backup:{region}:{account}:backup-vault:{name}",
    "aws_cloudwatch_composite_alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "aws_cloudwatch_event_archive": "events:{region}:{account}:archive/{name}",
    "aws_cloudwatch_event_bus": "events:{region}:{account}:event-bus/{name}",
    "aws_cloudwatch_event_rule": "events:{region}:{account}:rule/{name}",
    "aws_cloudwatch_log_group": "logs:{region}:{account}:log-group:{name}",
    "aws_cloudwatch_metric_alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "aws_codebuild_project": "codebuild:{region}:{account}:project/{name}",
    "aws_codedeploy_app": "codedeploy:{region}:{account}:application:{name}",
    "aws_codedeploy_deployment_group": "codedeploy:{region}:{account}:deploymentgroup:{name}/{name}",
    "aws_db_proxy": "rds:{region}:{account}:db-proxy:prx-0a1b2c3d4e5f60718",
    "aws_dynamodb_table": "dynamodb:{region}:{account}:table/{name}",
    "aws_ecr_repository": "ecr:{region}:{account}:repository/{name}",
    "aws_ecs_cluster": "ecs:{region}:{account}:cluster/{name}",
    "aws_ecs_service": "ecs:{region}:{account}:service/cluster/{name}",
    "aws_ecs_task_definition": "ecs:{region}:{account}:task-definition/{name}:1",
    "aws_iam_policy": "iam::{account}:policy/{name}",
    "aws_iam_role": "iam::{account}:role/{name}",
    "aws_kms_key": "kms:{region}:{account}:key/0ca1ab1e-0000-4000-8000-000000000000",
    "aws_kms_replica_key": "kms:{region}:{account}:key/mrk-0ca1ab1e000040008000000000000000",
    "aws_lambda_alias": "lambda:{region}:{account}:function:{name}:live",
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
    "aws_lb": "elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/0a1b2c3d4e5f6071",
    "aws_lb_listener": "elasticloadbalancing:{region}:{account}:listener/app/{name}/0a1b2c3d4e5f6071/1a2b3c4d5e6f7081",
    "aws_lb_target_group": "elasticloadbalancing:{region}:{account}:targetgroup/{name}/0a1b2c3d4e5f6071",
    "aws_rds_cluster": "rds:{region}:{account}:cluster:{name}",
    "aws_rds_cluster_instance": "rds:{region}:{account}:db:{name}",
    "aws_rds_global_cluster": "rds::{account}:global-cluster:{name}",
    "aws_s3_bucket": "s3:::{name}",
    "aws_secretsmanager_secret": "secretsmanager:{region}:{account}:secret:{name}-Ab1Cd2",
    "aws_sfn_state_machine": "states:{region}:{account}:stateMachine:{name}",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
    "aws_ssm_parameter": "ssm:{region}:{account}:parameter/{name}",
    "aws_vpc": "ec2:{region}:{account}:vpc/vpc-0a1b2c3d4e5f60718",
}
# Attributes that are ARNs whatever the resource is, or values of a form of their own.
_ATTRIBUTES = {
    "secret_arn": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-Ab1Cd2",
    "execution_arn": "arn:aws:execute-api:{region}:{account}:{name}",
    "stream_arn": "arn:aws:dynamodb:{region}:{account}:table/{name}/stream/2026-01-01T00:00:00.000",
    "account_id": "{account}",
    "cluster_resource_id": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "key_id": "0ca1ab1e-0000-4000-8000-000000000000",
    "partition": "aws",
    "dns_suffix": "amazonaws.com",
}
# Local values of the configuration.
_LOCALS = {
    "database_proxy_resource_id": "prx-0a1b2c3d4e5f60718",
    "secondary_api_key_secret_arn": f"arn:aws:secretsmanager:us-east-2:{ACCOUNT_ID}:secret:api_key-Ab1Cd2",
    "secondary_ledger_user_secret_arn": f"arn:aws:secretsmanager:us-west-2:{ACCOUNT_ID}:secret:ledger_user-Ab1Cd2",
}
_REFERENCE = re.compile(r"(?:data\.)?(?P<type>aws_\w+)\.(?P<name>[\w-]+)\.(?P<path>[\w.\[\]*\"-]+)")


def resolve(text: str, region: str) -> str:
    """Replace each `${...}`. ScanError for a reference to an ARN of a type that is not known here."""
    return re.sub(r"\$\{([^}]*)\}", lambda match: _value(match[1].strip(), region), text)


def arn_of(resource_type: str, name: str, region: str) -> str:
    """An ARN as AWS would give the resource."""
    if resource_type not in _ARNS:
        raise ScanError(f"no ARN is known for {resource_type}.{name}: add its type in policy/interpolations.py")
    return "arn:aws:" + _ARNS[resource_type].format(region=region, account=ACCOUNT_ID, name=name)


def _value(expression: str, region: str) -> str:
    local = expression.removeprefix("local.")
    if local != expression and local in _LOCALS:
        return _LOCALS[local]
    match = _REFERENCE.fullmatch(expression)
    if not match:
        raise ScanError(f"${{{expression}}} cannot be judged: write a policy as JSON with plain references")
    attribute = match["path"].rsplit(".", 1)[-1]
    if attribute in _ATTRIBUTES:
        return _ATTRIBUTES[attribute].format(region=region, account=ACCOUNT_ID, name=match["name"])
    if attribute == "arn":
        return arn_of(match["type"], match["name"], region)
    return match["name"]
