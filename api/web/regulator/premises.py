"""What the alert rules compare an institution's lessons and fees with: opening hours, rooms, and months' timetables."""

from datetime import date, time
from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.routes.detection import Premises, Timetable
from api.web.form_bodies import body_of
from api.web.page_call import Notice, PageCall, fen_of_yuan
from api.web.reconciled import confirmed_of
from api.web.regulator.accounts import supervised_account
from api.web.site import Pages
from ledger.application.recording import record
from ledger.domain.commands import RecordPremises, RecordTimetable
from ledger.domain.errors import LedgerError
from ledger.domain.events import TimetableCourse
from ledger.projections import alert_queries
from ledger.storage.requests import Outcome

pages = Pages(
    {
        "premises_recorded": Notice("营业时间与教室已记录。", "Opening hours and rooms are recorded."),
        "timetable_recorded": Notice("课表已记录，并与当月收费比对。", "Compared with the month's fees."),
    }
)
OPENS: Final = time(8)
CLOSES: Final = time(20, 30)
"""What the form begins with where nothing was recorded."""


@pages.get("/regulator/accounts/{account_id}/premises", "regulator")
async def premises(call: PageCall) -> Response:
    row = await supervised_account(call)
    async with call.pool.connection() as connection:
        observed = await alert_queries.observed(connection, row.account_id)
    months = sorted({*observed.expected_fen, *observed.received_fen}, reverse=True)
    return call.page(
        "regulator/premises.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        premises=observed.premises,
        opens=OPENS if observed.premises is None else observed.premises.opens_at,
        closes=CLOSES if observed.premises is None else observed.premises.closes_at,
        months=[(month, observed.expected_fen.get(month), observed.received_fen.get(month, 0)) for month in months],
        last_month=_month_before(call.ledger.today()),
    )


@pages.post("/regulator/accounts/{account_id}/premises", "regulator")
async def record_premises(call: PageCall) -> Response:
    row = await supervised_account(call)
    rooms: dict[str, str] = {}
    for number, (room, takes) in call.lines("rooms", 2):
        if room in rooms:
            raise LedgerError("form_line_wrong", field="rooms", line=number)
        rooms[room] = takes
    hours = {name: _to_the_second(call.text(name, 8)) for name in ("opens_at", "closes_at")}
    body = body_of(Premises, hours | {"rooms": rooms})
    said = RecordPremises(
        account_id=UUID(row.account_id),
        effective_on=call.ledger.today(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        rooms=dict(body.rooms),
    )
    return _back(call, "premises_recorded", await record(call.ledger, call.caller(), said))


@pages.post("/regulator/accounts/{account_id}/timetables", "regulator")
async def record_timetable(call: PageCall) -> Response:
    row = await supervised_account(call)
    courses: list[dict[str, str | int]] = []
    for number, (course_id, seats, price) in call.lines("courses", 3):
        price_fen = fen_of_yuan(price)
        if price_fen is None:
            raise LedgerError("form_line_wrong", field="courses", line=number)
        courses.append({"course_id": course_id, "seats": seats, "price_fen": price_fen})
    body = body_of(Timetable, {"month_starts_on": f"{call.text('month', 7)}-01", "courses": courses})
    said = RecordTimetable(
        account_id=UUID(row.account_id),
        effective_on=call.ledger.today(),
        month_starts_on=body.month_starts_on,
        courses=tuple(
            TimetableCourse(course_id=one.course_id, seats=one.seats, price_fen=one.price_fen) for one in body.courses
        ),
    )
    return _back(call, "timetable_recorded", await record(call.ledger, call.caller(), said))


def _to_the_second(text: str) -> str:
    """A time of day as the route takes it; browsers send `08:00`."""
    return f"{text}:00" if len(text) == len("08:00") else text


def _month_before(today: date) -> str:
    """`2026-08`: the latest month that is over."""
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year:04}-{month:02}"


def _back(call: PageCall, done: str, outcome: Outcome) -> Response:
    path = f"/regulator/accounts/{call.path('account_id')}/premises"
    return call.go_to(path, done=done, at_least=f"{outcome.partition}:{outcome.position}")
