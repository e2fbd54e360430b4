"""An environment in memory as recoveries meet it: a ledger with its recovery function, and RDS that moves it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

Payment = dict[str, Any]


class Crash(BaseException):
    """The process ends here, as by SIGKILL: nothing may catch it."""


class FakeLedger:
    """A ledger whose every change is remembered with its time, so that it can be rewound."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []

    def commit(self, payment_id: str, at: datetime, status: str = "COMMITTED", amount: str = "12.5000") -> None:
        text = at.astimezone(UTC).isoformat()
        self.payments[payment_id] = {
            "payment_id": payment_id,
            "session_id": payment_id,
            "status": status,
            "amount": amount,
            "currency": "EUR",
            "recorded_at": text,
            "decided_at": None,
        }
        self.events[f"event-{payment_id}"] = {
            "event_id": f"event-{payment_id}",
            "payment_id": payment_id,
            "event_type": "Payment Committed",
            "published": True,
            "created_at": text,
        }

    def rewind(self, to: datetime) -> None:
        kept = {id_ for id_, one in self.payments.items() if datetime.fromisoformat(one["recorded_at"]) <= to}
        self.payments = {id_: one for id_, one in self.payments.items() if id_ in kept}
        self.events = {id_: one for id_, one in self.events.items() if one["payment_id"] in kept}


class FakeFunction:
    """The recovery function, as a client of Lambda answers for it."""

    def __init__(self, ledger: FakeLedger, writes: Callable[[], str], variables: Mapping[str, str]) -> None:
        self.ledger = ledger
        self.writes = writes
        self.variables = dict(variables)
        self.tags = {"HomeRegion": "eu-west-1"}
        self.asked: list[str] = []
        self.others: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.exceptions = _Exceptions()

    def get_function(self, **_: str) -> dict[str, Any]:
        return {"Configuration": {"Environment": {"Variables": self.variables}}, "Tags": self.tags}

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        event = json.loads(parameters["Payload"])
        self.asked.append(event["task"])
        task = self.others.get(event["task"]) or getattr(self, event["task"].replace("-", "_"))
        answer, failed = task(event), {}
        if "errorType" in answer:
            failed = {"FunctionError": "Unhandled"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}

    def check_service(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"healthy": True, "role": None, "writes": self.writes()}

    def check_ledger(self, _: dict[str, Any]) -> dict[str, Any]:
        if self.ledger.faults:
            return {"errorType": "LedgerUnbalancedError", "errorMessage": "; ".join(self.ledger.faults)}
        count = len(self.ledger.payments)
        return {"balanced": True, "payments": count, "entries": 2 * count, "outbox_waiting": 0, "faults": []}

    def drain_outbox(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"published": 0, "left": 0}

    def witness(self, event: dict[str, Any]) -> dict[str, Any]:
        rows = [deepcopy(one) for one in self.ledger.payments.values() if one["recorded_at"] >= event["since"]]
        # Pages of two.
        start = int(event.get("after") or 0)
        return {"payments": rows[start : start + 2], "next": str(start + 2) if len(rows) > start + 2 else None}

    def outbox_events(self, event: dict[str, Any]) -> dict[str, Any]:
        rows = [deepcopy(one) for one in self.ledger.events.values() if one["created_at"] >= event["since"]]
        return {"events": rows, "next": None}

    def find_payments(self, event: dict[str, Any]) -> dict[str, Any]:
        found = {id_: self.ledger.payments[id_] for id_ in event["payment_ids"] if id_ in self.ledger.payments}
        return {"payments": found}


class _Exceptions:
    class ResourceNotFoundException(Exception):  # noqa: N818
        pass

    class DBClusterNotFoundFault(Exception):  # noqa: N818
        pass

    class DBInstanceNotFoundFault(Exception):  # noqa: N818
        pass


