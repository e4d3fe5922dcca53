"""The demonstration's desk: whom to be, three stories to follow, and the town's clock. No other server has it."""

import json
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from pyotp.totp import TOTP
from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.caller import Caller, key_of
from ledger.application.daily_close import daily_close
from ledger.application.ledger import CHINA
from ledger.domain.errors import LedgerError
from ledger.notifications.code_delivery import CODE_FILE
from ledger.projections.paging import EVERYTHING
from ledger.simulation.clock import StoryClock

DESK_FILE: Final = "desk.json"
MOST_DAYS: Final = 31
MORNING: Final = time(9)


class DemoUser(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a visitor may be. `secret` is the authenticator's."""

    user_id: str
    role: str
    password: str
    secret: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One story of the tour: what happened, and where to look, as whom."""

    title: str
    title_zh: str
    text: str
    text_zh: str
    path: str
    user_id: str


class DeskFile(msgspec.Struct, frozen=True, kw_only=True):
    """What the demonstration tells its server's desk."""

    users: list[DemoUser]
    contracts: list[str]
    stories: list[Story]


def desk_pages(data_dir: Path, clock: StoryClock) -> Pages:
    """The desk over the file that the demonstration wrote, and the story's clock."""
    pages = Pages(
        {
            "clock_moved": Notice(
                "时钟已拨动，期间各日已日终。", "The clock is moved, and the days between are closed."
            ),
            "clock_paused": Notice("时钟已暂停。", "The clock stands still."),
            "clock_running": Notice("时钟继续走动。", "The clock runs on."),
        }
    )

    @pages.get("/demo")
    async def desk(call: PageCall) -> Response:
        told = msgspec.json.decode((data_dir / DESK_FILE).read_bytes(), type=DeskFile)
        codes = [(user, TOTP(user.secret).at(int(call.services.clock()))) for user in told.users]
        return call.page(
            "demo_desk.html",
            codes=codes,
            contracts=told.contracts,
            stories=told.stories,
            sent=_last_code(data_dir),
            paused=clock.is_paused,
        )

    @pages.post("/demo/clock")
    async def turn(call: PageCall) -> Response:
        match call.choice("turn", ("pause", "resume", "advance")):
            case "pause":
                clock.pause()
                return call.go_to("/demo", done="clock_paused")
            case "resume":
                clock.resume()
                return call.go_to("/demo", done="clock_running")
            case _:
                await _advance(call, clock, call.whole("days"))
                return call.go_to("/demo", done="clock_moved")

    return pages


async def _advance(call: PageCall, clock: StoryClock, days: int) -> None:
    """Day by day: the day that ends is closed over the whole city, and the next one begins at nine."""
    if not 1 <= days <= MOST_DAYS:
        raise LedgerError("form_field_wrong", field="days")
    for _ in range(days):
        today = call.ledger.today()
        key = key_of("demo desk", today.isoformat())
        await call.reader.catch_up()
        caller = Caller(actor="clock:demo-desk", idempotency_key=key, request_hash=key.bytes)
        await daily_close(call.ledger, call.reader, caller, scope=EVERYTHING, on=today)
        clock.set(datetime.combine(today + timedelta(days=1), MORNING, CHINA))


def _last_code(data_dir: Path) -> dict[str, Any] | None:
    path = data_dir / CODE_FILE
    if not path.exists():
        return None
    return json.loads(path.read_text().splitlines()[-1])
