"""Terraform makes a global database in two Regions, has nothing to change after that, and removes all of it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymysql

from local_aws.server import LocalAws
from tap.terraform import Plan, Terraform
from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.global_database import GlobalDatabase, Member, eventually
from tests.integration.local_aws_databases.global_stack import REGIONS, write_global_stack

FIRST, SECOND = "the first password", "the second password"


def changes(plan: Plan) -> list[str]:
    return [change.address for change in plan.changes]


def logs_in(member: Member, host: str, password: str) -> bool:
    with suppress(pymysql.OperationalError):
        member.connect(host, password=password).close()
        return True
    return False


def test_a_global_database_is_made_changed_switched_and_removed(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path / "local_aws") as server:
        folder = tmp_path / "stack"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        terraform = Terraform(folder, {**kept, **server.environment()})
        stack: dict[str, Any] = {"endpoint_url": server.endpoint_url}
        primary, secondary = (Member(Aws(server, region), f"payment-{role}-it") for role, region in REGIONS.items())
        database = GlobalDatabase("payment-global-it", primary, secondary)

        write_global_stack(folder, password=FIRST, **stack)
        terraform.init()
        terraform.apply()
        assert changes(terraform.plan()) == []
        assert logs_in(primary, primary.endpoint, FIRST)
        eventually(lambda: logs_in(secondary, secondary.reader_endpoint, FIRST))

        write_global_stack(folder, password=SECOND, password_version=2, **stack)
        assert changes(terraform.plan()) == ["aws_rds_cluster.primary"]
        terraform.apply()
        eventually(lambda: logs_in(secondary, secondary.reader_endpoint, SECOND))
        assert not logs_in(primary, primary.endpoint, FIRST)
        assert SECOND not in (folder / "terraform.tfstate").read_text()

        database.switch_to(secondary)
        assert changes(terraform.plan()) == []
        assert logs_in(secondary, secondary.endpoint, SECOND)
        database.switch_to(primary)

        terraform.destroy()
        assert server.leftovers() == {}
