"""Whether the bank has confirmed what an account's page shows, and through which day: told at the foot of the page."""

from api.web.page_call import PageCall
from ledger.projections.balances import AccountBalance
from ledger.projections.reconciliation_queries import Confirmation, confirmation


async def confirmed_of(call: PageCall, account: AccountBalance) -> Confirmation:
    """How far the bank has confirmed the account's cash as it is now."""
    async with call.pool.connection() as connection:
        return await confirmation(connection, account.account_id, cash_fen=account.cash, on=call.ledger.today())
