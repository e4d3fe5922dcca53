"""The operator's pages: upkeep with what is incomplete, undelivered or old, and the installation without secrets."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from ledger.application.close_record import CloseRecord
from ledger.application.operations import backed_up_at
from ledger.application.verification.runs import keep_run, latest_runs
from ledger.application.verification.verify import Verification, verify
from ledger.settings import Settings
from ledger.storage.migrate import MIGRATIONS_DIRECTORY, read_migrations
from tests.api.town import TODAY
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio
SECRET = "whsec_0123456789abcdef0123456789abcdef"


async def test_a_close_that_was_interrupted_is_marked(site: Site) -> None:
    services = site.town.app.state.services
    await site.town.post("city", "/v1/close-day", {"close_on": TODAY.isoformat()})
    async with services.pool.connection() as connection:
        await connection.set_autocommit(True)
        try:
            record = CloseRecord(connection)
            await record.begin(TODAY - timedelta(days=1), "310104", 0, asked_at=await record.now(), request_key=None)
        finally:
            await connection.set_autocommit(False)
    async with site.signed_in("operator") as visitor:
        await visitor.get("/operator/upkeep")
        text = visitor.text()
    assert "未完成：0/4个分区" in text
    assert text.count("未完成") == 1, "the whole city's close is complete"


async def test_webhooks_that_were_given_up_are_counted_without_their_contents(site: Site) -> None:
    town = site.town
    hook = {"url": "http://127.0.0.1:9/receiver-of-bank", "topics": ["refund.*"]}
    endpoint_id = await town.webhook("institution", hook)
    await town.refund()
    await town.catch_up()
    await town.delivery("institution", endpoint_id, dead=True)
    async with site.signed_in("operator") as visitor:
        page = await visitor.get("/operator/upkeep")
        row = page.text.split(endpoint_id)[1].split("</tr>")[0]
    assert ">1</td>" in row
    assert "receiver-of-bank" not in page.text
    assert "refund." not in row


async def test_a_verification_is_kept_and_its_differences_are_shown(site: Site) -> None:
    services = site.town.app.state.services
    url: str = site.town.app.state.services.books.ledger.url
    async with site.signed_in("operator") as visitor:
        assert "从未核验" in (await visitor.get("/operator/upkeep")).text
        found = await asyncio.to_thread(verify, url, processes=1)
        assert keep_run(url, found)
        await visitor.get("/operator/upkeep")
        assert "一致" in visitor.text()
        wrong = Verification(
            events=7,
            commands=7,
            accounts=1,
            unique_keys=1,
            snapshots=0,
            views=("days",),
            took_s=0.5,
            counts={"unique_key_missing": 2},
            differences=[],
        )
        assert keep_run(url, wrong)
        await visitor.get("/operator/upkeep")
        assert "unique_key_missing 2" in visitor.text()
    async with services.pool.connection() as connection:
        runs = await latest_runs(connection, limit=10)
    assert [(run.events, run.counts) for run in runs] == [(7, {"unique_key_missing": 2}), (found.events, {})]


def test_runs_are_added_and_never_changed(database_url: str) -> None:
    assert keep_run(database_url, verify(database_url, processes=1))
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE escrow.verifications SET counts = '{}'")


def test_a_run_over_a_store_that_may_only_be_read_is_not_kept(database_url: str) -> None:
    found = verify(database_url, processes=1)
    mark = "&" if "?" in database_url else "?"
    read_only = f"{database_url}{mark}options=-c%20default_transaction_read_only%3Don"
    assert not keep_run(read_only, found)
    assert keep_run(database_url, found)


async def test_the_installation_is_shown_without_secrets(site: Site) -> None:
    services = site.town.app.state.services
    before = services.settings
    services.settings = before.model_copy(
        update={
            "code_gateway_secret": SECRET,
            "oidc_client_secret": SECRET,
            "code_gateway_url": f"https://user:{SECRET}@gateway.test/send?key={SECRET}",
            "database_url": f"postgresql://escrow:{SECRET}@db.test/escrow",
        }
    )
    try:
        async with site.signed_in("operator") as visitor:
            page = await visitor.get("/operator/installation")
            home = await visitor.get("/operator")
    finally:
        services.settings = before
    assert SECRET not in page.text
    assert "https://gateway.test/send?***" in page.text
    for migration in read_migrations(MIGRATIONS_DIRECTORY):
        assert migration.label in page.text
    assert "national" in page.text
    assert "数据库" in home.text


async def test_the_age_of_the_last_backup_is_the_markers(site: Site, tmp_path: Path) -> None:
    services = site.town.app.state.services
    before: Settings = services.settings
    marker = tmp_path / "backed-up"
    async with site.signed_in("operator") as visitor:
        assert "未设置 ESCROW_BACKUP_MARKER" in (await visitor.get("/operator/upkeep")).text
        services.settings = before.model_copy(update={"backup_marker": marker})
        try:
            assert "尚无成功的备份" in (await visitor.get("/operator/upkeep")).text
            marker.touch()
            assert "（0小时前）" in (await visitor.get("/operator/upkeep")).text
            old = datetime.now(UTC) - timedelta(hours=49, minutes=30)
            os.utime(marker, (old.timestamp(), old.timestamp()))
            late = await visitor.get("/operator/upkeep")
            assert "（49小时前）" in late.text
            assert 'class="refusal"' in late.text
        finally:
            services.settings = before
    assert backed_up_at(None) is None
