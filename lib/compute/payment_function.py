"""The payment function: what takes payments, with its alias, retries and dead-letter queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lambda_alias import LambdaAlias
from cdktf_cdktf_provider_aws.lambda_function_event_invoke_config import LambdaFunctionEventInvokeConfig
from cdktf_cdktf_provider_aws.lambda_function_url import LambdaFunctionUrl
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission

from lib.compute.function import Function, FunctionCode
from lib.encryption import Key
from lib.message_queue import MessageQueue
from lib.region import Region

HANDLER = "payment_processor.handler"
ALIAS = "live"
TIMEOUT_SECONDS = 30
ASYNC_RETRIES = 2
ASYNC_MAX_AGE_SECONDS = 6 * 3600


class PaymentFunction(Function):
    """The Lambda function that takes payments; callers use its alias `live`.

    The alias moves to a new version once all of `live_after` is there, such as the database's schema.
    """

    def __init__(
        self,
        region: Region,
        *,
        code: FunctionCode,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: Key,
        environment: Mapping[str, str],
        live_after: Sequence[ITerraformDependable],
    ) -> None:
        self.dead_letters = MessageQueue(
            region, "function_dead_letters", name=region.settings.name("processor-dead-letters"), key=key
        )
        self.dead_letters.protect()
        super().__init__(
            region,
            "function",
            code=code,
            name="processor",
            description="Takes payments from the API and from the event bus",
            handler=HANDLER,
            timeout_seconds=TIMEOUT_SECONDS,
            memory_mb=region.settings.lambda_memory_mb,
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            environment=environment,
            publish=True,
            reserved_concurrency=region.settings.lambda_reserved_concurrency,
            dead_letters=self.dead_letters,
        )
        self.alias = region.add(
            LambdaAlias,
            "function_alias",
            name=ALIAS,
            description="What the API and the event rule call",
            function_name=self.function.function_name,
            function_version=self.function.version,
            depends_on=list(live_after),
        )
        region.add(
            LambdaFunctionEventInvokeConfig,
            "function_async",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            maximum_retry_attempts=ASYNC_RETRIES,
            maximum_event_age_in_seconds=ASYNC_MAX_AGE_SECONDS,
        )
        self.url = self._url() if region.settings.function_url else None

    def outputs(self) -> dict[str, str]:
        outputs = {
            "function_name": self.function.function_name,
            "function_arn": self.function.arn,
            "function_alias_arn": self.alias.arn,
            "function_log_group_name": self.log_group.name,
            "function_dead_letter_queue_url": self.dead_letters.queue.url,
        }
        if self.url:
            outputs["function_url"] = self.url.function_url
        return outputs

    def allow_calls(self, id_: str, *, service: str, source_arn: str) -> None:
        """Let one source of one AWS service call the alias."""
        self._region.add(
            LambdaPermission,
            f"{id_}_permission",
            statement_id=f"Allow-{id_.replace('_', '-')}",
            action="lambda:InvokeFunction",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            principal=service,
            source_arn=source_arn,
        )

    def _url(self) -> LambdaFunctionUrl:
        return self._region.add(
            LambdaFunctionUrl,
            "function_url_endpoint",
            function_name=self.function.function_name,
            qualifier=self.alias.name,
            authorization_type=self._region.settings.function_url_authorization,
        )
