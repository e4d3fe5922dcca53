"""The access log of the pages, as far as the regulator may read it.

The whole city's regulator reads all of it; a district's reads the visits of visitors of its own districts; one that is
narrowed to authorities its own. Whoever looked at an account under `/regulator/accounts/` is told to all who
supervise it.
"""

from typing import Any, Final

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.sign_in.visits import list_visits

pages = Pages()
MOST: Final = 100


@pages.get("/regulator/visits", "regulator")
async def list_seen(call: PageCall) -> Response:
    asked = call.query("account")
    account = await call.reader.account(asked, call.scope) if asked else None
    before = call.query("before") or ""
    narrowed: dict[str, Any] = {"actor": call.query("actor")}
    if account is not None:
        narrowed["path_prefix"] = f"/regulator/accounts/{account.account_id}"
    else:
        narrowed |= _own(call)
    async with call.pool.connection() as connection:
        visits = await list_visits(
            connection,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
            limit=MOST + 1,
            **narrowed,
        )
    more = str(visits[MOST - 1].visit_id) if len(visits) > MOST else None
    return call.page("regulator/visits.html", visits=visits[:MOST], more=more, account=account)


def _own(call: PageCall) -> dict[str, Any]:
    """What of the log a regulator reads who asks for no account."""
    scope = call.scope
    if scope.authorities is not None:
        return {"actor": call.principal.actor}
    return {"districts": scope.districts}
