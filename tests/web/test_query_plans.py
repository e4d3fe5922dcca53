"""No page reads a log from end to end: with a long history, the server scans it by its indexes alone."""

import re
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import AsyncConnection

from api.web.audiences import AUDIENCES
from ledger.application.request_log import AnsweredRequest, write_requests
from ledger.domain.commands import PostDeposit
from tests.projections.log_writer import DAY, account_id, writing
from tests.web.site_over import STAFF, Site, site_over

pytestmark = pytest.mark.anyio
EVENTS = 12_000
BATCH = 2_000
VISITORS = ("parent", "institution", "bank", "city", "operator")
STREAMS_AND_FILES = re.compile(r"/live|.*(\.(zip|pdf|xlsx|json)|/file)")
NOBODYS = "00000000-0000-7000-8000-000000000000"
_SCANS = "SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = 'escrow' AND relname = %s"


def scans(url: str, table: str = "events") -> int:
    """How often the log was read from end to end by connections that have ended."""
    with psycopg.connect(url) as connection:
        row = connection.execute(_SCANS, [table]).fetchone()
    assert row is not None
    return row[0]


def a_long_history(url: str) -> str:
    """An account with so many deposits that reading them all is not worth it for any page."""
    busy = account_id(9)
    with writing(url) as writer:
        writer.open(busy)
        writer.sign(busy, "c-busy", price_fen=EVENTS, lessons=10)
        for start in range(0, EVENTS, BATCH):
            writer.do(
                *(
                    PostDeposit(
                        account_id=busy,
                        effective_on=DAY,
                        bank="ICBK",
                        bank_reference=f"busy-{number}",
                        amount_fen=1,
                        contract_reference="c-busy",
                        payer_route="route",
                        suspense_id=f"suspense-{number}",
                        digest="0" * 64,
                    )
                    for number in range(start, start + BATCH)
                )
            )
        writer.connection.execute("ANALYZE escrow.events")
    return str(busy)


async def look_at_every_page(site: Site, who: str, places: dict[str, str]) -> set[str]:
    """The paths of the pages that the visitor was shown."""
    role = STAFF[who][0] if who in STAFF else "parent"
    shown: set[str] = set()
    async with site.signed_in(who) as visitor:
        for route in (route for audience in AUDIENCES for route in audience.routes):
            if route.method != "GET" or role not in route.roles or STREAMS_AND_FILES.fullmatch(route.path):
                continue
            path = re.sub(r"{([^}]+)}", lambda found: places.get(found.group(1), NOBODYS), route.path)
            if (await visitor.get(path)).status_code == 200:
                shown.add(route.path)
    return shown


async def test_no_page_reads_the_log_from_end_to_end(database_url: str, tmp_path: Path) -> None:
    busy = a_long_history(database_url)
    before = scans(database_url)
    shown: set[str] = set()
    async with site_over(database_url, tmp_path) as site:
        contract_id = await site.town.paid_contract()
        for who in VISITORS:
            own = busy if who == "city" else site.town.account_id
            places = {"account_id": own, "contract_id": contract_id, "version": "2"}
            shown |= await look_at_every_page(site, who, places)
    assert {
        "/regulator",
        "/regulator/accounts",
        "/regulator/accounts/{account_id}/history",
        "/regulator/accounts/{account_id}/as-of",
        "/regulator/alerts",
        "/regulator/districts",
        "/institution",
        "/institution/accounts/{account_id}",
        "/bank",
        "/bank/requests",
        "/operator/requests",
        "/parent",
        "/parent/contracts/{contract_id}",
    } <= shown
    assert scans(database_url) == before


async def test_reading_the_log_from_end_to_end_would_be_seen(database_url: str) -> None:
    a_long_history(database_url)
    before = scans(database_url)
    async with await AsyncConnection.connect(database_url) as connection:
        await connection.execute("SELECT count(*) FROM escrow.events WHERE topic = 'account.opened'")
    assert scans(database_url) == before + 1


async def test_no_page_reads_the_request_log_from_end_to_end(database_url: str, tmp_path: Path) -> None:
    now = time.time()
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        for who in ("bank", "other_bank"):
            noted = [
                AnsweredRequest(now - 0.1 * number, who, "GET", "/v1/accounts", 200, "", 1, f"{who}-{number:06}")
                for number in range(EVENTS)
            ]
            await write_requests(connection, noted)
        await connection.execute("ANALYZE escrow.api_requests")
    before = scans(database_url, "api_requests")
    filters = ("", "?client=bank", "?outcome=failed", "?request=bank-000001", f"?before={int(now) * 1_000_000}-1")
    async with site_over(database_url, tmp_path) as site:
        for who in ("bank", "operator"):
            async with site.signed_in(who) as visitor:
                for one in filters:
                    page = await visitor.get(f"/{who}/requests{one}")
                    assert page.status_code == 200
                    assert ("<code>bank-" in page.text) == ("failed" not in one)
        assert await site.town.app.state.request_log.prune() == 0
    assert scans(database_url, "api_requests") == before
