"""Reconciliation: the bank's statements beside the ledger's own entries, days that were compared, and breaks.

Entries of both sides meet by the bank's reference and direction, and where the reference differs by end-to-end id.
What a difference means is for `ledger.domain.reconciliation` to say, at each comparison.
"""

from typing import Any, ClassVar
from uuid import UUID

from ledger.domain.events import (
    TOPICS,
    BankBalanceReported,
    BankBreakOverdue,
    BankEntryEvent,
    BankStatementRecorded,
    BreakAssigned,
    BreakFound,
    BreakResolved,
    DayReconciled,
    Event,
    OpeningBalanceImported,
    StatementEntry,
)
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.unique_keys import statement_key
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.reconciliation_rows import (
    ACCOUNTS,
    BREAKS,
    DAYS,
    ENDS,
    ENTRIES,
    REPORTED,
    STATEMENTS,
    BankEnd,
    BankEntry,
    BankStatement,
    BreakRecord,
    EntryKey,
    ReconciledAccount,
    ReconciledDay,
    ReconciliationRows,
    ReportedBalance,
)
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

REMEMBERED = 12
"""So many latest statements are remembered by their content, to recognise one that is sent again."""
_OF_BANK = tuple(cls for cls in TOPICS.values() if issubclass(cls, BankEntryEvent))


class _EndRows(Rows[tuple[str, str], BankEnd]):
    """Ends lead to entries: what is looked at here is looked at there too."""

    def __init__(self, *, complete: bool, entries: Rows[EntryKey, BankEntry]) -> None:
        super().__init__(ENDS, complete=complete)
        self._entries = entries
        self._looked: dict[tuple[str, str], None] = {}

    def want(self, key: tuple[str, str]) -> None:
        self._looked[key] = None
        super().want(key)

    def lead(self) -> None:
        for key in self._looked:
            end = self.get(key)
            if end is not None:
                for reference in (end.ledger_reference, end.bank_reference):
                    if reference:
                        self._entries.want((end.account_id, reference, end.credit))
        self._looked.clear()


