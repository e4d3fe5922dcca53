"""The live stream of real servers: resumed without loss or repetition, row-scoped, alive, and never in the way."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from ledger.application.access import ROLE_SCOPES, Bindings
from ledger.application.clients import add_client
from ledger.domain.errors import LedgerError
from ledger.notifications.audience import Audience, audience_of
from ledger.notifications.changes import Change
from ledger.notifications.cursor import Place, StreamCursor, read_cursor
from ledger.notifications.feed import Feed, StreamEnded
from ledger.notifications.topics import TOPICS
from tests.notifications.conftest import NOW, City

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
INSTRUCTIONS = audience_of(Bindings(bank="ICBC"), {"instructions:read"}, ())
CITY = Audience(bindings=Bindings(districts=frozenset({"*"})), topics=frozenset(TOPICS))


@asynccontextmanager
async def feed_of(city: City, *, buffer: int = 1_000) -> AsyncGenerator[Feed]:
    async with Feed(city.url, poll_interval_s=0.02, buffer=buffer) as feed:
        yield feed


async def take(
    feed: Feed, city: City, cursor: StreamCursor | None, count: int, audience: Audience = CITY
) -> tuple[list[Change], StreamCursor]:
    """So many changes from the cursor on, and where that leaves the reader."""
    taken: list[Change] = []
    async with feed.stream(audience, cursor) as stream:
        async for change in stream.earlier(city.pool):
            taken.append(change)
            if len(taken) == count:
                return taken, read_cursor(str(stream.cursor))
        while len(taken) < count:
            change = await stream.next(10.0)
            assert change is not None
            taken.append(change)
        return taken, read_cursor(str(stream.cursor))


def places(changes: list[Change]) -> list[tuple[int, int, int]]:
    return [(change.partition, change.position, change.ordinal) for change in changes]


async def everything(city: City) -> list[tuple[int, int, int]]:
    async with feed_of(city) as feed, feed.stream(CITY, StreamCursor({0: Place(0)})) as stream:
        return places([change async for change in stream.earlier(city.pool)])


async def test_a_reader_that_comes_back_again_and_again_gets_everything_once(city: City) -> None:
    """Through several processes' feeds, taking two changes each time, while more of them happen."""
    accounts = [city.account_id, await city.open(), await city.open()]
    got: list[tuple[int, int, int]] = []
    async with feed_of(city) as one, feed_of(city) as other:
        async with one.stream(CITY, None) as first:
            cursor = read_cursor(str(first.cursor))

        async def happen() -> None:
            for number in range(12):
                await city.refund(accounts[number % 3])
                await city.payout(accounts[number % 3])

        happening = asyncio.create_task(happen())
        total, turn = 36, 0  # 12 refunds are asked and quoted, 12 payouts instructed; and some alerts
        while len(got) < total:
            turn += 1
            taken, cursor = await take((one, other)[turn % 2], city, cursor, min(2, total - len(got)))
            got += places(taken)
            if len(got) == 36:
                await happening
                total = len(await everything(city))
    assert len(got) == len(set(got))
    assert sorted(got) == sorted(await everything(city))
    by_partition: dict[int, list[tuple[int, int]]] = {}
    for partition, position, ordinal in got:
        by_partition.setdefault(partition, []).append((position, ordinal))
    assert all(told == sorted(told) for told in by_partition.values())


async def test_a_reader_ahead_of_another_process_is_told_nothing_twice(city: City) -> None:
    async with feed_of(city) as ahead, ahead.stream(INSTRUCTIONS, None) as stream:
        behind = Feed(city.url, poll_interval_s=3_600.0)
        async with behind, behind.stream(INSTRUCTIONS, None):
            await city.payout()
            assert await stream.next(10.0) is not None
            async with behind.stream(INSTRUCTIONS, read_cursor(str(stream.cursor))) as again:
                earlier = [change async for change in again.earlier(city.pool)]
                wanted = await city.payout()
                behind.wake()
                change = await again.next(10.0)
    assert earlier == []
    assert change is not None
    assert change.data["instruction_id"] == wanted


async def test_a_reader_who_does_not_read_is_ended_and_holds_up_nobody(city: City) -> None:
    async with (
        feed_of(city, buffer=3) as feed,
        feed.stream(INSTRUCTIONS, None) as slow,
        feed.stream(INSTRUCTIONS, None) as quick,
    ):
        told: list[Change] = []
        for _ in range(5):
            await city.payout()
            change = await quick.next(10.0)
            assert change is not None
            told.append(change)
        with pytest.raises(StreamEnded):
            await slow.next(10.0)
        start = read_cursor(str(slow.cursor))
        again, _ = await take(feed, city, start, 5, INSTRUCTIONS)
    assert places(again) == places(told)


