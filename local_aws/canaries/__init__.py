"""CloudWatch Synthetics: canaries that really run, each in a function of its own as in AWS."""

from local_aws.canaries.addresses import address_of

__all__ = ["address_of"]
