"""Importing a bank's file: each entry is booked or refused with its place and reason, each statement then recorded."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from ledger.application.caller import Caller
from ledger.application.dry_run import DryRun
from ledger.application.entry_booking import NEXT_AFTER, EntryBooking, Plan
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, require_day, take_batch_key
from ledger.bank.content import Source
from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout
from ledger.bank.entries import BankEntry, FileFacts, OpenedFile, Statement
from ledger.bank.entry_kinds import is_instruction_like
from ledger.bank.findings import EntryRefused, StatementRefused
from ledger.bank.reading import open_bank_file
from ledger.domain.commands import RecordBankStatement
from ledger.domain.errors import LedgerError
from ledger.domain.events import StatementEntry
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome, Request

CHUNK: Final = 1_000
"""So many entries are in memory, and on their way to the log, at a time."""
PART: Final = 1_000
"""So many entries of a statement are recorded in one event."""


class EntryResult(NamedTuple):
    """What became of one entry. `entry` is None for one that could not be read, whose place is in the refusal."""

    entry: BankEntry | None
    outcome: Outcome | LedgerError | EntryRefused

    @property
    def place(self) -> tuple[int, int, int]:
        """Entry, transaction and line in the file (0: none)."""
        at = self.entry or self.outcome
        assert isinstance(at, BankEntry | EntryRefused)
        return (at.entry or 0, at.transaction or 0, at.line or 0)

    @property
    def skipped(self) -> bool:
        """Whether the entry is no movement (yet)."""
        return isinstance(self.outcome, EntryRefused) and self.outcome.skipped


class StatementResult(NamedTuple):
    """What became of one statement: the outcome of its last part, or why it was not recorded."""

    statement: Statement | StatementRefused
    outcome: Outcome | LedgerError | StatementRefused


class FileResult(NamedTuple):
    """A file as it was read, one result for each of its entries in file order, and one for each of its statements."""

    file: FileFacts
    results: list[EntryResult]
    statements: list[StatementResult]
    dry_run: bool


class BankImport:
    """One file on its way into the ledger. `file` is known before anything is recorded."""

    def __init__(self, ledger: Ledger, caller: Caller, opened: OpenedFile, *, bank: str, dry_run: bool) -> None:
        self.file = opened.facts
        self.dry_run = dry_run
        self._opened = opened
        self._bank = bank
        # The entry's own reference recognises it; a key for each would only say so twice.
        self._caller = Caller(caller.actor, visible=caller.visible)
        # A statement says less, or more, of a receipt than its notification did.
        lenient = opened.facts.kind == "camt.053"
        self._booking = EntryBooking(ledger, self._caller, bank=bank, lenient=lenient)
        self._recorder = _Trial(ledger) if dry_run else _Recorder(ledger)

    async def results(self) -> AsyncIterator[EntryResult | StatementResult]:
        """Book entry by entry, in file order, and record each statement behind its entries.

        Entries stand on their own: a refused one does not hold back the others. Interrupted anywhere, the same file
        imported again goes on where it ended: what is recorded is recognised.
        """
        items = self._opened.read()
        statements = iter(self.file.statements)
        current = next(statements, None)
        lines: list[StatementEntry] = []
        while chunk := await asyncio.to_thread(_take, items):
            for result in await self._book(chunk):
                number = None if result.entry is None else result.entry.statement
                while current is not None and number is not None and number > current.number:
                    yield await self._record(current, lines)
                    current, lines = next(statements, None), []
                if result.entry is not None and number is not None:
                    lines.append(_line(result.entry))
                yield result
            crash_point("import.chunk")
        while current is not None:
            yield await self._record(current, lines)
            current, lines = next(statements, None), []

    async def _book(self, chunk: Sequence[BankEntry | EntryRefused]) -> list[EntryResult]:
        plans = iter(await self._booking.plan([item for item in chunk if isinstance(item, BankEntry)]))
        planned = [next(plans) if isinstance(item, BankEntry) else item for item in chunk]
        outcomes = await self._recorder.carry_out([plan for plan in planned if not isinstance(plan, EntryRefused)])
        booked = iter(outcomes)
        return [
            EntryResult(item, next(booked)) if isinstance(item, BankEntry) else EntryResult(None, item)
            for item in chunk
        ]

    async def _record(self, statement: Statement | StatementRefused, lines: list[StatementEntry]) -> StatementResult:
        if isinstance(statement, StatementRefused):
            return StatementResult(statement, statement)
        try:
            require_day(statement.from_on)
            account_id = await self._booking.find_account(statement.account_no)
        except LedgerError as refusal:
            return StatementResult(statement, refusal)
        parts = max(1, -(-len(lines) // PART))
        plans: list[Plan] = []
        for part in range(1, parts + 1):
            command = RecordBankStatement(
                account_id=account_id,
                effective_on=statement.to_on,
                bank=self._bank,
                statement_id=statement.statement_id,
                from_on=statement.from_on,
                to_on=statement.to_on,
                opening_fen=statement.opening_fen,
                closing_fen=statement.closing_fen,
                entries=tuple(lines[(part - 1) * PART : part * PART]),
                part=part,
                parts=parts,
            )
            plans.append((self._caller.entry(command),))
        crash_point("import.statement")
        outcomes = await self._recorder.carry_out(plans)
        refusal = next((outcome for outcome in outcomes if isinstance(outcome, LedgerError)), None)
        return StatementResult(statement, refusal or outcomes[-1])


async def open_import(
    ledger: Ledger,
    pool: ReadPool,
    caller: Caller,
    *,
    bank: str,
    source: Source,
    salt: bytes,
    name: str = "",
    layout: Layout = DEFAULT_LAYOUT,
    dry_run: bool = False,
) -> BankImport:
    """Check the whole of a bank's file; `dry_run` decides everything and records nothing.

    The source stays open until the results are read. Raises `FileRefused` for a file that cannot be read as a whole,
    and `idempotency_key_reused`.
    """
    opened = await asyncio.to_thread(open_bank_file, source, salt=salt, name=name, layout=layout)
    if not dry_run:
        await take_batch_key(pool, caller)
    return BankImport(ledger, caller, opened, bank=bank, dry_run=dry_run)


async def import_bank_file(
    ledger: Ledger,
    pool: ReadPool,
    caller: Caller,
    *,
    bank: str,
    data: bytes,
    salt: bytes,
    name: str = "",
    layout: Layout = DEFAULT_LAYOUT,
    dry_run: bool = False,
) -> FileResult:
    """The same with all results at once. Raises as `open_import`."""
    importing = await open_import(
        ledger, pool, caller, bank=bank, source=data, salt=salt, name=name, layout=layout, dry_run=dry_run
    )
    results: list[EntryResult] = []
    statements: list[StatementResult] = []
    async for result in importing.results():
        if isinstance(result, EntryResult):
            results.append(result)
        else:
            statements.append(result)
    return FileResult(importing.file, results, statements, dry_run)


class _Recorder:
    """Carries out plans in order: those with one reading together, one with several by itself."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def carry_out(self, plans: Sequence[Plan]) -> list[Outcome | LedgerError]:
        outcomes: list[Outcome | LedgerError] = []
        together: list[Request] = []
        for plan in plans:
            if not isinstance(plan, Outcome | LedgerError) and len(plan) == 1:
                together.append(plan[0])
                continue
            outcomes += await self._ledger.execute_all(together)
            together = []
            outcomes.append(plan if isinstance(plan, Outcome | LedgerError) else await self._first(plan))
        return outcomes + await self._ledger.execute_all(together)

    async def _first(self, readings: Sequence[Request]) -> Outcome | LedgerError:
        outcome: Outcome | LedgerError | None = None
        for request in readings:
            (outcome,) = await self._ledger.execute_all([request])
            if not _goes_on(outcome):
                break
        assert outcome is not None, "an entry has a reading"
        return outcome


