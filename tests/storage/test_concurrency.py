"""Several processes write at once: everything acknowledged is there once, in gap-free positions, and no reader
passes over a late event."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from ledger.storage.event_sourcing import LedgerApplication
from ledger.storage.recorder import LedgerRecorder
from tests.conftest import PARTITIONS
from tests.storage.commands import new_ledger, open_accounts
from tests.storage.load import Said, require_whole, start

pytestmark = pytest.mark.anyio
PROCESSES = 3


def _until_end(process: "subprocess.Popen[str]") -> tuple[str, str]:
    return process.communicate(timeout=240)


@pytest.mark.parametrize(("accounts", "callers", "commands"), [(1, 32, 40), (1_000, 32, 40)])
async def test_acknowledged_commands_of_three_processes_are_there_once(
    database_url: str, accounts: int, callers: int, commands: int
) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, accounts)
    said = Said()
    processes = [
        start(database_url, f"p{number}", callers=callers, commands=commands, accounts=ids)
        for number in range(PROCESSES)
    ]
    with ThreadPoolExecutor(PROCESSES) as readers:  # at once: who cannot write on would keep its locks
        heard = list(readers.map(_until_end, processes))
    for process, (output, errors) in zip(processes, heard, strict=True):
        assert process.returncode == 0, errors
        said.hear(output)
    assert len(said.acknowledged) == PROCESSES * callers * commands
    require_whole(database_url, said)
    application = LedgerApplication(database_url, PARTITIONS)
    try:
        total = sum(application.account(account_id).buckets.cash for account_id in ids)
    finally:
        application.close()
    assert total == 100 * len(said.acknowledged)


def test_a_reader_never_passes_over_a_late_event(database_url: str) -> None:
    """The first writer takes its positions and waits; the second one's events come after it, for every reader."""
    append = (
        "SELECT escrow.append(0, NULL, now(), ARRAY[%s]::uuid[], ARRAY[1]::bigint[], ARRAY['t'], ARRAY['{}'], "
        "ARRAY[1]::smallint[], ARRAY[NULL]::uuid[], ARRAY[NULL]::bytea[])"
    )
    late, early = UUID(int=1 << 100), UUID(int=2 << 100)
    with (
        psycopg.connect(database_url) as slow,
        psycopg.connect(database_url) as fast,
        ConnectionPool(database_url, min_size=1, connection_class=psycopg.Connection[TupleRow]) as pool,
    ):
        reader = LedgerRecorder(pool, PARTITIONS).of_partition(0)
        slow.execute(append, [late])

        def append_after() -> None:
            fast.execute(append, [early])
            fast.commit()

        second = threading.Thread(target=append_after)
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()  # waits for the first one's commit
        assert reader.select_notifications(None, 10) == []
        slow.commit()
        second.join(timeout=10)
        assert not second.is_alive()
        assert [(n.id, n.originator_id) for n in reader.select_notifications(None, 10)] == [(1, late), (2, early)]
