"""How resource types appear where there are two Regions, each of which has nearly all of what one has.

The diagram of one Region shows the parts; this one shows what leads from Region to Region, and folds the rest.
"""

from __future__ import annotations

from docs.kinds import FUNCTION, KINDS, NOTHING, Fold, Kind

ALIAS = ("aws_lambda_alias",)
ALARMS = ("aws_cloudwatch_metric_alarm",)
BUS = ("aws_cloudwatch_event_bus",)
CLUSTER = ("aws_rds_cluster",)
VPC = ("aws_vpc",)
# A queue belongs to what takes messages from it or leaves them there.
QUEUE_USERS = ("aws_lambda_event_source_mapping", "aws_lambda_function", "aws_cloudwatch_event_target", "aws_sqs_queue")

TWO_REGION_KINDS: dict[str, Kind] = KINDS | {
    "aws_subnet": Fold(into=VPC),
    "aws_internet_gateway": Fold(into=VPC),
    "aws_nat_gateway": Fold(into=("aws_subnet",), edges=NOTHING),
    "aws_vpc_endpoint": Fold(into=VPC),
    "aws_flow_log": Fold(into=VPC),
    "aws_rds_cluster_instance": Fold(into=CLUSTER),
    "aws_sqs_queue": Fold(into=QUEUE_USERS),
    "aws_lambda_event_source_mapping": Fold(into=ALIAS, by="function_name"),
    "aws_lambda_function_url": Fold(into=FUNCTION),
    "aws_sfn_state_machine": Fold(into=(*FUNCTION, *ALIAS), edges=NOTHING),
    "aws_scheduler_schedule": Fold(into=ALIAS, by="target"),
    "aws_cloudwatch_event_archive": Fold(into=BUS),
    "aws_cloudwatch_dashboard": Fold(into=ALARMS, edges=NOTHING),
    "aws_cloudwatch_composite_alarm": Fold(into=ALARMS),
}
