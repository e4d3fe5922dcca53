"""Published fees (收费公示): what each course costs from which day, and publishing a new price."""

from typing import Final, get_args

from starlette.responses import Response

from api.routes.fee_notices import Notice as Body
from api.web.form_bodies import body_of
from api.web.institution.contract import CATEGORIES
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.fees import publish_fee_notice, published_fees
from ledger.domain.events import NoticePeriod
from ledger.projections import balances
from ledger.projections.fee_notices import FeeNotice

pages = Pages({"fee_published": Notice("收费标准已公示。", "The fee is published.")})
PERIODS: Final[tuple[NoticePeriod, ...]] = get_args(NoticePeriod)
MOST: Final = 500


@pages.get("/institution/fees", "institution")
async def list_fees(call: PageCall) -> Response:
    found: list[FeeNotice] = []
    for institution_id in sorted(call.principal.institutions):
        found += await published_fees(
            call.pool, on=None, institution_id=institution_id, district=None, course_id=None, after=None, limit=MOST
        )
    found.sort(key=lambda one: (one.course_id, one.version), reverse=True)
    async with call.pool.connection() as connection:
        accounts = await balances.list_page(connection, scope=call.scope, limit=MOST)
    return call.page(
        "institution/fees.html",
        fees=found,
        accounts=accounts,
        periods=PERIODS,
        categories=CATEGORIES,
        today=call.ledger.today(),
    )


@pages.post("/institution/fees", "institution")
async def publish(call: PageCall) -> Response:
    names = ("account_id", "course_id", "category", "period", "minutes", "valid_from")
    said = {name: call.text(name, 64) for name in names} | {"unit_price_fen": call.fen("unit_price")}
    if call.form.get("valid_until"):
        said["valid_until"] = call.text("valid_until")
    body = body_of(Body, said)
    outcome = await publish_fee_notice(
        call.ledger,
        call.caller(),
        account_id=body.account_id,
        course_id=body.course_id,
        category=body.category,
        unit_price_fen=body.unit_price_fen,
        period=body.period,
        minutes=body.minutes,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        on=call.ledger.today(),
    )
    return call.after(outcome, "/institution/fees", done="fee_published")
