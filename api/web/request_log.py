"""The request log as a page: the requests of some clients, the latest first, with the code of each refusal."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from psycopg import AsyncConnection
from starlette.responses import Response

from api.codes import ApiError
from api.web.page_call import PageCall
from ledger.application.request_log import NEWEST, Outcome, Place, list_requests

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
MOST: Final = 50
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{8,128}")
_PLACE: Final = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def requests_page(call: PageCall, connection: AsyncConnection[Any], clients: Sequence[str]) -> Response:
    """The page over these clients, who are all that the visitor may see. Errors: ApiError `cursor_malformed`."""
    asked, outcome, request_id = call.query("client"), call.picked("outcome", OUTCOMES), call.query("request")
    rows = []
    if request_id is None or _REQUEST_ID.fullmatch(request_id):
        rows = await list_requests(
            connection,
            [one for one in clients if asked in (None, one)],
            outcomes=OUTCOMES if outcome is None else (outcome,),
            request_id=request_id,
            before=_place_of(call.query("before")),
            limit=MOST + 1,
        )
    return call.page(
        "requests.html",
        requests=rows[:MOST],
        more=_written(rows[MOST - 1].at, rows[MOST - 1].entry_id) if len(rows) > MOST else None,
        clients=clients,
        outcomes=OUTCOMES,
        keep_days=call.services.settings.request_log_days,
    )


def _place_of(text: str | None) -> Place:
    if text is None:
        return NEWEST
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ApiError("cursor_malformed")
    return Place(_EPOCH + timedelta(microseconds=int(found.group(1))), int(found.group(2)))


def _written(at: datetime, entry_id: int) -> str:
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{entry_id}"
