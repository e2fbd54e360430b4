"""The validation of backups that AWS Backup has restored: a state machine, started by the event of each restore."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget

from lib.database.aurora import AuroraCluster
from lib.database.sessions import Sessions
from lib.iam import Statement, attach_policy, service_role
from lib.recovery.means import Means, place
from lib.recovery.restore_test_cluster import Instance
from lib.recovery.restore_test_definition import TEST_NAME, restore_test_definition
from lib.region import Region
from lib.workflow.state_machine import StateMachine

ENDED = ("COMPLETED", "FAILED", "ABORTED")


class RestoreTest:
    """Checks what the plan restores, and tells AWS Backup the result; people learn of what does not pass."""

    def __init__(
        self, region: Region, *, means: Means, plan_arn: str, ledger: AuroraCluster, sessions: Sessions
    ) -> None:
        settings = region.settings
        self._region = region
        self._machine = StateMachine(
            region,
            "restore_test",
            definition=restore_test_definition(
                partition=region.partition,
                function_arn=means.function_arn,
                topic_arn=means.topic_arn,
                place=place(region),
                instance=Instance(
                    engine=settings.db_engine, instance_class=settings.db_instance_class, tags=settings.tags
                ),
            ),
            key=means.key,
            access={
                **means.access,
                "ledger": _cluster_access(region, ledger),
                "sessions": _table_access(region, sessions),
                "result": _result_access(),
            },
        )
        self._start_on_events(plan_arn)

    def outputs(self) -> dict[str, str]:
        return {"restore_test_state_machine_arn": self._machine.arn}

    def _start_on_events(self, plan_arn: str) -> None:
        region, name = self._region, self._region.settings.name("restore-test-ended")
        rule = region.add(
            CloudwatchEventRule,
            "restore_test_rule",
            name=name,
            description="A restore that AWS Backup tests has ended, and is validated",
            event_pattern=json.dumps(
                {
                    "source": ["aws.backup"],
                    "detail-type": ["Restore Job State Change"],
                    "detail": {"restoreTestingPlanArn": [plan_arn], "status": list(ENDED)},
                }
            ),
        )
        role = service_role(
            region,
            "restore_test_rule_role",
            name=name,
            service="events.amazonaws.com",
            of_account=region.account_id,
        )
        starting = attach_policy(
            region,
            "restore_test_start",
            role=role,
            name=region.settings.name("restore-test-start"),
            statements=self._machine.start_access(),
        )
        region.add(
            CloudwatchEventTarget,
            "restore_test_target",
            rule=rule.name,
            target_id="restore-test",
            arn=self._machine.arn,
            role_arn=role.arn,
            input_path="$.detail",
            depends_on=[starting],
        )


def _cluster_access(region: Region, ledger: AuroraCluster) -> list[Statement]:
    """An instance in a restored cluster, with the cluster's groups and the engine's own."""
    instance, cluster = (region.arn("rds", f"{kind}:{TEST_NAME}*") for kind in ("db", "cluster"))
    groups = [
        region.arn("rds", resource)
        for resource in (f"subgrp:{ledger.cluster.db_subnet_group_name}", "pg:default*", "og:default*")
    ]
    return [
        Statement(
            sid="AddInstance",
            actions=["rds:CreateDBInstance"],
            resources=[instance, cluster, *groups],
        ),
        Statement(
            sid="SeeAndRemoveInstance",
            actions=["rds:AddTagsToResource", "rds:DescribeDBInstances", "rds:DeleteDBInstance"],
            resources=[instance],
        ),
        Statement(sid="SeeCluster", actions=["rds:DescribeDBClusters"], resources=[cluster]),
    ]


def _table_access(region: Region, sessions: Sessions) -> list[Statement]:
    return [
        Statement(
            sid="ReadRestoredSessions",
            actions=["dynamodb:DescribeTable", "dynamodb:Scan"],
            resources=[region.arn("dynamodb", f"table/{TEST_NAME}*")],
        ),
        Statement(sid="DecryptRestoredSessions", actions=["kms:Decrypt"], resources=[sessions.key.arn]),
    ]


def _result_access() -> list[Statement]:
    return [
        Statement(
            sid="TellResult",
            actions=["backup:PutRestoreValidationResult"],
            resources=["*"],  # It has no resource-level permission.
        )
    ]
