"""A process that winds an institution up, each time by the same requests: `URL ACCOUNT`. It may be killed anywhere."""

import sys
from uuid import UUID

import uvloop

from ledger.application.continuity import carry_out_transfers
from ledger.application.wind_down import distribute_claims, start_wind_down
from tests.application.ending_town import caller, new_ledger


async def run(url: str, account_id: UUID) -> None:
    async with new_ledger(url) as ledger:
        start = caller(f"start-{account_id}")
        await start_wind_down(ledger, start, account_id=account_id, reason="order", on=ledger.today())
        await distribute_claims(ledger, caller(f"share-{account_id}"), account_id=account_id, on=ledger.today())
        await carry_out_transfers(ledger, "clock:test", account_id)


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], UUID(sys.argv[2])))
