"""The request log: what is noted, what a burst and a lost table cost, several servers, and how old it gets."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi import APIRouter, Depends
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from structlog.testing import capture_logs

from api import request_log
from api.auth.permissions import require
from api.codes import ApiError
from api.request_log import RequestLog
from ledger.application.request_log import AnsweredRequest, LoggedRequest, list_requests, write_requests
from tests.api.conftest import Api, MakeApi

pytestmark = pytest.mark.anyio
router = APIRouter(prefix="/v1/test", dependencies=[Depends(require("deposits:write"))])


@router.get("/things/{thing_id}")
async def see_thing(thing_id: str, name: str = "") -> int:
    """`name` is sent, and not kept."""
    if thing_id == "broken":
        raise AssertionError("a bug")
    if thing_id == "behind":
        raise ApiError("rate_limited", retry_after_s=1)
    return len(thing_id + name)


@pytest.fixture(autouse=True)
def _written_when_the_test_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "WRITE_EVERY_S", 3_600.0)


@pytest.fixture
async def api(make_api: MakeApi) -> AsyncIterator[Api]:
    async with make_api(routers=[router]) as running:
        yield running


def log_of(api: Api) -> RequestLog:
    return api.app.state.request_log


async def kept(api: Api, client_id: str = "bank-1", **filters: Any) -> list[LoggedRequest]:
    """What the table has of a client, after all that was noted is written."""
    await log_of(api).write()
    async with api.pool.connection() as connection:
        return await list_requests(connection, [client_id], **filters)


async def get(api: Api, token: str, path: str, request_id: str = "request-0001") -> int:
    headers = {"authorization": f"Bearer {token}", "x-request-id": request_id}
    return (await api.http.get(path, headers=headers)).status_code


async def test_a_request_is_kept_with_its_template_and_nothing_that_was_sent(api: Api) -> None:
    before = datetime.now(UTC)
    token = await api.token(await api.add_signer())
    assert await get(api, token, "/v1/test/things/secret-1?name=secret-2") == 200
    (one, of_token) = await kept(api)
    assert (one.client_id, one.method, one.route) == ("bank-1", "GET", "/v1/test/things/{thing_id}")
    assert (one.status, one.outcome, one.code, one.request_id) == (200, "ok", "", "request-0001")
    assert before <= of_token.at <= one.at <= datetime.now(UTC)
    assert 0 < one.duration_us < 60_000_000
    assert (of_token.route, of_token.status) == ("/v1/oauth/token", 200)
    assert "secret" not in repr((one, of_token))


async def test_refusals_and_failures_are_kept_with_their_codes(api: Api) -> None:
    signer = await api.add_signer("bank-2", scopes=frozenset({"deposits:write"}))
    token = await api.token(signer)
    assert await get(api, token, "/v1/test/things/behind") == 429
    assert await get(api, token, "/v1/test/things/broken") == 500
    asked = await api.http.post("/v1/oauth/token", data=signer.form(scope="everything"))
    assert asked.status_code == 400
    codes = [(one.status, one.outcome, one.code) for one in await kept(api, "bank-2")]
    assert codes[:3] == [
        (400, "refused", "invalid_scope"),
        (500, "failed", "internal_error"),
        (429, "refused", "rate_limited"),
    ]
    assert [one.status for one in await kept(api, "bank-2", outcomes=("failed",))] == [500]


async def test_a_missing_permission_is_kept_and_nobody_is_not(api: Api) -> None:
    token = await api.token(await api.add_signer(role="bank", scopes=frozenset({"instructions:read"})))
    assert await get(api, token, "/v1/test/things/1") == 403
    assert await get(api, "no-token", "/v1/test/things/1", "request-0002") == 401
    assert next(one.code for one in await kept(api)) == "permission_denied"
    async with api.pool.connection() as connection:
        rows = await (
            await connection.execute("SELECT count(*) FROM escrow.api_requests WHERE status = 401")
        ).fetchall()
    assert rows == [(0,)]


async def test_a_burst_beyond_the_queue_is_dropped_and_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await api.token(await api.add_signer())
    await kept(api)
    monkeypatch.setattr(request_log, "MOST_WAITING", 3)
    answers = await asyncio.gather(*(get(api, token, f"/v1/test/things/{number}") for number in range(8)))
    assert answers == [200] * 8
    metrics = (await api.http.get("/metrics")).text
    assert "escrow_request_log_waiting 3.0" in metrics
    assert "escrow_request_log_dropped_total 5.0" in metrics
    assert len(await kept(api)) == 1 + 3
    assert "escrow_request_log_written_total 4.0" in (await api.http.get("/metrics")).text


async def test_requests_are_answered_while_the_table_is_not_there(api: Api) -> None:
    token = await api.token(await api.add_signer())
    await kept(api)
    log = log_of(api)
    async with api.pool.connection() as connection:
        await connection.execute("ALTER TABLE escrow.api_requests RENAME TO elsewhere")
    assert await get(api, token, "/v1/test/things/1") == 200
    with pytest.raises(psycopg.errors.UndefinedTable):
        await log.write()
    assert log.dropped == 1
    async with api.pool.connection() as connection:
        await connection.execute("ALTER TABLE escrow.elsewhere RENAME TO api_requests")
    assert await get(api, token, "/v1/test/things/1") == 200
    assert len(await kept(api)) == 2


async def test_requests_are_answered_while_the_table_is_locked(api: Api) -> None:
    token = await api.token(await api.add_signer())
    await kept(api)
    async with api.pool.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE escrow.api_requests IN ACCESS EXCLUSIVE MODE")
        assert await get(api, token, "/v1/test/things/1") == 200
        writing = asyncio.create_task(log_of(api).write())
        assert await get(api, token, "/v1/test/things/1") == 200
        assert not writing.done(), "it still waits, and the request did not"
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await writing
    assert log_of(api).dropped >= 1
    assert len(await kept(api)) + log_of(api).dropped == 3, "each is kept or counted"


async def test_a_server_says_once_that_it_cannot_write_and_goes_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "WRITE_EVERY_S", 0.01)
    async with _pool(database_url) as pool:
        log = RequestLog(pool, keep_days=1, clock=time.time)
        with capture_logs() as lines:
            async with log.running():
                async with pool.connection() as connection:
                    await connection.execute("ALTER TABLE escrow.api_requests RENAME TO elsewhere")
                while log.dropped < 3:
                    _note(log)
                    await asyncio.sleep(0)
                async with pool.connection() as connection:
                    await connection.execute("ALTER TABLE escrow.elsewhere RENAME TO api_requests")
                while not log.written:
                    _note(log)
                    await asyncio.sleep(0)
        assert [line["event"] for line in lines] == ["request_log_not_written", "request_log_written_again"]


async def test_what_waits_is_written_when_the_server_stops(make_api: MakeApi, database_url: str) -> None:
    async with make_api(routers=[router]) as api:
        token = await api.token(await api.add_signer())
        for number in range(5):
            await get(api, token, f"/v1/test/things/{number}", f"last-{number:04}")
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT request_id FROM escrow.api_requests ORDER BY at, entry_id").fetchall()
    assert [row[0] for row in rows[1:]] == [f"last-{number:04}" for number in range(5)]


async def test_several_servers_write_to_the_same_table(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        logs = [
            RequestLog(await stack.enter_async_context(_pool(database_url)), keep_days=1, clock=time.time)
            for _ in range(4)
        ]
        for number, log in enumerate(logs):
            for _ in range(request_log.WRITTEN_AT_ONCE + 1):
                _note(log, client_id=f"of-{number}")
        await asyncio.gather(*(log.write() for log in logs), *(log.prune() for log in logs))
        assert [log.written for log in logs] == [request_log.WRITTEN_AT_ONCE + 1] * 4
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT client_id, count(*) FROM escrow.api_requests GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert rows == [(f"of-{number}", request_log.WRITTEN_AT_ONCE + 1) for number in range(4)]


async def test_requests_are_deleted_when_they_are_too_old_some_at_a_time(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "PRUNED_AT_ONCE", 4)
    now = datetime(2026, 9, 30, tzinfo=UTC)
    limit = now - timedelta(days=30)
    instants = [limit + timedelta(seconds=s) for s in (-6, -5, -4, -3, -2, -1, 0, 1)]
    async with _pool(database_url) as pool:
        log = RequestLog(pool, keep_days=30, clock=now.timestamp)
        async with pool.connection() as connection:
            await write_requests(connection, [_answered(one.timestamp()) for one in instants])
        assert [await log.prune() for _ in range(3)] == [4, 2, 0]
        async with pool.connection() as connection:
            assert [one.at for one in await list_requests(connection, ["bank-1"])] == instants[:5:-1]
        async with pool.connection() as connection:
            await write_requests(connection, [_answered(instants[0].timestamp())])
        async with pool.connection() as connection:
            # While another server is at it there is nothing to do.
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(b"reqs", "big")])
            assert await log.prune() == 0
        assert await log.prune() == 1


async def test_a_log_of_no_days_records_nothing_and_deletes_what_was(make_api: MakeApi, database_url: str) -> None:
    async with await AsyncConnection.connect(database_url) as connection:
        await write_requests(connection, [_answered(time.time() - 1)])
    async with make_api(routers=[router], settings={"request_log_days": 0}) as api:
        token = await api.token(await api.add_signer())
        assert await get(api, token, "/v1/test/things/1") == 200
        await log_of(api).prune()
        assert await kept(api) == []
        assert (log_of(api).written, log_of(api).dropped) == (0, 0)


def _pool(url: str) -> "AsyncConnectionPool[AsyncConnection[Any]]":
    return AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=2, open=False)


def _answered(at: float) -> AnsweredRequest:
    return AnsweredRequest(at, "bank-1", "POST", "/v1/deposits", 201, "", 900, "request-0001")


def _note(log: RequestLog, *, client_id: str = "bank-1") -> None:
    log.note(
        client_id=client_id,
        method="POST",
        route="/v1/deposits",
        status=201,
        code="",
        duration_s=0.001,
        request_id="request-0001",
    )
