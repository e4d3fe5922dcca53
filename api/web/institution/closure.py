"""Notice of a planned closure: told once, behind a confirmation, because the wind-down then begins by itself."""

from uuid import UUID

from starlette.responses import Response

from api.web.institution.home import own_account
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.wind_down import notify_closure
from ledger.domain.errors import LedgerError
from ledger.projections import claims

pages = Pages({"closure_notified": Notice("停办预告已提交。", "The notice of closure is given.")})


@pages.get("/institution/accounts/{account_id}/closure", "institution")
async def closure(call: PageCall) -> Response:
    account = await own_account(call)
    async with call.pool.connection() as connection:
        row = await claims.get_wind_down(connection, account.account_id, scope=call.scope)
    return call.page("institution/closure.html", account=account, row=row)


@pages.post("/institution/accounts/{account_id}/closure", "institution")
async def notify(call: PageCall) -> Response:
    account = await own_account(call)
    if call.text("confirmation", 64) != account.institution_id:
        raise LedgerError("confirmation_wrong", institution_id=account.institution_id)
    outcome = await notify_closure(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        closes_on=call.day("closes_on"),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/accounts/{account.account_id}/closure", done="closure_notified")
