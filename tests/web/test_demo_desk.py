"""The demonstration's desk: its clock stands still, runs on, and closes each day that it leaves behind."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from uuid_utils.compat import uuid7

from api.server import build_app
from api.services import Services
from api.web.demo_desk import DESK_FILE, DemoUser, DeskFile, Story, desk_pages
from ledger.application.accounts import open_account
from ledger.application.caller import Caller
from ledger.settings import Settings
from ledger.simulation.clock import StoryClock
from tests.web.site_over import HOST, Visitor

pytestmark = pytest.mark.anyio
MORNING = datetime(2026, 9, 1, 1, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXP" * 2
DESK = DeskFile(
    users=[DemoUser(user_id="regulator", role="regulator", password="demo-1", secret=SECRET)],
    contracts=["HT-0000001"],
    stories=[
        Story(
            title="A runaway",
            title_zh="卷款跑路",
            text="Look.",
            text_zh="请看。",
            path="/regulator",
            user_id="regulator",
        )
    ],
)


class Desk:
    """The desk's server with its clock, and a visitor."""

    def __init__(self, services: Services, clock: StoryClock, visitor: Visitor) -> None:
        self.services, self.clock, self.visitor = services, clock, visitor

    async def open_account(self) -> None:
        """An account whose days can be closed."""
        assert self.services.books is not None
        await open_account(
            self.services.books.ledger,
            Caller(actor="regulator:city"),
            account_id=uuid7(),
            institution_id="i-1",
            bank="ICBC",
            account_no="110914000012345678",
            district="310104",
            authorities=("310104",),
            pack="default",
            on=MORNING.date(),
        )

    async def closed_days(self) -> list[str]:
        """The days that were closed over the whole city."""
        async with self.services.pool.connection() as connection:
            cursor = await connection.execute("SELECT DISTINCT closed_on FROM escrow.day_closes ORDER BY closed_on")
            return [day.isoformat() for (day,) in await cursor.fetchall()]

    def today(self) -> str:
        assert self.services.books is not None
        return self.services.books.ledger.today().isoformat()


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A server with the desk over an empty ledger, on the story's first morning."""
    clock = StoryClock(tmp_path / "clock")
    clock.set(MORNING)
    (tmp_path / DESK_FILE).write_bytes(msgspec.json.encode(DESK))
    settings = Settings.model_validate({"database_url": database_url, "data_dir": tmp_path, "rate_limit_per_s": 0})
    app = build_app(settings, database_url, clock=clock.now, more_pages=[desk_pages(tmp_path, clock)])
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
            yield Desk(app.state.services, clock, Visitor(http))


async def test_the_desk_shows_whom_one_may_be_and_what_to_look_at(desk: Desk) -> None:
    page = await desk.visitor.get("/demo")
    assert page.status_code == 200
    for part in ("卷款跑路", "demo-1", "HT-0000001"):
        assert part in page.text
    assert "A runaway" in (await desk.visitor.get("/language/en?next=/demo")).text


async def test_the_clock_stands_still_and_runs_on(desk: Desk) -> None:
    await desk.visitor.get("/demo")
    paused = await desk.visitor.post("/demo/clock", turn="pause")
    assert "时钟已暂停" in paused.text
    assert desk.clock.is_paused
    assert "时钟继续走动" in (await desk.visitor.post("/demo/clock", turn="resume")).text
    assert not desk.clock.is_paused
    assert await desk.closed_days() == []


async def test_a_day_on_closes_the_day_that_ends(desk: Desk) -> None:
    await desk.open_account()
    on = await desk.visitor.post("/demo/clock", turn="advance", days="1")
    assert "时钟已拨动" in on.text
    assert desk.today() == "2026-09-02"
    assert await desk.closed_days() == ["2026-09-01"]
    await desk.visitor.post("/demo/clock", turn="advance", days="2")
    assert desk.today() == "2026-09-04"
    assert await desk.closed_days() == ["2026-09-01", "2026-09-02", "2026-09-03"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"turn": "advance", "days": "0"}, "form_field_wrong"),
        ({"turn": "advance", "days": "32"}, "form_field_wrong"),
        ({"turn": "advance"}, "form_field_missing"),
        ({"turn": "back"}, "form_field_wrong"),
    ],
)
async def test_a_wrong_turn_moves_nothing(desk: Desk, form: dict[str, str], code: str) -> None:
    refused = await desk.visitor.post("/demo/clock", **form)
    assert refused.status_code == 422
    assert code in refused.text
    assert desk.today() == "2026-09-01"
