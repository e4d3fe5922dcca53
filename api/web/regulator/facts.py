"""What a registry or an inspection saw at an institution: another legal person, less capital, a head-count ...."""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from starlette.responses import Response

from api.routes.detection import InstitutionFact
from api.web.form_bodies import body_of
from api.web.page_call import Notice, PageCall
from api.web.reconciled import confirmed_of
from api.web.regulator.accounts import supervised_account
from api.web.rendering import percent, yuan
from api.web.site import Pages
from ledger.application.recording import record
from ledger.domain.commands import RecordInstitutionFact
from ledger.domain.events import FactKind
from ledger.projections import alert_queries

pages = Pages(
    {"fact_recorded": Notice("该事实已记录，并与预警规则比对。", "The fact is recorded, and the rules look at it.")}
)


class Numbers(NamedTuple):
    """The numbers that a kind of fact has: how they are read from a form and shown, and what stands before them."""

    read: Callable[[PageCall, str], int]
    show: Callable[[int], str]
    labels: dict[str, tuple[str, str]]


KINDS: Final[dict[FactKind, Numbers | None]] = {
    "legal_person_changed": None,
    "capital_cut": Numbers(
        PageCall.fen,
        yuan,
        {
            "before": ("原注册资本（元）", "Capital before (CNY)"),
            "value": ("现注册资本（元）", "Capital now (CNY)"),
        },
    ),
    "teachers_left": Numbers(
        PageCall.whole,
        str,
        {"before": ("原教师人数", "Teachers before"), "value": ("现教师人数", "Teachers now")},
    ),
    "promotion_spike": Numbers(PageCall.fen, percent, {"value": ("降价幅度（%）", "Discount (%)")}),
    "head_count": Numbers(PageCall.whole, str, {"value": ("现场学员人数", "Pupils counted")}),
}
"""A discount is basis points: per cent with two decimals, as fen are yuan with two."""


@pages.get("/regulator/accounts/{account_id}/facts", "regulator")
async def facts(call: PageCall) -> Response:
    row = await supervised_account(call)
    async with call.pool.connection() as connection:
        observed = await alert_queries.observed(connection, row.account_id)
    seen = [
        (kind, date.fromordinal(observed.signs[kind].day), observed.signs[kind], numbers)
        for kind, numbers in KINDS.items()
        if kind in observed.signs
    ]
    return call.page(
        "regulator/facts.html",
        account=row,
        confirmed=await confirmed_of(call, row),
        facts=seen,
        kinds=KINDS,
        today=call.ledger.today(),
    )


@pages.post("/regulator/accounts/{account_id}/facts", "regulator")
async def record_fact(call: PageCall) -> Response:
    row = await supervised_account(call)
    kind = call.choice("kind", KINDS)
    numbers = KINDS[kind]
    read = {} if numbers is None else {name: numbers.read(call, name) for name in numbers.labels}
    body = body_of(
        InstitutionFact, {"kind": kind, "source": call.text("source"), "seen_on": call.text("seen_on", 10)} | read
    )
    said = RecordInstitutionFact(
        account_id=UUID(row.account_id),
        effective_on=body.seen_on or call.ledger.today(),
        kind=body.kind,
        value=body.value,
        before=body.before,
        source=body.source,
    )
    outcome = await record(call.ledger, call.caller(), said)
    return call.after(outcome, f"/regulator/accounts/{row.account_id}/facts", done="fact_recorded")
