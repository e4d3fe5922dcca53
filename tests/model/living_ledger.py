"""A ledger of one account beside its books: whatever is accepted is followed, whatever is refused left no trace."""

from collections.abc import Iterable
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.errors import LedgerError
from ledger.domain.postings import imbalance, postings
from ledger.rulebook.explanations.catalogue import tell
from ledger.storage.mapper import decode_account, encode_account
from tests.model.books import Books
from tests.model.driven_ledger import Accepted, DrivenLedger
from tests.model.life_invariants import check_books
from tests.model.life_laws import ChangingLaw

BANK = "ICBC"
OTHER_ID = "01890000-0000-7000-8000-000000000002"
# Drawn evenly: integers would mostly be small ones, and the same.
picks = st.sampled_from(range(31))
past = st.sampled_from([0, 0, 0, 0, 1, 4])
amounts = st.sampled_from([1, 2, 7, 33, 50, 99, 100, 101, 150, 199, 240, 333, 400, 499, 501, 650])


class LivingLedger(DrivenLedger):
    """How requests are made; the rules are in the classes that build on it."""

    policies = ChangingLaw()

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.entries: set[str] = set()

    def attempt(self, kind: type[c.Command], /, *, back: int = 0, actor: str = "", **said: Any) -> tuple[e.Event, ...]:
        """The events of a new request, dated today or `back` days ago; none when it is refused."""
        command = kind(account_id=self.account_id, effective_on=self.today - timedelta(days=back), **said)
        self.actor = actor or "operator:model"
        return self.offer(command)

    def offer(self, command: c.Command) -> tuple[e.Event, ...]:
        """Submit under a new key and follow what is accepted."""
        key = self.new_key()
        before = len(self.history())
        try:
            events = tuple(self.submit(command, today=self.today, key=key))
        except LedgerError as refusal:
            note(f"refused {refusal.code}: {command}")
            assert len(self.history()) == before, "a refusal leaves no trace"
            return ()
        if len(self.history()) == before and events:
            note(f"known already: {command}")
            assert any(events == known.events for known in self.accepted)
            return ()
        note(f"accepted: {command} -> {[type(event).__name__ for event in events]}")
        self._follow(command, events)
        self.accepted.append(Accepted(command, key, events, self.actor))
        return events

    def _follow(self, command: c.Command, events: tuple[e.Event, ...]) -> None:
        moves_nothing = isinstance(command, NO_MONEY)
        before = deepcopy(vars(self.books)) if moves_nothing else None
        for event in events:
            assert imbalance(postings(event)) == 0
            self.books.follow(event)
            assert all(line.en and line.zh for line in tell(event))
        assert before is None or vars(self.books) == before, "it only tells"
        self._check_entry(command, events)

    def _check_entry(self, command: c.Command, events: Iterable[e.Event]) -> None:
        """An entry of the bank's books is booked once, wholly, and nothing else touches the cash."""
        entries = {event.bank_reference for event in events if isinstance(event, e.BankEntryEvent)}
        booked = sum(p.amount_fen for event in events for p in postings(event) if p.bucket == "cash")
        match command:
            case c.PostDeposit() | c.RestoreUnexplainedDebit():
                expected, own = command.amount_fen, {command.bank_reference}
            case c.RecordUnexplainedDebit():
                expected, own = -command.amount_fen, {command.bank_reference}
            case c.SettleInstruction(outcome="settled"):
                expected, own = -command.amount_fen, {command.bank_reference}
            case c.SettleInstruction(outcome="returned"):
                expected, own = command.amount_fen, {command.bank_reference}
            case c.ImportOpeningBalance():
                expected, own = command.cash_fen, set[str]()
            case _:
                expected, own = 0, set[str]()
        assert (booked, entries) == (expected, own)
        assert not entries & self.entries, "an entry counts once"
        self.entries |= entries

    @invariant()
    def everything_adds_up(self) -> None:
        if self.accepted:
            check_books(self.account(), self.books)

    # repeats and losses

    @precondition(lambda self: self.accepted)
    @rule(pick=st.sampled_from(range(40)))
    def repeat_a_request(self, pick: int) -> None:
        """The same key again is the same answer and no other change."""
        before = self.accepted[-1 - pick % len(self.accepted)]
        self.actor = before.actor
        recorded = len(self.history())
        assert tuple(self.submit(before.command, today=self.today, key=before.key)) == before.events
        assert len(self.history()) == recorded

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(pick=st.sampled_from(range(40)), other_content=st.booleans())
    def ask_the_same_anew(self, pick: int, other_content: bool) -> None:
        """The same content under a new key, or the same entry of the bank with other content, which is refused."""
        command = self.accepted[-1 - pick % (len(self.accepted) - 1)].command
        family = self.books.families.get(getattr(command, "contract_id", ""))
        if family is not None and family.ended:
            return  # ids of contracts are the ledger's own and never come again
        reference = getattr(command, "bank_reference", "")
        if not reference:
            self.offer(command)
            return
        recorded = len(self.history())
        if other_content:
            with suppress(LedgerError):
                self.submit(msgspec.structs.replace(command, digest="other"), today=self.today, key=self.new_key())
        else:
            self.submit(command, today=self.today, key=self.new_key())
        assert len(self.history()) == recorded, "an entry counts once"

    @rule(remember=st.booleans())
    def lose_memory(self, remember: bool) -> None:
        """A restart, after which everything must go on as before."""
        if remember or self.snapshot is None:
            self.snapshot = (len(self.history()), decode_account(encode_account(self.account())))
        self.restart()

    @rule(days=st.sampled_from([0, 1, 1, 2, 3, 8, 20, 45]), back=past)
    def close_day(self, days: int, back: int) -> None:
        """Days pass, and a day is closed: the same one twice changes nothing."""
        self.today += timedelta(days=days)
        self.attempt(c.CloseDay, back=back)
        assert self.attempt(c.CloseDay, back=back) == ()


NO_MONEY = (
    c.AlertCommand,
    c.RecordFinding,
    c.RecordInstitutionFact,
    c.RecordPremises,
    c.RecordTimetable,
    c.AssignBreak,
    c.RateInstitution,
    c.ListInstitution,
    c.ChangeAuthority,
    c.PublishFeeNotice,
    c.ProposeAmendment,
    c.DeclineAmendment,
    c.WithdrawAmendment,
    c.ReportCash,
    c.CloseCashReport,
    c.AnnouncePayout,
    c.ApproveInstruction,
    c.ExportInstructions,
    c.ReportBankBalance,
    c.RecordBankStatement,
    c.OfferContinuity,
    c.AcceptContinuity,
    c.NotifyClosure,
    c.RecordLeave,
    c.CloseWindDown,
)
"""Commands that only tell: they change nothing in the books, not even an order to the bank."""
