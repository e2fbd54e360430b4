"""Terraform makes a PostgreSQL cluster, has nothing to change after that, and removes all of it."""

import os
from pathlib import Path
from typing import Any

from local_aws.server import LocalAws
from tap.terraform import Terraform
from tests.integration.local_aws_databases.conftest import Aws, data_of
from tests.integration.local_aws_databases.postgresql_cluster import PostgreSqlCluster, eventually
from tests.integration.local_aws_databases.postgresql_stack import NAME, REGION, write_postgresql_stack

PASSWORD = "a password of the user's"


def changes(terraform: Terraform) -> list[str]:
    return [change.address for change in terraform.plan().changes]


def test_a_cluster_is_made_changed_and_removed(tmp_path: Path) -> None:
    with LocalAws.started(tmp_path / "local_aws") as server:
        folder, aws = tmp_path / "stack", Aws(server, REGION)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        terraform = Terraform(folder, {**kept, **server.environment()})
        cluster = PostgreSqlCluster(aws, NAME)
        stack: dict[str, Any] = {"endpoint_url": server.endpoint_url}

        write_postgresql_stack(folder, manage_master_user_password=True, **stack)
        terraform.init()
        terraform.apply()
        assert changes(terraform) == []
        cluster.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
        cluster.execute("INSERT INTO entries VALUES (1)")
        eventually(lambda: bool(cluster.execute("SELECT to_regclass('entries')", cluster.reader_endpoint)[0][0]))
        assert cluster.numbers(cluster.reader_endpoint) == {1}
        assert cluster.described()["IAMDatabaseAuthenticationEnabled"]

        chosen: dict[str, Any] = {"master_password_wo": PASSWORD, "master_password_wo_version": 1}
        write_postgresql_stack(folder, iam_database_authentication_enabled=False, **chosen, **stack)
        assert changes(terraform) == ["aws_rds_cluster.cluster"]
        terraform.apply()
        assert changes(terraform) == []
        cluster.connect(password=PASSWORD).close()
        assert PASSWORD not in (folder / "terraform.tfstate").read_text()
        assert not cluster.described()["IAMDatabaseAuthenticationEnabled"]

        aws.rds.failover_db_cluster(DBClusterIdentifier=NAME)
        assert changes(terraform) == []

        terraform.destroy()
        assert server.leftovers() == {}
        assert data_of(aws) == []
