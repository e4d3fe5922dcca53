"""What an institution asks for ahead of time: a cost advance with its reasons, and notice of a large withdrawal."""

from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.calls import visible_to
from api.web.institution.home import own_account
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.advances import quote_advance, request_advance
from ledger.application.payouts import announce_payout

pages = Pages(
    {
        "advance_requested": Notice("预拨申请已提交银行。", "The advance is on its way to the bank."),
        "payout_announced": Notice("大额支取已预告。", "The large withdrawal is announced."),
    }
)


@pages.get("/institution/accounts/{account_id}/advance", "institution")
async def advance(call: PageCall) -> Response:
    account = await own_account(call)
    quote = await quote_advance(
        call.ledger, account_id=UUID(account.account_id), visible=visible_to(call.principal), on=call.ledger.today()
    )
    return call.page("institution/advance.html", account=account, quote=quote)


@pages.post("/institution/accounts/{account_id}/advance", "institution")
async def ask(call: PageCall) -> Response:
    account = await own_account(call)
    outcome = await request_advance(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        instruction_id=str(uuid7()),
        amount_fen=call.fen("amount"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/accounts/{account.account_id}", done="advance_requested")


@pages.post("/institution/accounts/{account_id}/announcement", "institution")
async def announce(call: PageCall) -> Response:
    account = await own_account(call)
    outcome = await announce_payout(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        amount_fen=call.fen("amount"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/accounts/{account.account_id}", done="payout_announced")
