"""Request ids, security headers, body limits, metrics, logs, health, and the reference pages."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from api.health import ReadinessCheck
from api.metrics import GaugeReading
from tests.api.conftest import MakeApi

pytestmark = pytest.mark.anyio
router = APIRouter(prefix="/v1/test")


@router.get("/things/{thing_id}")
async def see_thing(thing_id: str) -> int:
    return len(thing_id)


@router.post("/json")
async def take_json(body: dict[str, int]) -> int:
    return len(body)


async def take_bytes(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


router.routes.append(Route("/v1/test/bytes", take_bytes, methods=["POST"]))


async def test_well_formed_request_id_is_kept_and_others_are_replaced(make_api: MakeApi) -> None:
    async with make_api() as api:
        kept = await api.http.get("/livez", headers={"x-request-id": "bank-2026-11-22:000001"})
        assert kept.headers["x-request-id"] == "bank-2026-11-22:000001"
        for bad in ("short", "x" * 129, "with space in it", 'quote"d-and-more', "<script>alert</script>"):
            answer = await api.http.get("/livez", headers={"x-request-id": bad})
            assert answer.headers["x-request-id"] != bad
            assert len(answer.headers["x-request-id"]) == 36


async def test_answers_carry_security_headers(make_api: MakeApi) -> None:
    async with make_api() as api:
        for path in ("/livez", "/nothing-here", "/docs", "/openapi.json"):
            headers = (await api.http.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"].startswith("default-src 'self'")
        assert (await api.http.get("/livez")).headers["cache-control"] == "no-store"
        assert "max-age" in (await api.http.get("/docs")).headers["cache-control"]


async def test_body_at_the_limit_is_read_and_above_it_refused(make_api: MakeApi) -> None:
    async with make_api(routers=[router], settings={"request_body_limit_bytes": 1024}) as api:

        async def chunks(size: int) -> AsyncIterator[bytes]:
            for _ in range(size // 64):
                yield b"x" * 64
            yield b"x" * (size % 64)

        for content in (b"x" * 1024, chunks(1024)):
            answer = await api.http.post("/v1/test/bytes", content=content)
            assert (answer.status_code, answer.text) == (200, "1024")
        json_body = b'{"a": 1' + b" " * 1024 + b"}"

        async def json_chunks() -> AsyncIterator[bytes]:
            yield json_body

        for path, content in (
            ("/v1/test/bytes", b"x" * 1025),
            ("/v1/test/bytes", chunks(1025)),
            ("/v1/test/json", json_body),
            ("/v1/test/json", json_chunks()),
            ("/nothing-here", b"x" * 1025),
        ):
            headers = {"content-type": "application/json"}
            answer = await api.http.post(path, content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
            assert answer.json()["figures"] == {"limit_bytes": 1024}


async def test_metrics_count_by_template_and_never_by_path(make_api: MakeApi) -> None:
    def lag() -> list[GaugeReading]:
        name = "escrow_projection_lag_events"
        return [GaugeReading(name, "Events not yet read.", 3, {"view": view}) for view in ("balances", "alerts")]

    async with make_api(routers=[router], services={"gauges": [lag]}) as api:
        await api.http.get("/v1/test/things/secret-1")
        await api.http.get("/v1/test/things/secret-2")
        await api.http.get("/secret-3")
        await api.http.post("/v1/test/bytes", content=b"x")
        await api.http.request("SECRET", "/secret-4")
        text = (await api.http.get("/metrics")).text
        assert 'escrow_http_requests_total{method="GET",route="/v1/test/things/{thing_id}",status="200"} 2.0' in text
        assert 'escrow_http_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
        assert 'escrow_http_requests_total{method="POST",route="/v1/test/bytes",status="200"} 1.0' in text
        assert 'method="(other)"' in text
        assert "escrow_http_requests_in_flight 1.0" in text
        assert 'escrow_projection_lag_events{view="alerts"} 3.0' in text
        assert "secret" not in text.lower()


async def test_access_log_has_the_template_the_client_and_no_path(make_api: MakeApi) -> None:
    async with make_api(routers=[router]) as api:
        signer = await api.add_signer()
        with capture_logs() as lines:
            await api.token(signer)
            await api.http.get("/v1/test/things/secret-1?name=secret-2", headers={"x-request-id": "request-0001"})
            await api.http.get("/livez")
        token_line, thing_line = lines
        assert token_line["client_id"] == "bank-1"
        assert thing_line["request_id"] == "request-0001"
        assert thing_line["route"] == "/v1/test/things/{thing_id}"
        assert thing_line["status"] == 200
        assert isinstance(thing_line["duration_us"], int)
        assert "secret" not in str(lines)


async def test_readiness_lists_what_does_not_hold(make_api: MakeApi) -> None:
    state: dict[str, str | None] = {"writer": None}

    async def writer() -> str | None:
        return state["writer"]

    async def never() -> str | None:
        await asyncio.Event().wait()
        return None

    checks = [ReadinessCheck("writer", writer)]
    async with make_api(services={"readiness": checks}) as api:
        ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "checks": {"database": "ok", "access": "ok", "writer": "ok"}},
        )
        state["writer"] = "stopped"
        answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["writer"]) == (503, "stopped")
        checks_before = answer.json()["checks"]
        assert checks_before["database"] == "ok"
    async with make_api(services={"readiness": [ReadinessCheck("slow", never)]}) as api:
        answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["slow"]) == (503, "no answer within 2 s")


async def test_lost_database_makes_the_server_unready_but_alive(make_api: MakeApi) -> None:
    async with make_api() as api:
        await api.pool.close()
        answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failed: PoolClosed")
        assert (await api.http.get("/livez")).json() == {"status": "alive"}


async def test_background_parts_live_inside_the_pool(make_api: MakeApi) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def part() -> AsyncGenerator[None, None]:
        seen.append("entered")
        yield
        seen.append("left")

    async with make_api(services={"background": [part]}):
        assert seen == ["entered"]
    assert seen == ["entered", "left"]


async def test_version_names_the_program(make_api: MakeApi) -> None:
    async with make_api() as api:
        body = (await api.http.get("/version")).json()
        assert (body["name"], body["api"]) == ("escrow-ledger", "v1")


async def test_reference_pages_need_nothing_from_elsewhere(make_api: MakeApi) -> None:
    async with make_api() as api:
        page = (await api.http.get("/docs")).text
        assert "/v1/oauth/token" in page
        assert "<script" not in page
        assert "http://" not in page.replace("http://127.0.0.1", "")
        assert (await api.http.get("/docs/style.css")).headers["content-type"].startswith("text/css")
        problem = await api.http.get("/problems/permission_denied")
        assert "没有权限" in problem.text
        assert (await api.http.get("/problems/unheard_of")).status_code == 404


async def test_openapi_document_is_complete(make_api: MakeApi) -> None:
    async with make_api() as api:
        document = (await api.http.get("/openapi.json")).json()
        assert document["openapi"].startswith("3.1")
        for path, item in document["paths"].items():
            for method, operation in item.items():
                assert operation["summary"], (method, path)
        assert "/docs" not in document["paths"]
