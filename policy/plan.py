"""Plans for checkov: a real one, made by Terraform on a local AWS, and one of the policies that no plan shows."""

import os
from pathlib import Path
from typing import Any

from local_aws.server import LocalAws
from policy.configuration import Configuration
from policy.policy_documents import PolicyDocument
from tap.terraform import Terraform


def planned(configuration: Configuration, workspace: Path) -> dict[str, Any]:
    """The plan's JSON for a configuration on an empty local AWS. TerraformError when it cannot be planned."""
    with LocalAws.started(workspace / "local_aws") as aws:
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        terraform = Terraform(configuration.path.parent, own | aws.environment())
        terraform.init()
        return terraform.plan_json(terraform.plan())


def plan_of_policies(policies: list[PolicyDocument]) -> tuple[dict[str, Any], dict[str, PolicyDocument]]:
    """A plan's JSON that holds the given policies alone, and which policy each address in it stands for.

    In a real plan a policy that names an ARN is known only after apply, and checkov passes it unread; in synthesized
    JSON it leaves most of its IAM checks out.
    """
    by_address: dict[str, PolicyDocument] = {}
    resources = []
    for number, policy in enumerate(policies):
        name = f"{policy.resource_id}_{number}"
        address = f"{policy.resource_type}.{name}"
        by_address[address] = policy
        resources.append(
            {
                "address": address,
                "mode": "managed",
                "type": policy.resource_type,
                "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "values": policy.plain_arguments | {policy.argument: policy.text},
            }
        )
    # checkov takes a file without a Terraform version for something else than a plan.
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": resources}},
    }
    return plan, by_address
