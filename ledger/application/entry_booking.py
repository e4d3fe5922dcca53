"""What an entry of a bank's books is to the ledger: a receipt, its word on an instruction, a debit of nobody's.

An entry whose reference is recorded already in its direction is known: it is compared with what was recorded and never
booked again, whichever way it came before. Any other is tried as what it most likely is, and, where that is refused for
a reason that says so, as the next. In the other direction a reference may come again for what takes the entry back, or
for the other side of the booking in another account.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.deposits import DepositEntry, deposit_command, deposit_digest
from ledger.application.instructions import settlement
from ledger.application.ledger import Ledger
from ledger.application.recording import require_day
from ledger.application.statements import RestoredDebit, UnexplainedDebit, command_maker
from ledger.bank.entries import BankEntry
from ledger.bank.entry_kinds import is_instruction_like
from ledger.domain.commands import Command, SettlementOutcome
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AdvancePaid,
    DebitKind,
    DepositHeldInSuspense,
    Event,
    FeePaid,
    PayoutSettled,
    RefundPaid,
    RefundReturned,
    SuspenseReturned,
    TransferReturned,
)
from ledger.domain.instruction_ids import end_to_end_id
from ledger.storage.bank_entries import EntryName, RecordedEntry
from ledger.storage.requests import Outcome, Request

NEXT_AFTER: Final = frozenset({"debit_restored_too_much", "instruction_amount_differs"})
"""Refusals of a first reading after which a credit is booked as an ordinary receipt: the money is there."""
_KINDS: Final[dict[type[Event], str]] = {
    PayoutSettled: "payout",
    AdvancePaid: "advance",
    RefundPaid: "refund",
    RefundReturned: "refund",
    SuspenseReturned: "suspense_return",
}
_DEBITS: Final[dict[str, DebitKind]] = {"bank_fee": "bank_fee", "seizure": "seizure"}

Readings = tuple[Request, ...]
Plan = Readings | Outcome | LedgerError
"""What to try, in this order; or the outcome of an entry that is known; or why it cannot be booked."""


class _Instructions(NamedTuple):
    """An account's instructions by end-to-end id: those that wait or may come back, how others were settled, and what
    came back of which (fen)."""

    open: dict[str, str]
    settled: dict[str, Event]
    returned: dict[str, int]


class EntryBooking:
    """Plans the entries of one file of a bank. With `lenient` a known entry needs to agree in its hard facts only."""

    def __init__(self, ledger: Ledger, caller: Caller, *, bank: str, lenient: bool) -> None:
        self._ledger = ledger
        self._caller = caller
        self._bank = bank
        self._lenient = lenient
        self._unknown: set[str] = set()
        self._told: set[str] = set()
        self._instructions: dict[UUID, _Instructions] = {}

    async def plan(self, entries: Sequence[BankEntry]) -> list[Plan]:
        """One plan each, in order."""
        references = {entry.bank_reference for entry in entries} | {
            key for entry in entries if (key := _debited(entry))
        }
        recorded = await asyncio.to_thread(self._ledger.recorded_entries, self._bank, sorted(references))
        plans: list[Plan] = []
        for entry in entries:
            try:
                plans.append(await self._plan(entry, recorded))
            except LedgerError as refusal:
                plans.append(refusal)
        return plans

    async def find_account(self, account_no: str) -> UUID:
        """The account of that number at the bank. Raises `account_not_found`, without asking twice."""
        if account_no in self._unknown:
            raise LedgerError("account_not_found")
        try:
            return await self._ledger.find_account(self._bank, account_no)
        except LedgerError:
            self._unknown.add(account_no)
            raise

    async def _plan(self, entry: BankEntry, recorded: Mapping[EntryName, RecordedEntry]) -> Plan:
        account_id = await self.find_account(entry.account_no)
        known = recorded.get(EntryName(entry.bank_reference, entry.credit))
        if known is not None:
            return self._known(entry, account_id, known)
        turned = recorded.get(EntryName(entry.bank_reference, not entry.credit))
        if turned is not None and turned.account_id == account_id and not entry.takes_back:
            raise LedgerError("entry_reused", bank_reference=entry.bank_reference)
        reported = recorded.get(EntryName(_debited(entry), credit=False))
        if reported is not None and reported.account_id == account_id and reported.cash_fen == entry.signed_fen:
            return self._reported(entry, reported)
        require_day(entry.booked_on)
        instructions = _Instructions({}, {}, {})
        if is_instruction_like(entry.end_to_end_id):
            instructions = await self._of_account(account_id)
        commands = (
            await self._credit(entry, account_id, instructions)
            if entry.credit
            else self._debit(entry, account_id, instructions)
        )
        return tuple(self._caller.entry(command) for command in commands)

    def _known(self, entry: BankEntry, account_id: UUID, recorded: RecordedEntry) -> Outcome:
        """The outcome of an entry that is recorded. Raises `entry_reused` when it says something else."""
        same = (
            recorded.account_id == account_id
            and recorded.cash_fen == entry.signed_fen
            and recorded.events[0].effective_on in (entry.booked_on, entry.value_on)
            and (self._lenient or _says_no_more(entry, account_id, recorded))
        )
        if not same:
            raise LedgerError("entry_reused", bank_reference=entry.bank_reference)
        return _outcome_of(recorded)

    def _reported(self, entry: BankEntry, recorded: RecordedEntry) -> Outcome:
        """The outcome of a debit whose payment a status report told before, without a reference of the bank.

        It stands in the log under its end-to-end id. A second such debit in the file is none that was told:
        `instruction_outcome_wrong`.
        """
        if _debited(entry) in self._told:
            raise _spoken_of(recorded.events[0], "settled")
        self._told.add(_debited(entry))
        return _outcome_of(recorded)

    async def _credit(self, entry: BankEntry, account_id: UUID, instructions: _Instructions) -> list[Command]:
        """Raises `instruction_outcome_wrong` for the return of an instruction that came back under another reference:
        the bank says it twice, or returned it twice."""
        key = (entry.end_to_end_id or "").lower()
        if instructions.returned.get(key) == entry.amount_fen:
            raise _spoken_of(instructions.settled[key], "returned")
        receipt = await deposit_command(self._ledger, self._bank, deposit_of(entry))
        instruction_id = instructions.open.get(key)
        if instruction_id is not None:
            returned = settlement(
                bank=self._bank,
                account_id=account_id,
                instruction_id=instruction_id,
                outcome="returned",
                amount_fen=entry.amount_fen,
                bank_reference=entry.bank_reference,
                reason=entry.return_reason,
                on=entry.booked_on,
            )
            return [returned, receipt]
        if entry.kind == "restored":
            restored = RestoredDebit(
                account_no=entry.account_no, bank_reference=entry.bank_reference, amount_fen=entry.amount_fen
            )
            return [self._of_statement(entry, account_id, restored), receipt]
        return [receipt]

    def _debit(self, entry: BankEntry, account_id: UUID, instructions: _Instructions) -> list[Command]:
        """Raises `instruction_outcome_wrong` for a debit of an instruction that was paid under another reference."""
        key = (entry.end_to_end_id or "").lower()
        instruction_id = instructions.open.get(key)
        if instruction_id is not None:
            settled = settlement(
                bank=self._bank,
                account_id=account_id,
                instruction_id=instruction_id,
                outcome="settled",
                amount_fen=entry.amount_fen,
                bank_reference=entry.bank_reference,
                reason="",
                on=entry.booked_on,
            )
            return [settled]
        if key in instructions.settled:
            raise _spoken_of(instructions.settled[key], "settled")
        debit = UnexplainedDebit(
            account_no=entry.account_no,
            bank_reference=entry.bank_reference,
            amount_fen=entry.amount_fen,
            kind=_DEBITS.get(entry.kind, "unknown"),
        )
        return [self._of_statement(entry, account_id, debit)]

    def _of_statement(self, entry: BankEntry, account_id: UUID, item: UnexplainedDebit | RestoredDebit) -> Command:
        return command_maker(account_id, bank=self._bank, statement_id="", on=entry.booked_on)(item)

    async def _of_account(self, account_id: UUID) -> _Instructions:
        known = self._instructions.get(account_id)
        if known is None:
            known = self._instructions[account_id] = await asyncio.to_thread(self._look_up, account_id)
        return known

    def _look_up(self, account_id: UUID) -> _Instructions:
        account = self._ledger.account_at_version(account_id)
        settled: dict[str, Event] = {}
        returned: dict[str, int] = {}
        for event in self._ledger.settlements(account_id):
            if instruction_id := getattr(event, "instruction_id", ""):
                key = end_to_end_id(instruction_id)
                settled[key] = event
                if isinstance(event, RefundReturned | TransferReturned):
                    returned[key] = event.amount_fen
        return _Instructions(
            {end_to_end_id(instruction_id): instruction_id for instruction_id in account.instructions},
            settled,
            returned,
        )


def _debited(entry: BankEntry) -> str:
    """The end-to-end id of a debit that may be of an instruction; else empty, which is no reference."""
    if entry.credit or entry.end_to_end_id is None or not is_instruction_like(entry.end_to_end_id):
        return ""
    return entry.end_to_end_id.lower()


def _outcome_of(recorded: RecordedEntry) -> Outcome:
    return Outcome(
        recorded.account_id,
        recorded.partition,
        recorded.position,
        recorded.version,
        recorded.events,
        replayed=True,
    )


def _spoken_of(event: Event, outcome: SettlementOutcome) -> LedgerError:
    """The bank said that of the instruction before."""
    kind = _KINDS.get(type(event), "transfer")
    return LedgerError("instruction_outcome_wrong", kind=kind, state=outcome, outcome=outcome)


def deposit_of(entry: BankEntry) -> DepositEntry:
    """A receipt as the ledger takes it. It counts for the day on which it was booked, as in the bank's balances.

    Money that comes back to the account is nobody's payment of a fee, and whom the bank names as its payer is whoever
    paid it out: this account. It waits in suspense, without a route by which the clock would send it there.
    """
    paid = entry.kind == "receipt"
    return DepositEntry(
        account_no=entry.account_no,
        bank_reference=entry.bank_reference,
        amount_fen=entry.amount_fen,
        value_on=entry.booked_on,
        contract_reference=(entry.contract_reference or "") if paid else "",
        payer_route=(entry.payer_route or "") if paid else "",
    )


def _says_no_more(entry: BankEntry, account_id: UUID, recorded: RecordedEntry) -> bool:
    """Whether a receipt names the contract and the payer that were recorded, or leaves them out."""
    first = recorded.events[0]
    if not isinstance(first, FeePaid | DepositHeldInSuspense):
        return True
    said = deposit_of(entry)
    if said.payer_route not in ("", first.payer_route):
        return False
    named = said.contract_reference
    if not named or (isinstance(first, FeePaid) and named == first.contract_id):
        return True
    as_recorded = DepositEntry(
        bank_reference=entry.bank_reference,
        amount_fen=entry.amount_fen,
        value_on=first.effective_on,
        contract_reference=said.contract_reference,
        payer_route=first.payer_route,
    )
    return deposit_digest(account_id, as_recorded) == recorded.digest