class Reconciliation(View):
    """Follows every entry of the bank's books, and everything that the bank or a comparison says about them."""

    name = "reconciliation"
    tables: ClassVar[tuple[Table[Any], ...]] = (STATEMENTS, REPORTED, ENDS, ENTRIES, DAYS, BREAKS, ACCOUNTS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        made = ReconciliationRows(*self.rows)
        self._rows = made._replace(ends=_EndRows(complete=complete, entries=made.entries))
        self.rows = tuple(self._rows)

    def folds(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(_OF_BANK, self._booked),
            BankStatementRecorded: self._statement,
            BankBalanceReported: self._reported,
            OpeningBalanceImported: self._imported,
            DayReconciled: self._day,
            BreakFound: self._found,
            BreakAssigned: self._assigned,
            BreakResolved: self._resolved,
            BankBreakOverdue: self._overdue,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(_OF_BANK, self._look_at_booked),
            BankStatementRecorded: self._look_at_statement,
            BankBalanceReported: self._look_at_reported,
            OpeningBalanceImported: self._look_at_account,
            DayReconciled: self._look_at_day,
            **dict.fromkeys((BreakFound, BreakAssigned, BreakResolved, BankBreakOverdue), self._look_at_break),
        }

    def _look_at_booked(self, at: LoggedEvent, e: BankEntryEvent) -> None:
        self._rows.entries.want((at.account_id, e.bank_reference, e.credit))
        end_id = _end_id_of(e)
        if end_id:
            self._rows.ends.want((at.account_id, end_id))

    def _look_at_statement(self, at: LoggedEvent, e: BankStatementRecorded) -> None:
        self._rows.accounts.want(at.account_id)
        self._rows.statements.want((at.account_id, e.statement_id))
        for index, entry in enumerate(e.entries):
            credit = entry.amount_fen > 0
            self._rows.entries.want((at.account_id, _reference(e, index, entry), credit))
            if entry.end_to_end_id:
                self._rows.ends.want((at.account_id, _end_id(entry.end_to_end_id, credit=credit)))

    def _look_at_reported(self, at: LoggedEvent, e: BankBalanceReported) -> None:
        self._rows.reported.want((at.account_id, e.effective_on))

    def _look_at_account(self, at: LoggedEvent, _: OpeningBalanceImported) -> None:
        self._rows.accounts.want(at.account_id)

    def _look_at_day(self, at: LoggedEvent, e: DayReconciled) -> None:
        self._rows.days.want((at.account_id, e.effective_on))
        self._rows.accounts.want(at.account_id)

    def _look_at_break(self, at: LoggedEvent, e: BreakFound | BreakAssigned | BreakResolved | BankBreakOverdue) -> None:
        self._rows.breaks.want((at.account_id, e.break_id))

    def _entry(self, at: LoggedEvent, reference: str, *, credit: bool) -> BankEntry:
        key = (at.account_id, reference, credit)
        row = self._rows.entries.change_found(key)
        if row is None:
            row = BankEntry(at.account_id, reference, credit, at.partition, at.position)
            self._rows.entries.put(key, row)
        return row

    def _end(self, at: LoggedEvent, end_id: str) -> BankEnd:
        key = (at.account_id, end_id)
        row = self._rows.ends.change_found(key)
        if row is None:
            row = BankEnd(at.account_id, end_id, at.partition)
            self._rows.ends.put(key, row)
        return row

    def _account(self, at: LoggedEvent) -> ReconciledAccount:
        row = self._rows.accounts.change_found(at.account_id)
        if row is None:
            row = ReconciledAccount(at.account_id, at.partition)
            self._rows.accounts.put(at.account_id, row)
        return row

    def _booked(self, at: LoggedEvent, e: BankEntryEvent) -> None:
        """The two events of one overpaid receipt add up to one entry."""
        row = self._entry(at, e.bank_reference, credit=e.credit)
        row.ledger_topic, row.ledger_on = e.topic, e.effective_on
        row.ledger_fen = (row.ledger_fen or 0) + _cash_fen(at)
        row.unapproved = getattr(e, "unapproved", False)
        end_id = _end_id_of(e)
        if not end_id:
            return
        row.end_to_end_id = end_id[:-1]
        end = self._end(at, end_id)
        end.ledger_reference = e.bank_reference
        if row.bank_fen is None and end.bank_reference:
            self._pair(row, self._entry(at, end.bank_reference, credit=e.credit))

    def _statement(self, at: LoggedEvent, e: BankStatementRecorded) -> None:
        account = self._account(at)
        statement = self._rows.statements.change_found((at.account_id, e.statement_id))
        if statement is None:
            statement = self._new_statement(at, e, account)
        statement.parts_recorded += 1
        statement.entries += len(e.entries)
        statement.entries_fen += sum(entry.amount_fen for entry in e.entries)
        if not statement.repeats:
            for index, entry in enumerate(e.entries):
                self._listed(at, e, _reference(e, index, entry), entry)

    def _new_statement(self, at: LoggedEvent, e: BankStatementRecorded, account: ReconciledAccount) -> BankStatement:
        content = statement_key(UUID(at.account_id), e)
        said = f"{e.part} {content.digest}"
        repeats = next((one for one, other in account.statements.items() if other == said), "")
        # A day on which nothing happened may be reported as often as the bank likes.
        if not e.entries and e.opening_fen == e.closing_fen:
            repeats = ""
        statement = BankStatement(
            account_id=at.account_id,
            statement_id=e.statement_id,
            partition=at.partition,
            position=at.position,
            from_on=e.from_on,
            to_on=e.to_on,
            opening_fen=e.opening_fen,
            closing_fen=e.closing_fen,
            parts=e.parts,
            repeats=repeats,
        )
        self._rows.statements.put((at.account_id, e.statement_id), statement)
        if not repeats:
            latest = [*account.statements.items(), (e.statement_id, said)]
            account.statements = dict(latest[-REMEMBERED:])
            account.first_on = e.from_on if account.first_on is None else min(account.first_on, e.from_on)
        return statement

    def _listed(self, at: LoggedEvent, e: BankStatementRecorded, reference: str, entry: StatementEntry) -> None:
        credit = entry.amount_fen > 0
        row = self._entry(at, reference, credit=credit)
        row.listed += 1
        if row.listed > 1:
            row = self._again(at, row)
        row.bank_kind, row.bank_fen, row.bank_on = entry.kind, entry.amount_fen, entry.booked_on
        row.statement_id, row.statement_on = e.statement_id, e.to_on
        row.in_period = e.from_on <= entry.booked_on <= e.to_on
        row.end_to_end_id = row.end_to_end_id or entry.end_to_end_id
        if row.repeats or not entry.end_to_end_id:
            return
        end = self._end(at, _end_id(entry.end_to_end_id, credit=credit))
        if row.ledger_fen is None and end.ledger_reference:
            self._pair(self._entry(at, end.ledger_reference, credit=credit), row)
        end.bank_reference = reference

    def _again(self, at: LoggedEvent, first: BankEntry) -> BankEntry:
        again = f"{first.reference} ({first.listed})"
        row = BankEntry(at.account_id, again, first.credit, at.partition, at.position, repeats=first.reference)
        self._rows.entries.put((at.account_id, again, first.credit), row)
        return row

    @staticmethod
    def _pair(ledger: BankEntry, bank: BankEntry) -> None:
        """Let the row with the ledger's side have both, if neither has its other side yet."""
        if ledger.bank_fen is not None or bank.ledger_fen is not None or bank.bank_fen is None or bank.paired:
            return
        ledger.paired, bank.paired = bank.reference, ledger.reference
        ledger.bank_kind, ledger.bank_fen, ledger.bank_on = bank.bank_kind, bank.bank_fen, bank.bank_on
        ledger.statement_id, ledger.statement_on = bank.statement_id, bank.statement_on
        ledger.in_period = bank.in_period

    def _reported(self, at: LoggedEvent, e: BankBalanceReported) -> None:
        key = (at.account_id, e.effective_on)
        row = ReportedBalance(at.account_id, e.effective_on, at.partition, at.position, e.statement_id, e.balance_fen)
        self._rows.reported.put(key, row)

    def _imported(self, at: LoggedEvent, e: OpeningBalanceImported) -> None:
        account = self._account(at)
        account.imported_on, account.imported_fen = e.effective_on, e.cash_fen

    def _day(self, at: LoggedEvent, e: DayReconciled) -> None:
        account = self._account(at)
        account.through_on = e.effective_on if account.through_on is None else max(account.through_on, e.effective_on)
        key = (at.account_id, e.effective_on)
        self._rows.days.put(
            key,
            ReconciledDay(
                account_id=at.account_id,
                effective_on=e.effective_on,
                partition=at.partition,
                position=at.position,
                version=at.version,
                recorded_at=e.recorded_at,
                state=e.state,
                statement_id=e.statement_id,
                bank_fen=e.bank_fen,
                cash_fen=e.cash_fen,
                assets_fen=e.assets_fen,
                liabilities_fen=e.liabilities_fen,
                prepaid_fen=e.prepaid_fen,
                families_fen=e.families_fen,
                lessons_fen=e.lessons_fen,
                open_breaks=e.open_breaks,
            ),
        )

    def _found(self, at: LoggedEvent, e: BreakFound) -> None:
        """A break that is found again after its end is the same row, open again since now."""
        key = (at.account_id, e.break_id)
        before = self._rows.breaks.change_found(key)
        row = _break_of(at, e)
        if before is not None:
            row.position = before.position
            if before.state == "open":
                row.found_on, row.found_at, row.overdue_on = before.found_on, before.found_at, before.overdue_on
                row.assignee, row.assignment_note = before.assignee, before.assignment_note
        self._rows.breaks.put(key, row)

    def _assigned(self, at: LoggedEvent, e: BreakAssigned) -> None:
        row = self._rows.breaks.change((at.account_id, e.break_id))
        row.assignee, row.assignment_note = e.assignee, e.note

    def _resolved(self, at: LoggedEvent, e: BreakResolved) -> None:
        row = self._rows.breaks.change((at.account_id, e.break_id))
        row.state, row.how, row.reason, row.link = "resolved", e.how, e.reason, e.link
        row.resolved_on, row.resolved_at, row.resolved_by = e.effective_on, e.recorded_at, e.actor

    def _overdue(self, at: LoggedEvent, e: BankBreakOverdue) -> None:
        if e.break_id:
            self._rows.breaks.change((at.account_id, e.break_id)).overdue_on = e.effective_on


def _break_of(at: LoggedEvent, e: BreakFound) -> BreakRecord:
    return BreakRecord(
        account_id=at.account_id,
        break_id=e.break_id,
        partition=at.partition,
        position=at.position,
        kind=e.kind,
        owner=e.owner,
        subject=e.subject,
        since_on=e.since_on,
        due_on=e.due_on,
        difference_fen=e.difference_fen,
        bank_fen=e.bank_fen,
        ledger_fen=e.ledger_fen,
        bank_on=e.bank_on,
        ledger_on=e.ledger_on,
        end_to_end_id=e.end_to_end_id,
        short_fen=e.short_fen,
        found_on=e.effective_on,
        found_at=e.recorded_at,
    )


def _cash_fen(at: LoggedEvent) -> int:
    fen = 0
    for bucket, _, amount_fen in at.postings:
        if bucket == "cash":
            fen += amount_fen
    return fen


def _end_id(of: str, *, credit: bool) -> str:
    return f"{of}{'+' if credit else '-'}"


def _end_id_of(e: BankEntryEvent) -> str:
    """The end-to-end id of the instruction that the entry carried out or brought back, with the direction."""
    instruction_id: str = getattr(e, "instruction_id", "")
    return _end_id(end_to_end_id(instruction_id), credit=e.credit) if instruction_id else ""


def _reference(e: BankStatementRecorded, index: int, entry: StatementEntry) -> str:
    """The entry's reference; one without is told from others by its place."""
    return entry.entry_reference or f"{e.statement_id}/{e.part}/{index + 1}"
