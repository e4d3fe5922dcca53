"""Orders as payment files: what may go is put into a message once, and its file is there whenever it is wanted."""

from typing import Final

from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.payment_content import MessageFormat, write_message
from ledger.application.payment_messages import finished_content, list_messages, make_message
from ledger.projections import instructions

pages = Pages({"message_made": Notice("付款文件已生成，可下载。", "The message is made; its file can be taken.")})
FORMATS: Final[dict[MessageFormat, tuple[str, str]]] = {
    "pain.001": ("application/xml", "xml"),
    "csv": ("text/csv; charset=utf-8", "csv"),
}
MOST: Final = 200


@pages.get("/bank/messages", "bank")
async def messages(call: PageCall) -> Response:
    bank = call.principal.bank or ""
    made = await list_messages(call.pool, bank, limit=MOST)
    async with call.pool.connection() as connection:
        payable = await instructions.list_page(connection, scope=call.scope, payable=True, limit=MOST)
        waiting = await instructions.list_page(connection, scope=call.scope, state="pending", limit=MOST)
    return call.page(
        "bank/messages.html",
        messages=[record for _, record in made][::-1],
        payable=payable,
        unchecked=[order for order in waiting if order.needs_approval],
        most=MOST,
    )


@pages.post("/bank/messages", "bank")
async def make(call: PageCall) -> Response:
    await make_message(call.ledger, call.reader, call.caller(), bank=call.principal.bank or "")
    await call.reader.catch_up()  # the page shows them in their message, not as orders that may go into another
    return call.go_to("/bank/messages", done="message_made")


@pages.get("/bank/messages/{message_id}/file", "bank")
async def take(call: PageCall) -> Response:
    form = call.picked("format", FORMATS) or "pain.001"
    content = await finished_content(call.pool, call.principal.bank or "", call.path("message_id"))
    media, ending = FORMATS[form]
    headers = {"content-disposition": f'attachment; filename="{content.message_id}.{ending}"'}
    return Response(await write_message(content, form, call.books.creditors), media_type=media, headers=headers)
