"""Peak memory of a process that holds many hot accounts: `python -m benchmarks.hot_memory URL PARTITIONS ACCOUNTS`."""

import sys
from pathlib import Path

import uvloop

from benchmarks.made_up import depositing, execute_all, open_accounts
from ledger.application.ledger import Ledger

CONTRACTS = 20
DEPOSITS = 40


async def run(url: str, partitions: int, accounts: int) -> int:
    """Bytes, after every account has so many contracts and deposits."""
    async with Ledger(url, partitions) as ledger:
        ids = await open_accounts(ledger, accounts, CONTRACTS)
        for n in range(DEPOSITS):
            requests = [depositing(account_id, f"{account_id}{n}", f"c{n % CONTRACTS}") for account_id in ids]
            await execute_all(ledger, requests)
        assert ledger.writer.hot_accounts >= accounts
    return _peak_bytes()


def _peak_bytes() -> int:
    """This program's own peak: `ru_maxrss` has that of the process which started it too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    print(uvloop.run(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
