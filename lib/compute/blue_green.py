"""Blue-green deployments of the payment service by CodeDeploy, each started by the deploy that needs it."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.codedeploy_app import CodedeployApp
from cdktf_cdktf_provider_aws.codedeploy_deployment_group import (
    CodedeployDeploymentGroup,
    CodedeployDeploymentGroupAlarmConfiguration,
    CodedeployDeploymentGroupAutoRollbackConfiguration,
    CodedeployDeploymentGroupBlueGreenDeploymentConfig,
    CodedeployDeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOption,
    CodedeployDeploymentGroupBlueGreenDeploymentConfigTerminateBlueInstancesOnDeploymentSuccess,
    CodedeployDeploymentGroupDeploymentStyle,
    CodedeployDeploymentGroupEcsService,
    CodedeployDeploymentGroupLoadBalancerInfo,
    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfo,
    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoProdTrafficRoute,
    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoTargetGroup,
    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoTestTrafficRoute,
)

from lib.compute.code_deploy_access import code_deploy_statements, shift_statements
from lib.compute.function import FunctionCode, PlainFunction
from lib.encryption import Key
from lib.iam import attach_policy, service_role
from lib.region import Region

NAME = "service"
HANDLER = "container_deployments.shift_traffic"
# Lambda's longest. A deployment that takes longer goes on, and the next deploy waits for it:
# lib/lambda/container_deployments.py.
FUNCTION_TIMEOUT_SECONDS = 900
FUNCTION_MEMORY_MB = 256
# With the 5 minutes of the canary and the start of the tasks, a deployment ends within Lambda's 15 minutes.
BLUE_MINUTES = 5
# https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"
ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")


class BlueGreen:
    """A CodeDeploy application with one deployment group, and the function that has CodeDeploy shift the traffic.

    In production a tenth of the requests goes to the new tasks for 5 minutes before the rest does; elsewhere all at
    once. The old tasks stay for 5 minutes more, and get the requests back when one of `alarm_names` goes off.
    """

    def __init__(
        self,
        region: Region,
        *,
        code: FunctionCode,
        key: Key,
        cluster_name: str,
        service_name: str,
        load_balancer: str,
        listener_arn: str,
        test_listener_arn: str,
        target_group_names: Sequence[str],
        alarm_names: Sequence[str],
        role_arns: Sequence[str],
    ) -> None:
        """`load_balancer` is the load balancer's ARN suffix, `role_arns` are what the tasks run with.

        The two target groups take turns.
        """
        self._region = region
        self._cluster_name = cluster_name
        self._service_name = service_name
        self.application = region.add(
            CodedeployApp, "deployments", name=region.settings.name(NAME), compute_platform="ECS"
        )
        self._role = service_role(
            region,
            "deployments_role",
            name=region.settings.name("deployments"),
            service="codedeploy.amazonaws.com",
            of_account=region.account_id,
        )
        permission = attach_policy(
            region,
            "deployments_shift",
            role=self._role,
            name=region.settings.name("deployments-shift"),
            statements=code_deploy_statements(
                region,
                cluster_name=cluster_name,
                service_name=service_name,
                load_balancer=load_balancer,
                listener_arns=[listener_arn, test_listener_arn],
                role_arns=role_arns,
            ),
        )
        routes = self._routes(listener_arn, test_listener_arn, target_group_names)
        self.group = self._group(routes, alarm_names, after=permission)
        self.function = self._function(code, key)

    def shift(
        self, *, task_definition_arn: str, container: str, port: int, after: Sequence[ITerraformDependable]
    ) -> list[ITerraformDependable]:
        """Let each deploy with a new task definition shift the traffic to it; return what is there when it has.

        The first deploy finds the service with this task definition already, and waits until it is steady.
        """
        event = {
            "application": self.application.name,
            "group": self.group.deployment_group_name,
            "cluster": self._cluster_name,
            "service": self._service_name,
            "task_definition": task_definition_arn,
            "container": container,
            "port": port,
        }
        run = self.function.call_at_deploy(
            event, when_changed={"task_definition": task_definition_arn}, after=[self.group, *after]
        )
        return [run]

    def outputs(self) -> dict[str, str]:
        return {
            "deployment_application_name": self.application.name,
            "deployment_group_name": self.group.deployment_group_name,
        }

    def _routes(
        self, listener_arn: str, test_listener_arn: str, target_group_names: Sequence[str]
    ) -> CodedeployDeploymentGroupLoadBalancerInfo:
        return CodedeployDeploymentGroupLoadBalancerInfo(
            target_group_pair_info=CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfo(
                prod_traffic_route=CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoProdTrafficRoute(
                    listener_arns=[listener_arn]
                ),
                test_traffic_route=CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoTestTrafficRoute(
                    listener_arns=[test_listener_arn]
                ),
                target_group=[
                    CodedeployDeploymentGroupLoadBalancerInfoTargetGroupPairInfoTargetGroup(name=name)
                    for name in target_group_names
                ],
            )
        )

    def _group(
        self,
        routes: CodedeployDeploymentGroupLoadBalancerInfo,
        alarm_names: Sequence[str],
        after: ITerraformDependable,
    ) -> CodedeployDeploymentGroup:
        settings = self._region.settings
        terminate = CodedeployDeploymentGroupBlueGreenDeploymentConfigTerminateBlueInstancesOnDeploymentSuccess(
            action="TERMINATE", termination_wait_time_in_minutes=BLUE_MINUTES
        )
        return self._region.add(
            CodedeployDeploymentGroup,
            "deployment_group",
            app_name=self.application.name,
            deployment_group_name=settings.name(NAME),
            deployment_config_name=CANARY if settings.protected else ALL_AT_ONCE,
            service_role_arn=self._role.arn,
            deployment_style=CodedeployDeploymentGroupDeploymentStyle(
                deployment_option="WITH_TRAFFIC_CONTROL", deployment_type="BLUE_GREEN"
            ),
            ecs_service=CodedeployDeploymentGroupEcsService(
                cluster_name=self._cluster_name, service_name=self._service_name
            ),
            load_balancer_info=routes,
            blue_green_deployment_config=CodedeployDeploymentGroupBlueGreenDeploymentConfig(
                deployment_ready_option=CodedeployDeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOption(
                    action_on_timeout="CONTINUE_DEPLOYMENT"
                ),
                terminate_blue_instances_on_deployment_success=terminate,
            ),
            auto_rollback_configuration=CodedeployDeploymentGroupAutoRollbackConfiguration(
                enabled=True, events=list(ROLLBACK_EVENTS)
            ),
            alarm_configuration=CodedeployDeploymentGroupAlarmConfiguration(
                enabled=True, ignore_poll_alarm_failure=False, alarms=list(alarm_names)
            ),
            depends_on=[after],
        )

    def _function(self, code: FunctionCode, key: Key) -> PlainFunction:
        region = self._region
        function = PlainFunction(
            region,
            "traffic_shifter",
            code=code,
            name="traffic-shifter",
            description="Has CodeDeploy shift the traffic to new tasks at deploy, and waits for it",
            handler=HANDLER,
            timeout_seconds=FUNCTION_TIMEOUT_SECONDS,
            memory_mb=FUNCTION_MEMORY_MB,
            key=key,
            environment={"REGION": region.name, "POWERTOOLS_SERVICE_NAME": "traffic-shifter"},
        )
        function.grant(
            "deployments",
            shift_statements(
                region,
                application_name=self.application.name,
                group_arn=self.group.arn,
                cluster_name=self._cluster_name,
                service_name=self._service_name,
            ),
        )
        return function
