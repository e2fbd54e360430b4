"""The ledger's database in two Regions: an Aurora Global Database, written in one of them and repeated in the other."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.rds_global_cluster import RdsGlobalCluster

from lib.database.aurora import DATABASE_NAME, AuroraCluster
from lib.database.engine import engine
from lib.database.ledger import SET_BY_AWS_BACKUP
from lib.encryption import Key, Replica
from lib.generated_secret import GeneratedSecret
from lib.region import Region

# The global cluster raises its members' version; who leads whom is the database's to say, and changes in a failover.
# `source_region` is of use only when a cluster is made: one that was imported has none, and would be made anew for it.
SET_BY_AURORA = ["engine_version", "global_cluster_identifier", "replication_source_identifier", "source_region"]


def master_secret(region: Region, *, key: Key, replica: Replica) -> GeneratedSecret:
    """Return the secret of the master user, which AWS does not make itself for a global database."""
    return GeneratedSecret(
        region,
        "ledger_master",
        username=engine(region.settings).master_username,
        description="Master user of the payment ledger",
        key=key,
        version=region.settings.db_password_version,
        replica=replica,
    )


class GlobalLedger:
    """The global cluster. Its Regions' clusters are made through it, the primary before the secondary."""

    def __init__(self, region: Region) -> None:
        settings = region.settings
        self.global_cluster = region.add(
            RdsGlobalCluster,
            "global_cluster",
            global_cluster_identifier=settings.name("global"),
            engine=settings.db_engine,
            engine_version=settings.db_engine_version,
            database_name=DATABASE_NAME,
            storage_encrypted=True,
            deletion_protection=settings.protected,
        )

    def outputs(self) -> dict[str, str]:
        return {
            "global_cluster_id": self.global_cluster.global_cluster_identifier,
            "global_cluster_arn": self.global_cluster.arn,
        }

    def primary(
        self, region: Region, *, master: GeneratedSecret, vpc_id: str, subnet_ids: Sequence[str], key: Key, log_key: Key
    ) -> AuroraCluster:
        """Make the cluster that takes writes."""
        return AuroraCluster(
            region,
            name=_name(region),
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            log_key=log_key,
            global_cluster_identifier=self.global_cluster.id,
            database_name=DATABASE_NAME,
            master_username=engine(region.settings).master_username,
            master_password_wo=master.read_password(),
            master_password_wo_version=region.settings.db_password_version,
            lifecycle=_lifecycle(region),
        )

    def secondary(
        self,
        region: Region,
        *,
        of: AuroraCluster,
        source_region: str,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key: Key,
        log_key: Key,
    ) -> AuroraCluster:
        """Make the cluster that repeats what `of` writes, once that has an instance. Its users are the primary's.

        `source_region` lets the provider sign the request there that an encrypted cluster needs.
        """
        return AuroraCluster(
            region,
            name=_name(region),
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            log_key=log_key,
            after=of.ready,
            global_cluster_identifier=self.global_cluster.id,
            source_region=source_region,
            lifecycle=_lifecycle(region),
        )


def _lifecycle(region: Region) -> TerraformResourceLifecycle:
    more = SET_BY_AWS_BACKUP if region.settings.runs_containers else []
    return TerraformResourceLifecycle(ignore_changes=[*SET_BY_AURORA, *more])


def _name(region: Region) -> str:
    role = region.settings.role
    assert role is not None  # Only two Regions have a global database.
    return region.settings.shared_name(role.value)
