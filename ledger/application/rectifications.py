"""Use case of the institution about a case: saying what it put right. It sees the demand and not the case."""

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record
from ledger.domain.commands.cases import AnswerRectification
from ledger.domain.errors import LedgerError
from ledger.projections import case_queries
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome

_MOST = 10_000


async def answer_rectification(
    ledger: Ledger, reader: Reader, caller: Caller, command: AnswerRectification, *, scope: Scope
) -> Outcome:
    """Record the answer to a demand that is in the scope. Raises `rectification_not_found`, `case_closed`."""
    for fresh in (False, True):
        if fresh:
            await reader.catch_up()
        async with reader.pool.connection() as connection:
            items = await case_queries.list_rectifications(
                connection, scope=scope, case_id=str(command.account_id), limit=_MOST
            )
        if any(item.item_id == command.item_id for item in items):
            return await record(ledger, caller, command)
    raise LedgerError("rectification_not_found", item_id=command.item_id)
