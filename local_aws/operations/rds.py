"""RDS: the engine versions that can be ordered."""

from local_aws.calls import Call
from local_aws.registry import Output, operation

FAMILY = "aurora-mysql8.0"
VERSIONS = tuple(
    f"8.0.mysql_aurora.3.{line}.{patch}"
    for line, patches in {"08": range(3), "09": range(1), "10": range(5), "12": range(1)}.items()
    for patch in patches
)
"""Aurora MySQL 3 as of March 2026, without lines past their end.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/doc-history.html
"""


@operation("rds", "DescribeDBEngineVersions")
def describe_engine_versions(call: Call) -> Output:
    """The versions of Aurora MySQL, by engine, version and family. Other engines have none here."""
    given = call.params
    wanted = given.get("Engine", "aurora-mysql") == "aurora-mysql"
    family = given.get("DBParameterGroupFamily", FAMILY) == FAMILY
    prefix = given.get("EngineVersion", "")
    found = [version for version in VERSIONS if wanted and family and version.startswith(prefix)]
    return {"DBEngineVersions": [_shown(version) for version in found]}


def _shown(version: str) -> Output:
    return {
        "Engine": "aurora-mysql",
        "EngineVersion": version,
        "MajorEngineVersion": "8.0",
        "DBParameterGroupFamily": FAMILY,
        "DBEngineDescription": "Aurora MySQL",
        "ExportableLogTypes": ["audit", "error", "general", "slowquery"],
        "SupportedEngineModes": ["provisioned"],
        "SupportsGlobalDatabases": True,
        "Status": "available",
    }