async def test_a_stream_is_told_its_own_rows_alone(city: City) -> None:
    there = await city.open()
    bindings = Bindings(institutions=frozenset({f"inst-{there}"}))
    school = audience_of(bindings, {"refunds:read"}, ())
    async with feed_of(city) as feed, feed.stream(school, None) as stream:
        for account_id in (city.account_id, there):
            await city.payout(account_id)
            await city.refund(account_id)
        told = [await stream.next(10.0), await stream.next(10.0)]
        assert await stream.next(0.2) is None
        start = StreamCursor({partition: Place(0) for partition in range(4)})
        async with feed.stream(school, start) as again:
            earlier = [change async for change in again.earlier(city.pool)]
    assert [one.topic for one in told if one] == ["refund.requested", "refund.quoted"]
    assert {one.institution_id for one in told if one} == {f"inst-{there}"}
    assert earlier == told


async def test_a_cursor_that_is_none_is_refused() -> None:
    for text in ("", "x", "0", "0.1.", "0.1-", "1.-2", "0.1,1.2", "9" * 50_000):
        with pytest.raises(LedgerError) as refused:
            read_cursor(text)
        assert refused.value.code == "event_id_malformed"
    assert str(read_cursor("0.12-1.7.2")) == "0.12-1.7.2"


class Events:
    """Server-sent events of one response, as a client reads them: (id, event, data)."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""
        self.comments = 0

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        data = ""
        async for line in self._lines:
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments += 1
            elif name == "id":
                self.last_id = value
            elif name == "data":
                data = value
            elif not line and data:
                yield msgspec.json.decode(data.encode())
                data = ""


@asynccontextmanager
async def serving(city: City, tmp_path: Path) -> AsyncGenerator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """`escrow serve` with two server processes, and a bank's token."""
    async with city.pool.connection() as connection:
        secret = await add_client(
            connection,
            client_id="bank",
            name="bank",
            role="bank",
            scopes=ROLE_SCOPES["bank"],
            bindings=Bindings(bank="ICBC"),
            now=NOW,
        )
    environment = os.environ | {
        "ESCROW_DATABASE_URL": city.url,
        "ESCROW_DATA_DIR": str(tmp_path),
        "ESCROW_ALLOW_DEV_SECRETS": "1",
        "ESCROW_STREAM_HEARTBEAT_S": "0.2",
        "ESCROW_SHUTDOWN_GRACE_S": "1",
        "ESCROW_LOG_LEVEL": "error",
    }
    program = "from ledger.cli.main import run; run()"
    command = [sys.executable, "-c", program, "serve", "--port", "0", "--workers", "2", "--json"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = b""
        while not told.rstrip().endswith(b"}"):
            line = await asyncio.to_thread(process.stdout.readline)
            assert line, "the server ended"
            told += line
        url: str = msgspec.json.decode(told)["url"]
        async with httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False) as http:
            form = {"grant_type": "client_credentials", "client_id": "bank", "client_secret": secret or ""}
            token = (await http.post("/v1/oauth/token", data=form)).json()["access_token"]
            yield http, {"authorization": f"Bearer {token}"}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


async def test_a_client_of_two_server_processes_resumes_by_the_last_id(city: City, tmp_path: Path) -> None:
    wanted: list[str] = []
    got: list[str] = []
    async with serving(city, tmp_path) as (http, headers):
        async with http.stream("GET", "/v1/stream", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = Events(answer)
            telling = aiter(events)
            first = asyncio.ensure_future(anext(telling))
            while not events.last_id or not events.comments:
                await asyncio.sleep(0)
            wanted.append(await city.payout())
            got.append((await asyncio.wait_for(first, 20))["data"]["instruction_id"])
        for _ in range(4):
            wanted += [await city.payout() for _ in range(2)]
            resumed = headers | {"last-event-id": events.last_id}
            async with http.stream("GET", "/v1/stream?topics=instruction.*", headers=resumed) as answer:
                events = Events(answer)
                telling = aiter(events)
                for _ in range(2):
                    got.append((await asyncio.wait_for(anext(telling), 20))["data"]["instruction_id"])
        over = await http.get("/v1/stream", params={"for_s": 0}, headers=headers | {"last-event-id": events.last_id})
        assert "data:" not in over.text
        wrong = await http.get("/v1/stream", headers=headers | {"last-event-id": "x"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "event_id_malformed")
        denied = await http.get("/v1/stream?topics=alert.*", headers=headers)
        assert (denied.status_code, denied.json()["code"]) == (403, "topic_not_allowed")
    assert got == wanted
