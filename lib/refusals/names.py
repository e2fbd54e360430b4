"""Every physical name: its length and characters as AWS takes them, and the suffix in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lib.refusals.document import Document, resources
from lib.settings import Settings


@dataclass(frozen=True)
class NameRule:
    """The attribute that names a resource type, its longest length and the characters AWS takes."""

    attribute: str
    length: int
    pattern: str


_RDS = r"[a-z](?:-?[a-z0-9])*"
_WORD = r"[A-Za-z0-9_-]+"
# Limits as AWS's own API references give them, by the attribute of the Terraform type.
NAME_RULES: dict[str, NameRule] = {
    "aws_apigatewayv2_api": NameRule("name", 128, r"[\w .-]+"),
    "aws_backup_plan": NameRule("name", 50, r"[A-Za-z0-9_.-]+"),
    "aws_backup_selection": NameRule("name", 50, r"[A-Za-z0-9_.-]+"),
    "aws_backup_restore_testing_plan": NameRule("name", 50, r"[A-Za-z0-9_]+"),
    "aws_backup_vault": NameRule("name", 50, r"[A-Za-z0-9_-]{2,}"),
    "aws_cloudwatch_composite_alarm": NameRule("alarm_name", 255, r".+"),
    "aws_cloudwatch_dashboard": NameRule("dashboard_name", 255, _WORD),
    "aws_cloudwatch_event_archive": NameRule("name", 48, r"[.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_event_bus": NameRule("name", 256, r"[/.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_event_rule": NameRule("name", 64, r"[.\-_A-Za-z0-9]+"),
    "aws_cloudwatch_log_group": NameRule("name", 512, r"[.\-_/#A-Za-z0-9]+"),
    "aws_cloudwatch_metric_alarm": NameRule("alarm_name", 255, r".+"),
    "aws_db_proxy": NameRule("name", 60, _RDS),
    "aws_db_subnet_group": NameRule("name", 255, r"[a-z0-9. _-]+"),
    "aws_dynamodb_table": NameRule("name", 255, r"[a-zA-Z0-9_.-]{3,}"),
    "aws_iam_policy": NameRule("name", 128, r"[\w+=,.@-]+"),
    "aws_iam_role": NameRule("name", 64, r"[\w+=,.@-]+"),
    "aws_kms_alias": NameRule("name", 256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+"),
    "aws_lambda_function": NameRule("function_name", 64, _WORD),
    "aws_lb": NameRule("name", 32, r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_lb_target_group": NameRule("name", 32, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"),
    "aws_rds_cluster": NameRule("cluster_identifier", 63, _RDS),
    "aws_rds_cluster_instance": NameRule("identifier", 63, _RDS),
    "aws_rds_global_cluster": NameRule("global_cluster_identifier", 63, _RDS),
    "aws_rds_cluster_parameter_group": NameRule("name", 255, _RDS),
    "aws_route53_zone": NameRule("name", 255, r"[a-z0-9.-]+"),
    "aws_s3_bucket": NameRule("bucket", 63, r"(?!xn--)[a-z0-9][a-z0-9.-]+[a-z0-9]"),
    "aws_scheduler_schedule": NameRule("name", 64, r"[0-9a-zA-Z._-]+"),
    "aws_secretsmanager_secret": NameRule("name", 512, r"[A-Za-z0-9/_+=.@-]+"),
    "aws_security_group": NameRule("name", 255, r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"),
    "aws_sfn_state_machine": NameRule("name", 80, _WORD),
    "aws_sns_topic": NameRule("name", 256, _WORD),
    "aws_sqs_queue": NameRule("name", 80, _WORD),
    "aws_ssm_parameter": NameRule("name", 1011, r"/?[a-zA-Z0-9_.-]+(?:/[a-zA-Z0-9_.-]+)*"),
    "aws_synthetics_canary": NameRule("name", 255, r"[0-9a-z_-]+"),
    "aws_wafv2_web_acl": NameRule("name", 128, r"[\w-]+"),
}
# The log group of the function that Synthetics makes for a canary: AWS makes the name up, from the canary's.
_NAMED_BY_AWS = re.compile(r"/aws/lambda/\$\{element\(split\(\":\", aws_synthetics_canary\.\w+\.engine_arn\), 6\)\}")


# In a name, until Terraform knows it.
_ACCOUNT_ID = re.compile(r"\$\{data\.aws_caller_identity\.\w+\.account_id\}")


def name_faults(document: Document, settings: Settings) -> Iterator[str]:
    for type_, address, arguments in resources(document):
        rule = NAME_RULES.get(type_)
        if rule is None:
            continue
        name = arguments.get(rule.attribute)
        if isinstance(name, str):
            name = _ACCOUNT_ID.sub("0" * 12, name)
        if not isinstance(name, str):
            yield f"{address} has no {rule.attribute}: AWS would make one up; name it through Settings.name"
        elif _NAMED_BY_AWS.fullmatch(name):
            continue
        elif len(name) > rule.length:
            yield (
                f"{address}: name {name!r} has {len(name)} characters and AWS takes {rule.length}; "
                "use a shorter ENVIRONMENT_SUFFIX"
            )
        elif not re.fullmatch(rule.pattern, name):
            yield f"{address}: name {name!r} has characters that AWS does not take; use {rule.pattern}"
        # Where AWS takes no hyphens, underscores stand for them.
        elif settings.environment_suffix not in name.replace("_", "-"):
            yield f"{address}: name {name!r} lacks the suffix; name it through Settings.name"
