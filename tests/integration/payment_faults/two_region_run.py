"""One run of the faults in two Regions, in which the payments move three times: planned, back, and after a disaster."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tests.integration.payment_faults import consumer
from tests.integration.payment_faults.deliveries import deal
from tests.integration.payment_faults.faults import Faults
from tests.integration.payment_faults.global_ledger import LedgerCluster, eventually
from tests.integration.payment_faults.invariants import Ledger
from tests.integration.payment_faults.ledger_servers import OPEN_TRANSACTIONS
from tests.integration.payment_faults.load import Load
from tests.integration.payment_faults.promotions import Promotion, Promotions
from tests.integration.payment_faults.run import WORKERS, load_with_faults, read_ledger
from tests.integration.payment_faults.service_faults import ServiceFaults
from tests.integration.payment_faults.strays import late_strays, with_strays
from tests.integration.payment_faults.two_region_result import TwoRegionRun
from tests.integration.payment_faults.two_regions import TwoRegions
from tests.integration.payment_faults.worker_processes import WorkerProcesses


def run_in_two_regions(directory: Path, seed: int, payments: int, promotion: Promotion) -> TwoRegionRun:
    """A run from this seed; ends with everything that it started."""
    began, random = time.monotonic(), Random(seed)
    deliveries = deal(random, payments)
    with TwoRegions.started(directory) as regions, ExitStack() as stack:
        processes = {
            site.region.name: stack.enter_context(
                WorkerProcesses.started(directory / f"logs-{site.region.name}", regions.variables(site))
            )
            for site in (regions.primary, regions.secondary)
        }
        promotions = Promotions(regions, processes)
        load = Load(with_strays(deliveries, random), promotions.dns, WORKERS, Random(random.random()))
        of_services = ServiceFaults(regions.dynamodb, regions.events, load, Random(random.random()))
        faults = Faults(load, [promotions.plan(promotion), of_services.plan()])
        load_with_faults(load, faults)
        if promotion is Promotion.REMOVAL:
            late = Load(late_strays(deliveries, random), promotions.dns, WORKERS, Random(random.random()))
            late.run()
            load.strays += late.strays
            load.failures += late.failures
        serving, standby = promotions.serving, promotions.standby
        eventually(lambda: serving.region.sessions() == standby.region.sessions(), "both Regions have all sessions")
        published, other_published = serving.region.published(), standby.region.published()
        texts = {name: text for each in processes.values() for name, text in each.texts().items()}
        return TwoRegionRun(
            seed=seed,
            deliveries=deliveries,
            load=load,
            faults=faults,
            ledger=_ledger(serving.ledger),
            events=consumer.details(published),
            sessions=serving.region.sessions(),
            texts={**texts, "published events": "\n".join([*published, *other_published])},
            secrets=regions.secrets,
            dynamodb_met=regions.dynamodb.met,
            events_met=regions.events.met,
            seconds=time.monotonic() - began,
            moves=promotions.moves,
            other_events=consumer.details(other_published),
            other_sessions=standby.region.sessions(),
            left_behind=_ledger(standby.ledger) if promotion is Promotion.REMOVAL else None,
        )


def _ledger(cluster: LedgerCluster) -> Ledger:
    with cluster.session() as execute:
        execute("USE payments")
        return read_ledger(execute, OPEN_TRANSACTIONS)
