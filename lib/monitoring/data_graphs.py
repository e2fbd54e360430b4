"""The graphs of what every architecture has: what became of payments, ledger, sessions, events, dead letters."""

from __future__ import annotations

from collections.abc import Mapping

from lib.monitoring.dashboard import Graph
from lib.monitoring.payment_metrics import NAMESPACE, DataMeasured

OUTCOMES = ("Committed", "Pending", "Repeated", "Refused")


def flat(dimensions: Mapping[str, str]) -> list[str]:
    """Return dimensions as a graph's metric has them: names and values in turn."""
    return [part for dimension in dimensions.items() for part in dimension]


def outcome_graphs(measured: DataMeasured) -> list[Graph]:
    """Return the graphs of what became of payments and their events."""
    payments = flat(measured.payments)
    return [
        Graph(
            "Payments by outcome",
            "Sum",
            [(NAMESPACE, f"Payments{outcome}", *payments) for outcome in OUTCOMES],
        ),
        Graph(
            "Payments refused while stopped, or while the ledger is away",
            "Sum",
            [(NAMESPACE, name, *payments) for name in ("PaymentsStopped", "LedgerUnavailable")],
        ),
        Graph("Age of the outbox, s", "Maximum", [(NAMESPACE, "OutboxOldestSeconds", *payments)]),
    ]


def data_graphs(measured: DataMeasured) -> list[Graph]:
    """Return the graphs of what holds payments and moves their events."""
    cluster, table = ("DBClusterIdentifier", measured.cluster_id), ("TableName", measured.table_name)
    return [
        Graph("RDS CPU, %", "Average", [("AWS/RDS", "CPUUtilization", *cluster)]),
        Graph("RDS connections", "Average", [("AWS/RDS", "DatabaseConnections", *cluster)]),
        Graph(
            "RDS commit latency and replica lag, ms",
            "Maximum",
            [("AWS/RDS", name, *cluster) for name in ("CommitLatency", "AuroraReplicaLagMaximum")],
        ),
        Graph(
            "DynamoDB consumed capacity",
            "Sum",
            [("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", *table) for kind in ("Read", "Write")],
        ),
        Graph(
            "Events delivered and failed",
            "Sum",
            [("AWS/Events", name, "RuleName", measured.bus_rule) for name in ("Invocations", "FailedInvocations")],
        ),
        Graph(
            "Dead letters",
            "Maximum",
            [
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue)
                for queue in measured.dead_letter_queues.values()
            ],
        ),
    ]
