"""Whatever is sent is answered as documented, never with 500, and only what is acknowledged is stored.

The examples are the same in every run (derandomized).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.integration.payment_faults import bad_requests
from tests.integration.payment_faults.bad_requests import ACCOUNTS, request
from tests.integration.payment_faults.surroundings import Surroundings
from tests.integration.payment_faults.worker_processes import ROOT, Worker, WorkerProcesses

JSON = {"content-type": "application/json"}
PAYMENT = {"payment_id": "bad", "currency": "EUR", "payer_account": ACCOUNTS[0], "payee_account": ACCOUNTS[1]}
ENTRIES_OF_A_PAYMENT = 2

documented = json.loads((ROOT / "docs/openapi.json").read_text())["components"]["schemas"]
examples = settings(derandomize=True, deadline=None, max_examples=250, database=None)


@dataclass
class Deployed:
    """The function, and what it has stored so far. `taken` has each acknowledged payment's answer."""

    worker: Worker
    surroundings: Surroundings
    taken: dict[str, str] = field(default_factory=dict)

    def ask(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer; checks that they are documented and that nothing but an acknowledged payment is stored."""
        reply = self.worker.invoke(event)
        self.worker.rest()
        assert reply.error is None
        assert reply.answer
        status, answer = reply.answer["statusCode"], json.loads(reply.answer["body"])
        assert status in (200, 400, 404, 405, 409), reply.answer
        if status == 400:
            self.check_refusal(answer)
        if status == 409:
            assert answer["reason"] in documented["Conflict"]["properties"]["reason"]["enum"]
        if status == 200 and "payment_id" in answer:
            assert self.taken.setdefault(answer["payment_id"], reply.answer["body"]) == reply.answer["body"]
        self.check_stored()
        return status, answer

    def check_refusal(self, answer: dict[str, Any]) -> None:
        names, patterns = documented["RefusalReason"]["anyOf"]
        assert answer["valid"] is False
        assert answer["reason"] in names["enum"] or re.fullmatch(patterns["pattern"], answer["reason"]), answer

    def check_stored(self) -> None:
        with self.surroundings.servers.writer.session() as execute:
            payments = dict(execute("SELECT payment_id, answer FROM payments.payments"))
            entries = execute("SELECT COUNT(*) FROM payments.ledger_entries")[0][0]
            events = execute("SELECT COUNT(*) FROM payments.outbox")[0][0]
        assert payments == self.taken
        assert (entries, events) == (ENTRIES_OF_A_PAYMENT * len(payments), len(payments))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The function behind real services; at the end there are sessions of acknowledged payments alone."""
    directory: Path = tmp_path_factory.mktemp("bad_input")
    with (
        Surroundings.started(directory) as surroundings,
        WorkerProcesses.started(directory / "logs", surroundings.variables()) as processes,
    ):
        deployed = Deployed(processes.new(), surroundings)
        yield deployed
        assert deployed.surroundings.region.sessions().keys() == deployed.taken.keys()
        assert not [path for path in processes.logs.iterdir() if any(mark in path.read_text() for mark in ACCOUNTS)]


@examples
@given(body=bad_requests.bodies())
def test_bodies(deployed: Deployed, body: str) -> None:
    status, _ = deployed.ask(request("POST", "/payments", body, JSON))
    assert status in (200, 400, 409)


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        ("1e309", "EUR", "Invalid amount"),
        ("-0", "EUR", "Invalid amount"),
        ("NaN", "EUR", "Invalid amount"),
        ("Infinity", "EUR", "Invalid amount"),
        ("0.001", "EUR", "Invalid amount"),
        ("1e999999999", "EUR", "Invalid amount"),
        ("1e-999999999", "EUR", "Invalid amount"),
        ("1.5", "JPY", "Invalid amount"),
        ("1000000.01", "EUR", "Amount exceeds limit"),
        ("12.5", "eur", "Invalid currency"),
        ("12.5", "XXX", "Invalid currency"),
    ],
)
def test_amounts(deployed: Deployed, amount: str, currency: str, reason: str) -> None:
    body = json.dumps({**PAYMENT, "currency": currency})[:-1] + f', "amount": {amount}}}'
    status, answer = deployed.ask(request("POST", "/payments", body, JSON))
    assert (status, answer["reason"]) == (400, reason)


@examples
@given(document=bad_requests.documents(), encoding=bad_requests.encodings, content_type=bad_requests.content_types)
@example(document={**PAYMENT, "amount": "1"}, encoding="utf-16", content_type="application/json; charset=utf-16")
def test_encodings(deployed: Deployed, document: dict[str, object], encoding: str, content_type: str) -> None:
    body = json.dumps(document).encode(encoding)
    status, _ = deployed.ask(request("POST", "/payments", body, {"content-type": content_type}))
    assert status in ((200, 400, 409) if encoding == "utf-8" else (400,))


@examples
@given(body=st.binary(max_size=200))
@example(body=b'{"payment_id": "\xff\xfe"}')
@example(body=b'{"payment_id": "\xed\xa0\x80"}')
def test_bytes(deployed: Deployed, body: bytes) -> None:
    assert deployed.ask(request("POST", "/payments", body, JSON))[0] == 400


@examples
@given(body=st.text(max_size=100) | st.none(), is_base64=st.booleans())
def test_bodies_that_are_not_what_they_are_marked_as(deployed: Deployed, body: str | None, is_base64: bool) -> None:
    assert deployed.ask(request("POST", "/payments", body, JSON, is_base64=is_base64))[0] == 400


@settings(examples, max_examples=16)
@given(body=bad_requests.huge_bodies, as_bytes=st.booleans())
def test_huge_and_deep_bodies(deployed: Deployed, body: str, as_bytes: bool) -> None:
    event = request("POST", "/payments", body.encode() if as_bytes else body, JSON)
    assert deployed.ask(event)[0] == 400


@examples
@given(
    method=bad_requests.methods,
    path=bad_requests.paths,
    headers=bad_requests.headers | st.none(),
    body=bad_requests.bodies() | st.none(),
)
def test_methods_paths_and_headers(
    deployed: Deployed, method: str, path: str, headers: dict[str, str] | None, body: str | None
) -> None:
    deployed.ask(request(method, path, body, headers))


@examples
@given(detail=bad_requests.values | st.dictionaries(st.sampled_from(bad_requests.FIELDS), bad_requests.values))
def test_details_of_events_are_refused(deployed: Deployed, detail: object) -> None:
    event = {"version": "0", "source": "payment.processor", "detail-type": "Payment Transaction", "detail": detail}
    reply = deployed.worker.invoke(event)
    deployed.worker.rest()
    assert reply.error is None
    assert reply.answer
    deployed.check_refusal(reply.answer)
    deployed.check_stored()
