"""The firewall of the load balancer: how much one address may ask, and AWS's rules against known attacks."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclRule,
    Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock,
    Wafv2WebAclRuleOverrideAction,
    Wafv2WebAclRuleOverrideActionNone,
    Wafv2WebAclRuleVisibilityConfig,
    Wafv2WebAclVisibilityConfig,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)

from lib.iam import Statement, policy_document
from lib.log_group import owned_log_group
from lib.region import Region

RATE_WINDOW_SECONDS = 300
# In the order in which they look at a request; 1,125 of the 1,500 capacity units that a web ACL costs no more for.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
MANAGED_RULE_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
SECRET_HEADERS = ("authorization", "x-api-key")


class WebAcl:
    """Rules for every request to a load balancer: first the rate of its address, then AWS's managed rules.

    The common rules refuse bodies above 8 KB, which is also all that WAF sees of a body behind a load balancer. That
    stays on, though the service reads 64 KiB: a valid payment has some 300 bytes, and a longer body would be a way
    around the other rules.
    https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
    """

    def __init__(self, region: Region, *, key_arn: str, load_balancer_arn: str) -> None:
        """`key_arn` is the key of the log, in which headers that prove who asks are redacted."""
        self._region = region
        name = region.settings.name("web-acl")
        self.acl = region.add(
            Wafv2WebAcl,
            "web_acl",
            name=name,
            description="Requests to the payment service",
            scope="REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=[self._rate_limit(), *map(self._managed, range(len(MANAGED_RULE_GROUPS)))],
            visibility_config=Wafv2WebAclVisibilityConfig(
                cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
            ),
        )
        region.add(
            Wafv2WebAclAssociation,
            "web_acl_association",
            web_acl_arn=self.acl.arn,
            resource_arn=load_balancer_arn,
        )
        # WAF writes only to log groups whose name begins so.
        self.log_group = owned_log_group(region, "web_acl_log_group", name=f"aws-waf-logs-{name}", key_arn=key_arn)
        self._log(name)

    def outputs(self) -> dict[str, str]:
        return {
            "web_acl_arn": self.acl.arn,
            "web_acl_name": self.acl.name,
            "web_acl_log_group_name": self.log_group.name,
        }

    def _rate_limit(self) -> Wafv2WebAclRule:
        return Wafv2WebAclRule(
            name="rate-of-an-address",
            priority=0,
            action=Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
            statement={
                "rate_based_statement": {
                    "limit": self._region.settings.waf_rate_limit,
                    "aggregate_key_type": "IP",
                    "evaluation_window_sec": RATE_WINDOW_SECONDS,
                }
            },
            visibility_config=_visible("rate-of-an-address"),
        )

    def _managed(self, index: int) -> Wafv2WebAclRule:
        group = MANAGED_RULE_GROUPS[index]
        return Wafv2WebAclRule(
            name=group,
            priority=index + 1,
            override_action=Wafv2WebAclRuleOverrideAction(none=Wafv2WebAclRuleOverrideActionNone()),
            statement={"managed_rule_group_statement": {"vendor_name": "AWS", "name": group}},
            visibility_config=_visible(group),
        )

    def _log(self, name: str) -> None:
        """Let WAF write the log. Without a policy of the stack's own, AWS makes one that outlives the environment.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
        """
        delivery = Statement(
            sid="WafWritesItsLog",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{self.log_group.arn}:log-stream:*"],
            principals={"Service": ["delivery.logs.amazonaws.com"]},
            conditions={
                "StringEquals": {"aws:SourceAccount": self._region.account_id},
                "ArnLike": {"aws:SourceArn": self._region.arn("logs", "*")},
            },
        )
        policy = self._region.add(
            CloudwatchLogResourcePolicy,
            "web_acl_log_policy",
            policy_name=name,
            policy_document=policy_document(delivery),
        )
        redacted = [
            Wafv2WebAclLoggingConfigurationRedactedFields(
                single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(name=header)
            )
            for header in SECRET_HEADERS
        ]
        self._region.add(
            Wafv2WebAclLoggingConfiguration,
            "web_acl_logging",
            resource_arn=self.acl.arn,
            log_destination_configs=[self.log_group.arn],
            redacted_fields=redacted,
            depends_on=[policy],
        )


def _visible(metric: str) -> Wafv2WebAclRuleVisibilityConfig:
    return Wafv2WebAclRuleVisibilityConfig(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
