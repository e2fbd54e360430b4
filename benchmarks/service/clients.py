"""Clients that pay over so many connections at once, each the next payment as soon as it has its answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence

from benchmarks.processes import BenchmarkError
from benchmarks.warm_payment.batch import ANSWER, Batch

API_KEY = "a-key-of-the-benchmark-0123456789-0123456789"


def pay(port: int, connections: int, documents: Sequence[dict[str, object]]) -> Batch:
    """Seconds until each answer. Raises `BenchmarkError` for any other answer than 200."""
    return asyncio.run(_pay(port, connections, [_request(document) for document in documents]))


async def _pay(port: int, connections: int, requests: Sequence[bytes]) -> Batch:
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    waiting, times = iter(requests), list[float]()
    began = time.perf_counter()
    await asyncio.gather(*(_pay_in_turn(reader, writer, waiting, times) for reader, writer in opened))
    batch = Batch({ANSWER: times}, began, time.perf_counter())
    for _, writer in opened:
        writer.close()
    return batch


async def _pay_in_turn(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes], times: list[float]
) -> None:
    for request in waiting:
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - start)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise BenchmarkError(f"a payment was answered {head.splitlines()[0].decode()}: {body.decode()}")


def _request(document: dict[str, object]) -> bytes:
    body = json.dumps(document).encode()
    head = f"POST /payments HTTP/1.1\r\nhost: service\r\nx-api-key: {API_KEY}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
