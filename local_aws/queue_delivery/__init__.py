"""Hands the messages of queues to functions, as Lambda's event source mappings do
(https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html)."""

from local_aws.queue_delivery.mappings import install

__all__ = ["install"]
