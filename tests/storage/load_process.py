"""A process under load: deposits from many callers, each named on standard output when asked and when acknowledged.

Run as `python -m tests.storage.load_process URL NAME CALLERS COMMANDS ACCOUNT...`. Lines: `ask REFERENCE`, then
`ack REFERENCE PARTITION POSITION VERSION` or `no REFERENCE CODE`; `ready` before the first, `done` after the last.
"""

import asyncio
import os
import sys
from uuid import UUID

import uvloop

from ledger.domain.errors import LedgerError
from tests.storage.commands import deposit, keyed, new_ledger


def say(line: str) -> None:
    os.write(1, (line + "\n").encode())


async def run(url: str, name: str, callers: int, commands: int, accounts: list[UUID]) -> None:
    async with new_ledger(url) as ledger:
        say("ready")

        async def caller(number: int) -> None:
            for n in range(commands):
                account_id = accounts[(number * 7919 + n * 104_729) % len(accounts)]
                reference = f"{name}-{number}-{n}"
                say(f"ask {reference} {account_id}")
                try:
                    outcome = await ledger.execute(keyed(deposit(account_id, reference)))
                except LedgerError as refusal:
                    say(f"no {reference} {refusal.code}")
                else:
                    say(f"ack {reference} {outcome.partition} {outcome.position} {outcome.version}")

        await asyncio.gather(*(caller(number) for number in range(callers)))
    say("done")


if __name__ == "__main__":
    _, url, name, callers, commands, *accounts = sys.argv
    uvloop.run(run(url, name, int(callers), int(commands), [UUID(account) for account in accounts]))