class FakeRds:
    """Clusters and instances of one Region, each change done at once."""

    def __init__(self, ledger: FakeLedger, **cluster: Any) -> None:
        self.ledger = ledger
        self.exceptions = _Exceptions()
        self.calls: list[str] = []
        self.backtracks: list[dict[str, Any]] = []
        self.restored: dict[str, Any] = {}
        self.snapshots: list[str] = []
        self.members: list[dict[str, Any]] = []
        self.on_rename: Callable[[], None] = lambda: None
        self.clusters: dict[str, dict[str, Any]] = {}
        self.instances: dict[str, dict[str, Any]] = {}
        self.add("payment-cluster-test", ["payment-instance-0-test", "payment-instance-1-test"], **cluster)

    def add(self, identifier: str, instances: list[str], **changes: Any) -> None:
        arn = f"arn:aws:rds:eu-west-1:123456789012:cluster:{identifier}"
        self.clusters[identifier] = {
            "DBClusterIdentifier": identifier,
            "DBClusterArn": arn,
            "DbClusterResourceId": f"cluster-{identifier.upper()}",
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0.mysql_aurora.3.08.0",
            "BacktrackWindow": 259200,
            "Status": "available",
            "DBSubnetGroup": "payment-database-test",
            "DBClusterParameterGroup": "payment-cluster-test",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
            "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
            "Port": 3306,
            "IAMDatabaseAuthenticationEnabled": True,
            "EnabledCloudwatchLogsExports": ["audit", "error"],
            "CopyTagsToSnapshot": True,
            "DeletionProtection": False,
            "Endpoint": f"{identifier}.cluster",
            "EarliestRestorableTime": datetime(2026, 1, 1, tzinfo=UTC),
            "LatestRestorableTime": datetime(2099, 1, 1, tzinfo=UTC),
            "TagList": [{"Key": "EnvironmentSuffix", "Value": "test"}],
            **changes,
        }
        for number, instance in enumerate(instances):
            self.instances[instance] = {
                "DBInstanceIdentifier": instance,
                "DBClusterIdentifier": identifier,
                "DBInstanceStatus": "available",
                "DBInstanceClass": "db.r5.large",
                "Engine": "aurora-mysql",
                "AvailabilityZone": f"eu-west-1{'abc'[number % 3]}",
                "PromotionTier": number,
                "MonitoringInterval": 60,
                "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
                "PerformanceInsightsEnabled": True,
                "PerformanceInsightsKMSKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1",
                "PerformanceInsightsRetentionPeriod": 7,
                "CopyTagsToSnapshot": True,
                "AutoMinorVersionUpgrade": False,
                "TagList": [{"Key": "EnvironmentSuffix", "Value": "test"}],
            }

    def describe_db_clusters(self, **parameters: str) -> dict[str, Any]:
        found = self.clusters.get(parameters["DBClusterIdentifier"])
        if found is None:
            raise self.exceptions.DBClusterNotFoundFault
        members = [
            {"DBInstanceIdentifier": id_, "IsClusterWriter": number == 0}
            for number, (id_, one) in enumerate(
                (id_, one)
                for id_, one in self.instances.items()
                if one["DBClusterIdentifier"] == found["DBClusterIdentifier"]
            )
        ]
        return {"DBClusters": [{**found, "DBClusterMembers": members}]}

    def describe_global_clusters(self, **_: str) -> dict[str, Any]:
        return {"GlobalClusters": [{"GlobalClusterMembers": self.members}]}

    def describe_db_instances(self, **parameters: str) -> dict[str, Any]:
        found = self.instances.get(parameters["DBInstanceIdentifier"])
        if found is None:
            raise self.exceptions.DBInstanceNotFoundFault
        return {"DBInstances": [found]}

    def describe_db_cluster_backtracks(self, **parameters: str) -> dict[str, Any]:
        wanted = parameters.get("BacktrackIdentifier")
        return {"DBClusterBacktracks": [one for one in self.backtracks if wanted in (None, one["BacktrackIdentifier"])]}

    def backtrack_db_cluster(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append("backtrack")
        self.ledger.rewind(parameters["BacktrackTo"])
        made = {
            "BacktrackIdentifier": f"backtrack-{len(self.backtracks)}",
            "BacktrackRequestCreationTime": datetime.now(UTC),
            "Status": "COMPLETED",
        }
        self.backtracks.append(made)
        return made

    def restore_db_cluster_to_point_in_time(self, **parameters: Any) -> dict[str, Any]:
        return self._restore("restore", parameters)

    def create_db_instance(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append(f"instance {parameters['DBInstanceIdentifier']}")
        known = {"DBInstanceStatus": "available", "TagList": parameters.pop("Tags", [])}
        self.instances[parameters["DBInstanceIdentifier"]] = {**parameters, **known}
        return {"DBInstance": self.instances[parameters["DBInstanceIdentifier"]]}

    def modify_db_cluster(self, **parameters: Any) -> dict[str, Any]:
        old, new = parameters["DBClusterIdentifier"], parameters.get("NewDBClusterIdentifier")
        if new:
            if new in self.clusters:
                raise ClientError({"Error": {"Code": "DBClusterAlreadyExistsFault", "Message": new}}, "ModifyDBCluster")
            self.calls.append(f"rename {old} {new}")
            self.clusters[new] = {**self.clusters.pop(old), "DBClusterIdentifier": new, "Endpoint": f"{new}.cluster"}
            for instance in self.instances.values():
                if instance["DBClusterIdentifier"] == old:
                    instance["DBClusterIdentifier"] = new
            if self.clusters[new]["DbClusterResourceId"] == "cluster-RESTORED":
                self.on_rename()
        elif parameters.get("ManageMasterUserPassword"):
            self.clusters[old]["MasterUserSecret"] = {"SecretArn": f"secret-of-{old}", "SecretStatus": "active"}
        return {}

    def modify_db_instance(self, **parameters: Any) -> dict[str, Any]:
        old, new = parameters["DBInstanceIdentifier"], parameters["NewDBInstanceIdentifier"]
        self.calls.append(f"rename {old} {new}")
        self.instances[new] = {**self.instances.pop(old), "DBInstanceIdentifier": new}
        return {}

    def add_tags_to_resource(self, **parameters: Any) -> dict[str, Any]:
        name = parameters["ResourceName"].rpartition(":")[2]
        self.clusters[name]["TagList"] = parameters["Tags"]
        return {}

    def delete_db_instance(self, **parameters: str) -> dict[str, Any]:
        del self.instances[parameters["DBInstanceIdentifier"]]
        return {}

    def delete_db_cluster(self, **parameters: str) -> dict[str, Any]:
        self.snapshots.append(parameters["FinalDBSnapshotIdentifier"])
        del self.clusters[parameters["DBClusterIdentifier"]]
        return {}

    def _restore(self, call: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(call)
        self.restored = parameters
        source = self.clusters["payment-cluster-test"]
        kept = {name: value for name, value in source.items() if name not in ("MasterUserSecret",)}
        self.add(
            parameters["DBClusterIdentifier"],
            [],
            **{
                **kept,
                **{
                    "DBClusterIdentifier": parameters["DBClusterIdentifier"],
                    "DbClusterResourceId": "cluster-RESTORED",
                },
            },
        )
        return {}
