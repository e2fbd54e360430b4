"""The deployed environment that the tests of the deployment use."""

from tests.integration.deployment.conftest import deployed, local_deployment

__all__ = ["deployed", "local_deployment"]