class _Trial:
    """The same without recording."""

    def __init__(self, ledger: Ledger) -> None:
        self._dry_run = DryRun(ledger)

    async def carry_out(self, plans: Sequence[Plan]) -> list[Outcome | LedgerError]:
        return await asyncio.to_thread(self._carry_out, plans)

    def _carry_out(self, plans: Sequence[Plan]) -> list[Outcome | LedgerError]:
        readings = [plan for plan in plans if not isinstance(plan, Outcome | LedgerError)]
        self._dry_run.look_up([request for requests in readings for request in requests])
        return [self._try(plan) for plan in plans]

    def _try(self, plan: Plan) -> Outcome | LedgerError:
        if isinstance(plan, Outcome | LedgerError):
            return plan
        outcome: Outcome | LedgerError | None = None
        for request in plan:
            outcome = self._dry_run.try_request(request)
            if not _goes_on(outcome):
                break
        assert outcome is not None, "an entry has a reading"
        return outcome


def _goes_on(outcome: Outcome | LedgerError) -> bool:
    return isinstance(outcome, LedgerError) and outcome.code in NEXT_AFTER


def _take(items: Iterator[BankEntry | EntryRefused]) -> list[BankEntry | EntryRefused]:
    return list(islice(items, CHUNK))


def _line(entry: BankEntry) -> StatementEntry:
    return StatementEntry(
        entry_reference=entry.bank_reference,
        amount_fen=entry.signed_fen,
        booked_on=entry.booked_on,
        kind=entry.kind,
        # A payer's own may hold a name.
        end_to_end_id=entry.end_to_end_id.lower()
        if entry.end_to_end_id and is_instruction_like(entry.end_to_end_id)
        else "",
    )
