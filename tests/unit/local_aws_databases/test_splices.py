"""Endpoints lead to their targets, bytes unchanged, and cut what they lead to no more."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from local_aws.databases.addresses import free_address
from local_aws.databases.ports import FREE_PORTS, free_port, is_free
from local_aws.databases.splice import Splices, Target

ADDRESS = "127.0.0.1"


async def echo_server(name: bytes) -> tuple[asyncio.Server, Target]:
    """A server that says its name, then what it hears."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name)
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, ADDRESS, 0)
    return server, (ADDRESS, server.sockets[0].getsockname()[1])


async def name_of(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    name = await reader.readexactly(1)
    writer.close()
    return name


Scenario = Callable[[Splices, int, Target, Target], Awaitable[None]]


def play(scenario: Scenario) -> None:
    """Plays with an endpoint that leads to the first of two servers, `a` and `b`."""

    async def run() -> None:
        (one, first), (two, second) = await echo_server(b"a"), await echo_server(b"b")
        splices, port = Splices([first]), free_port(ADDRESS)
        await splices.listen(ADDRESS, port)
        try:
            async with asyncio.timeout(20):
                await scenario(splices, port, first, second)
        finally:
            splices.close()
            one.close()
            two.close()

    asyncio.run(run())


def test_much_data_arrives_unchanged() -> None:
    async def scenario(_splices: Splices, port: int, _first: Target, _second: Target) -> None:
        data = bytes(range(256)) * 40_000
        reader, writer = await asyncio.open_connection(ADDRESS, port)
        writer.write(data)
        assert await reader.readexactly(1 + len(data)) == b"a" + data
        writer.close()

    play(scenario)


def test_an_endpoint_that_moves_cuts_its_connections() -> None:
    async def scenario(splices: Splices, port: int, _first: Target, second: Target) -> None:
        reader, _ = await asyncio.open_connection(ADDRESS, port)
        assert await reader.readexactly(1) == b"a"
        splices.lead_to([second])
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert await name_of(port) == b"b"

    play(scenario)


def test_connections_to_a_target_that_stays_are_kept() -> None:
    async def scenario(splices: Splices, port: int, first: Target, second: Target) -> None:
        reader, writer = await asyncio.open_connection(ADDRESS, port)
        splices.lead_to([second, first])
        writer.write(b"still here")
        assert await reader.readexactly(11) == b"astill here"
        assert {await name_of(port), await name_of(port)} == {b"a", b"b"}
        writer.close()

    play(scenario)


def test_a_target_that_is_down_ends_the_connection() -> None:
    async def scenario(splices: Splices, port: int, _first: Target, _second: Target) -> None:
        splices.lead_to([(ADDRESS, free_port(ADDRESS))])
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await name_of(port)

    play(scenario)


def test_a_closed_endpoint_refuses() -> None:
    async def scenario(splices: Splices, port: int, _first: Target, _second: Target) -> None:
        splices.close()
        with pytest.raises(ConnectionRefusedError):
            await name_of(port)

    play(scenario)


def test_free_addresses_and_ports_are_what_they_say() -> None:
    address = free_address(3306)
    assert address.startswith("127.")
    assert is_free(address, 3306)
    assert free_port(address) in FREE_PORTS
