"""RDS: the engine versions and instance classes of Aurora that can be ordered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, operation

PAGE = 100
SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge")

CLASSES = {
    "db.r5": SIZES[:8],
    "db.r6g": SIZES[:7],
    "db.r6i": SIZES[:9],
    "db.r7g": SIZES[:7],
    "db.r7i": (*SIZES[:8], "48xlarge"),
    "db.r8g": (*SIZES[:8], "48xlarge"),
    "db.t3": ("medium", "large"),
    "db.t4g": ("medium", "large"),
    "db.x2g": SIZES[:7],
}
"""Sizes of each family, for both engines.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
"""

BURSTABLE = ("db.t3", "db.t4g")
"""Families without global databases; of Aurora MySQL's also without Performance Insights."""


@dataclass(frozen=True)
class Engine:
    """What AWS tells of an engine. `logs` can go to CloudWatch; `versions` are by family of parameter groups.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html (EnableCloudwatchLogsExports)
    """

    name: str
    description: str
    license: str
    logs: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]

    def has(self, version: str) -> bool:
        return any(version in versions for versions in self.versions.values())


VERSIONS = tuple(
    f"8.0.mysql_aurora.3.{line}.{patch}"
    for line, patches in {"08": range(3), "09": range(1), "10": range(5), "12": range(1)}.items()
    for patch in patches
)
"""Aurora MySQL 3 as of March 2026, without lines past their end.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/doc-history.html
"""

MYSQL = Engine(
    "aurora-mysql",
    "Aurora MySQL",
    "general-public-license",
    ("audit", "error", "general", "iam-db-auth-error", "instance", "slowquery"),
    {"aurora-mysql8.0": VERSIONS},
)

POSTGRESQL = Engine(
    "aurora-postgresql",
    "Aurora PostgreSQL",
    "postgresql-license",
    ("iam-db-auth-error", "instance", "postgresql"),
    {
        "aurora-postgresql16": ("16.8", "16.9", "16.10", "16.11", "16.13", "16.14"),
        "aurora-postgresql17": ("17.4", "17.5", "17.6", "17.7", "17.9", "17.10"),
    },
)
"""Aurora PostgreSQL 16 and 17 as of August 2026.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html
"""

ENGINES = (MYSQL, POSTGRESQL)


@operation("rds", "DescribeDBEngineVersions")
def describe_engine_versions(call: Call) -> Output:
    """The versions of Aurora, by engine, version and family. Other engines have none here."""
    given = call.params
    family, prefix = given.get("DBParameterGroupFamily"), given.get("EngineVersion", "")
    found = [
        _version(engine, of, version)
        for engine in ENGINES
        for of, versions in engine.versions.items()
        for version in versions
        if engine.name == given.get("Engine", engine.name) and family in (None, of) and version.startswith(prefix)
    ]
    return page(call, "DBEngineVersions", found)


def _version(engine: Engine, family: str, version: str) -> Output:
    return {
        "Engine": engine.name,
        "EngineVersion": version,
        "MajorEngineVersion": "8.0" if engine is MYSQL else version.partition(".")[0],
        "DBParameterGroupFamily": family,
        "DBEngineDescription": engine.description,
        "ExportableLogTypes": list(engine.logs),
        "SupportedEngineModes": ["provisioned"],
        "SupportsGlobalDatabases": True,
        "Status": "available",
    }


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable_options(call: Call) -> Output:
    """Instance classes of a version, each with the zones of the Region. Engines other than Aurora have none here."""
    given = call.params
    wanted: Callable[[Output], bool] = lambda option: all(  # noqa: E731
        given.get(name) in (None, option[name]) for name in ("EngineVersion", "DBInstanceClass", "LicenseModel", "Vpc")
    )
    engines = [engine for engine in ENGINES if engine.name == given["Engine"]]
    return page(
        call,
        "OrderableDBInstanceOptions",
        [option for engine in engines for option in _options(engine, call.region) if wanted(option)],
    )


def _options(engine: Engine, region: str) -> Iterator[Output]:
    zones = [{"Name": str(zone.name)} for zone in RegionsAndZonesBackend.zones.get(region, [])]
    for version in (version for versions in engine.versions.values() for version in versions):
        for family, sizes in CLASSES.items():
            for size in sizes:
                yield {
                    "Engine": engine.name,
                    "EngineVersion": version,
                    "DBInstanceClass": f"{family}.{size}",
                    "LicenseModel": engine.license,
                    "AvailabilityZones": zones,
                    "MultiAZCapable": False,
                    "ReadReplicaCapable": False,
                    "Vpc": True,
                    "SupportsStorageEncryption": True,
                    "StorageType": "aurora",
                    "SupportsIops": False,
                    "SupportsEnhancedMonitoring": True,
                    "SupportsIAMDatabaseAuthentication": True,
                    "SupportsPerformanceInsights": engine is not MYSQL or family not in BURSTABLE,
                    "SupportsGlobalDatabases": family not in BURSTABLE,
                    "SupportsClusters": True,
                    "SupportedEngineModes": ["provisioned"],
                    "SupportedNetworkTypes": ["IPV4", "DUAL"],
                }


@operation("rds", "DescribeAccountAttributes")
def describe_account_attributes(call: Call) -> Output:
    """Some of the account's quotas, with what is used of them."""
    backend = call.backend()
    used = {
        "DBInstances": (len(backend.databases), 40),
        "DBClusters": (len(backend.clusters), 40),
        "DBSubnetGroups": (len(backend.subnet_groups), 50),
        "DBClusterParameterGroups": (len(backend.db_cluster_parameter_groups), 50),
        "ManualClusterSnapshots": (
            sum(snapshot.snapshot_type == "manual" for snapshot in backend.cluster_snapshots.values()),
            100,
        ),
    }
    quotas = [{"AccountQuotaName": name, "Used": count, "Max": most} for name, (count, most) in used.items()]
    return {"AccountQuotas": quotas}


def page(call: Call, name: str, found: list[Any]) -> Output:
    """One page of what was found. Raises AwsError."""
    marker = call.params.get("Marker", "0")
    if not marker.isdigit():
        raise AwsError("InvalidParameterValue", f"Invalid marker: {marker}")
    start = int(marker)
    end = start + call.params.get("MaxRecords", PAGE)
    return {name: found[start:end], "Marker": str(end) if end < len(found) else None}
