"""Makes the ledger's schema as a deployment does, from the package: `python -m benchmarks.payment_migration`."""

from typing import TYPE_CHECKING, cast

from benchmarks.lambda_context import LambdaContext
from payment_migrations import handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext as PowertoolsContext

if __name__ == "__main__":
    print(handler({}, cast("PowertoolsContext", LambdaContext("payment-migrations"))))
