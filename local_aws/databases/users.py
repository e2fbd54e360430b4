"""What a cluster's database holds from the start: the database, the master user, the user of the replicas."""

from local_aws.databases import replication
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.plan import ClusterPlan

MASTER_PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
"""Aurora's, which lack SUPER: on a replica the master user cannot write either
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html)."""


def provide(writer: MariaDb, plan: ClusterPlan, replication_password: str) -> None:
    """Makes them as the plan has them; safe to repeat."""
    with writer.session() as execute:
        if plan.database:
            execute(f"CREATE DATABASE IF NOT EXISTS `{plan.database.replace('`', '``')}`")
        for user, password, privileges in (
            (replication.USER, replication_password, "REPLICATION SLAVE"),
            (plan.username, plan.password, MASTER_PRIVILEGES),
        ):
            execute("CREATE USER IF NOT EXISTS %s@'%%'", user)
            execute("ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", user, password)
            option = " WITH GRANT OPTION" if user == plan.username else ""
            execute(f"GRANT {privileges} ON *.* TO %s@'%%'{option}", user)
