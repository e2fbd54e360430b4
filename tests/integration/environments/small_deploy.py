"""Deploys or destroys the small stack in a process of its own, which a test can kill.

python -m tests.integration.environments.small_deploy deploy|destroy DIRECTORY SUFFIX [BUCKET]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console

from tap.account import Account
from tap.adoption.proposal import Proposer, Surroundings
from tap.adoption.rollout import Rollout
from tap.commands.output import note
from tap.inventory.finder import Finder
from tap.inventory.states import LocalStates, S3States, StateStore
from tap.progress import RunProgress
from tap.removal.sweep import Sweeper
from tap.terraform import Terraform
from tap.terraform_errors import TerraformError
from tests.integration.environments.small_stack import REGION

PARALLELISM = 30


def main(action: str, directory: str, suffix: str, bucket: str = "") -> int:
    """What was done, as JSON; 1 with Terraform's error."""
    account = Account.of_variables(os.environ)
    folder = Path(directory)
    states: StateStore = S3States(account, bucket, REGION) if bucket else LocalStates(folder.parents[2])
    terraform = Terraform(folder, parallelism=PARALLELISM)
    try:
        terraform.init()
        if action == "destroy":
            terraform.destroy()
            return 0
        surroundings = Surroundings(
            account, lambda: Finder(account, states).environment(suffix), lambda: states.read(suffix)
        )
        proposer = Proposer(terraform, suffix, surroundings, tell=note)
        proposal = proposer.propose()
        with RunProgress("deploy", Console(stderr=True)) as terraform.on_event:
            outcome = Rollout(proposer, Sweeper(account)).carry_out(proposal)
    except TerraformError as error:
        note(str(error))
        return 1
    result = {
        "empty": proposal.empty,
        "added": outcome.summary.add,
        "adopted": sorted(adoption.address for adoption in outcome.adopted),
        "untainted": proposer.untainted,
        "swept": [resource.arn for resource in outcome.swept],
        "kept": [resource.arn for resource in outcome.kept],
        "failed": [f"{resource.arn}: {reason}" for resource, reason in outcome.failed],
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
