"""Verification of a whole store, or of one account: partitions and views in parallel, then one report."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing.queues import SimpleQueue
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from ledger.application.verification.differences import Difference, Differences
from ledger.application.verification.partition_check import PartitionCounts, check_partition
from ledger.application.verification.unique_key_check import keys_of_no_event
from ledger.application.verification.view_check import check_view
from ledger.domain.partition import partition_of
from ledger.projections.catalogue import VIEWS

_PARTITIONS = "SELECT partitions FROM escrow.store"
_EVENTS = "SELECT coalesce(sum(position), 0)::bigint FROM escrow.heads"
_ACCOUNT_EVENTS = "SELECT coalesce(max(version), 0) FROM escrow.events WHERE partition = %s AND account_id = %s"
_OF_NO_PARTITION = """
SELECT e.partition, count(*) FROM escrow.events e
 WHERE NOT EXISTS (SELECT FROM escrow.heads h WHERE h.partition = e.partition) GROUP BY e.partition
"""
# A trigger that was dropped, switched off, narrowed, or given another function or body. 58: before update, delete and
# truncate, once a statement.
_UNGUARDED = """
SELECT w.name, w.guarded FROM (VALUES ('events_append_only', 'escrow.events'),
                                      ('unique_keys_append_only', 'escrow.unique_keys')) w (name, guarded)
 WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                    WHERE t.tgrelid = to_regclass(w.guarded) AND t.tgname = w.name AND t.tgenabled IN ('O', 'A')
                      AND t.tgtype = 58 AND t.tgqual IS NULL AND p.oid = to_regproc('escrow.refuse_change')
                      AND md5(p.prosrc) = %s)
"""
_REFUSES = "4d539472728c1f34ca366ebddc5f1fd3"
"""Digest of the body of `escrow.refuse_change`, which no migration changes."""
SMALL_STORE_EVENTS = 20_000
"""Below this the start of other processes costs more than it saves."""
_POLL_S = 0.2

Progress = Callable[[int, int], None]
"""Called with how many events were looked at so far, and how many there are."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, how long it took, and every difference found; `counts` has the number of each kind.

    `views` names the views that were compared; of many differences of one kind only the first are listed.
    """

    events: int
    commands: int
    accounts: int
    unique_keys: int
    snapshots: int
    views: tuple[str, ...]
    took_s: float
    counts: dict[str, int]
    differences: list[Difference]

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.counts


def verify(
    url: str,
    *,
    account_id: UUID | None = None,
    processes: int | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> Verification:
    """Check the store, or one account's events, keys and snapshots (views are then left aside).

    The server may go on writing: what it records meanwhile is not looked at. With `processes` None a large store is
    checked by one process a CPU. Raises psycopg.Error when the database cannot be read.
    """
    began = time.monotonic()
    differences = Differences()
    with psycopg.connect(url, autocommit=True) as connection:
        partitions = _number(connection, _PARTITIONS)
        if account_id is None:
            chosen, views = range(partitions), tuple(view.name for view in VIEWS)
            total = _number(connection, _EVENTS)
            for partition, count in connection.execute(_OF_NO_PARTITION):
                differences.add("partition_unknown", partition=partition, count=count)
            for trigger, table in connection.execute(_UNGUARDED, [_REFUSES]):
                differences.add("guard_missing", trigger=trigger, table=table)
            keys_of_no_event(connection, differences)
        else:
            partition = partition_of(account_id, partitions)
            chosen, views = (partition,), tuple[str, ...]()
            total = _number(connection, _ACCOUNT_EVENTS, partition, account_id)
    if processes is None:
        processes = 1 if total < SMALL_STORE_EVENTS else (os.cpu_count() or 1)
    jobs = [_Job(url, partitions, partition=partition, account_id=account_id) for partition in chosen]
    jobs += [_Job(url, partitions, view=view) for view in views]
    run = _run_here if processes == 1 else _run_apart
    results = run(jobs, processes, total, on_progress)
    counts = Counter(differences.counts)
    for result in results:
        counts.update(result.counts)
    looked_at = [result.looked_at for result in results if result.looked_at is not None]
    sums = PartitionCounts(*map(sum, zip(*looked_at, strict=True)))
    return Verification(
        **sums._asdict(),
        views=views,
        took_s=round(time.monotonic() - began, 3),
        counts=dict(sorted(counts.items())),
        differences=[*differences.found, *(found for result in results for found in result.found)],
    )


def _number(connection: psycopg.Connection[tuple[Any, ...]], query: str, *values: object) -> int:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row is not None else 0


class _Job(msgspec.Struct, frozen=True):
    """One partition, or one view."""

    url: str
    partitions: int
    partition: int | None = None
    view: str = ""
    account_id: UUID | None = None


class _Result(msgspec.Struct, frozen=True):
    looked_at: PartitionCounts | None
    counts: dict[str, int]
    found: list[Difference]


def _do(job: _Job, on_events: Callable[[int], None]) -> _Result:
    differences = Differences()
    looked_at = None
    if job.partition is None:
        check_view(job.url, job.view, differences)
    else:
        looked_at = check_partition(
            job.url, job.partition, job.partitions, differences, account_id=job.account_id, on_events=on_events
        )
    return _Result(looked_at, dict(differences.counts), differences.found)


def _run_here(jobs: list[_Job], _: int, total: int, on_progress: Progress) -> list[_Result]:
    done = 0

    def on_events(count: int) -> None:
        nonlocal done
        done += count
        on_progress(done, total)

    return [_do(job, on_events) for job in jobs]


# What a worker process reports its progress to.
_reports: "SimpleQueue[int] | None" = None


def _begin_worker(reports: "SimpleQueue[int]") -> None:
    global _reports
    _reports = reports


def _do_apart(job: _Job) -> _Result:
    assert _reports is not None
    return _do(job, _reports.put)


def _run_apart(jobs: list[_Job], processes: int, total: int, on_progress: Progress) -> list[_Result]:
    context = multiprocessing.get_context("spawn")
    reports: SimpleQueue[int] = context.SimpleQueue()
    done = 0
    with ProcessPoolExecutor(processes, context, _begin_worker, (reports,)) as pool:
        futures = [pool.submit(_do_apart, job) for job in jobs]
        waiting: set[Future[_Result]] = set(futures)
        while waiting:
            _, waiting = wait(waiting, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            while not reports.empty():
                done += reports.get()
            on_progress(done, total)
        return [future.result() for future in futures]
