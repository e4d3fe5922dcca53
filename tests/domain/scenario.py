"""Given / when / then for one account: commands with few words, and what every one of them must keep true."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.calendar import WEEKENDS_ONLY, WorkingCalendar
from ledger.domain.decisions import Context, decide
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event, Package
from ledger.domain.evolution import evolve
from ledger.domain.policy import FixedPolicies, Period, Policies, Policy
from ledger.domain.postings import imbalance, postings
from ledger.storage.mapper import decode_account, decode_event, encode_account, encode_event

E = TypeVar("E", bound=Event)

ACCOUNT_ID = UUID("01890000-0000-7000-8000-000000000001")
BANK = "ICBC"
MONDAY = date(2025, 3, 3)
POLICIES = {
    "default": Policy(),
    "held": Policy(pack="held", holding_days=5),
    "gifts-last": Policy(pack="gifts-last", gift_valuation="last"),
    "asked": Policy(pack="asked", confirmation="confirmed", deemed_after=Period(15), holding_days=5),
    "asked-gifts-last": Policy(pack="asked-gifts-last", confirmation="confirmed", gift_valuation="last"),
    "leave-2": Policy(pack="leave-2", leave_notice_days=2),
    "cooling": Policy(pack="cooling", cooling_off_days=7),
    "list-price": Policy(pack="list-price", discount_kept=False),
    "by-time": Policy(pack="by-time", time_cards_by_time=True),
    "beijing-days": Policy(
        pack="beijing-days", refund_before_start=Period(5, "days"), refund_after_start=Period(15, "days")
    ),
    "guangzhou-days": Policy(pack="guangzhou-days", refund_before_start=Period(5), refund_after_start=Period(10)),
    "decided": Policy(pack="decided", refund_decision=Period(7)),
    "tight": Policy(pack="tight", max_packages=2, max_lessons=10, max_class=2),
}

DEFAULTS: dict[type[c.Command], dict[str, Any]] = {
    c.OpenAccount: {
        "institution_id": "school-1",
        "bank": BANK,
        "account_no": "6222-1",
        "district": "330702",
        "authorities": ("education",),
    },
    c.ImportOpeningBalance: {"earned_fen": 0, "reserve_fen": 0, "suspense_fen": 0, "document": "count-2025"},
    c.ChangeAuthority: {"authorities": ("education", "sports"), "reason": "second licence"},
    c.AssignPolicy: {"reason": "moved"},
    c.RateInstitution: {"rating": "A", "reason": "annual check"},
    c.ListInstitution: {"reason": "inspection"},
    c.FreezeAccount: {"reason": "order 7"},
    c.UnfreezeAccount: {"reason": "order 8"},
    c.SuspendAccount: {"reason": "flood"},
    c.ResumeAccount: {"reason": "the water is gone"},
    c.SignContract: {
        "family_id": "family-1",
        "student_id": "student-1",
        "course_id": "course-1",
        "subject": "piano",
        "category": "arts",
        "starts_on": MONDAY - timedelta(days=30),
        "ends_on": MONDAY + timedelta(days=90),
        "lesson_minutes": 45,
    },
    c.EndContract: {"reason": "finished"},
    c.ProposeAmendment: {"contract_id": "c1", "amendment_id": "amendment-1", "reason": "another course"},
    c.AcceptAmendment: {"contract_id": "c1", "amendment_id": "amendment-1"},
    c.DeclineAmendment: {"contract_id": "c1", "amendment_id": "amendment-1"},
    c.WithdrawAmendment: {"contract_id": "c1", "amendment_id": "amendment-1", "reason": "the class is full"},
    c.PublishFeeNotice: {
        "course_id": "course-1",
        "category": "arts",
        "unit_price_fen": 100,
        "period": "lesson",
        "minutes": 45,
        "valid_from": MONDAY,
    },
    c.ReportCash: {"cash_id": "cash-1", "contract_id": "c1"},
    c.CloseCashReport: {"cash_id": "cash-1", "reason": "given back"},
    c.PostDeposit: {"bank": BANK, "payer_route": "route-1", "digest": "d"},
    c.MatchSuspense: {"reason": "receipt shown"},
    c.ReturnSuspense: {"instruction_id": "back-1", "reason": "nobody knows it"},
    c.ReleaseReserve: {"reason": "rating A"},
    c.ReportBankBalance: {"bank": BANK, "statement_id": "statement-1"},
    c.RecordBankStatement: {"bank": BANK, "from_on": MONDAY, "to_on": MONDAY, "entries": ()},
    c.ReconcileAccount: {},
    c.AssignBreak: {"assignee": "office-1", "note": "ask the bank"},
    c.ResolveBreak: {"reason": "posted by mistake", "link": "letter-7"},
    c.RecordUnexplainedDebit: {"bank": BANK, "bank_reference": "debit-1", "kind": "seizure", "digest": "d"},
    c.RestoreUnexplainedDebit: {"bank": BANK, "bank_reference": "restored-1", "digest": "d"},
    c.DeliverLesson: {"course_id": "course-1", "minutes": 45},
    c.CorrectLesson: {"reason": "absent"},
    c.ConfirmLesson: {"contract_id": "c1"},
    c.DisputeLesson: {"contract_id": "c1", "reason": "no teacher came"},
    c.ResolveDispute: {"contract_id": "c1", "by": "order", "case_id": "case-1", "reason": "heard both"},
    c.RecordLeave: {"contract_id": "c1", "reason": "ill"},
    c.RecordAbsence: {"absent": "teacher", "reason": "ill"},
    c.RequestPayout: {"instruction_id": "payout-1"},
    c.AnnouncePayout: {},
    c.RequestAdvance: {"instruction_id": "advance-1"},
    c.ReportKeptFee: {"receipt_no": "receipt-1"},
    c.RecordInstitutionRefund: {"refund_id": "refund-1", "document": "transfer slip 1"},
    c.DrawReserve: {"refund_id": "refund-1", "reason": "order 9"},
    c.SettleInstruction: {"bank": BANK, "bank_reference": "settled-1", "digest": "d", "reason": "by the bank"},
    c.ApproveInstruction: {},
    c.DeclineInstruction: {"reason": "not as agreed"},
    c.ExportInstructions: {
        "bank": BANK,
        "message_id": "message-1",
        "message_at": datetime(2025, 3, 3, 1, tzinfo=UTC),
        "execute_on": MONDAY,
    },
    c.RequestRefund: {"refund_id": "refund-1", "reason": "moved away"},
    c.AnswerRefund: {"refund_id": "refund-1", "agree": True},
    c.OrderRefund: {"refund_id": "refund-1", "reason": "case 1"},
    c.InstructRefund: {"refund_id": "refund-1"},
    c.WithdrawRefund: {"refund_id": "refund-1", "reason": "stays"},
    c.SetMinimumBalance: {"reason": "size"},
    c.HoldFunds: {"hold_id": "hold-1", "reason": "complaint"},
    c.ReleaseHold: {"hold_id": "hold-1", "reason": "settled"},
    c.CloseDay: {},
    c.NotifyClosure: {"reason": "the lease ends"},
    c.StartWindDown: {"reason": "order 12"},
    c.ContinueWindDown: {},
    c.DistributeClaims: {},
    c.CloseWindDown: {},
    c.OfferContinuity: {
        "offer_id": "offer-1",
        "from_account_id": str(ACCOUNT_ID),
        "course_id": "course-9",
        "lesson_minutes": 60,
        "ends_on": MONDAY + timedelta(days=200),
        "until_on": MONDAY + timedelta(days=60),
    },
    c.AcceptContinuity: {"contract_id": "c1", "offer_id": "offer-1"},
    c.RevokeContinuity: {"contract_id": "c1", "reason": "too far"},
    c.InstructTransfer: {},
    c.TransferContinuity: {},
    c.ReceiveContinuity: {},
    c.AcknowledgeAlert: {},
    c.AssignAlert: {"assignee": "officer-1"},
    c.ResolveAlert: {"reason": "seen to"},
    c.SilenceAlert: {"reason": "known"},
    c.EndAlertSilence: {},
    c.EscalateAlert: {},
    c.RecordFinding: {"source": "a parent"},
    c.RecordInstitutionFact: {"source": "an inspection"},
    c.RecordPremises: {"opens_at": time(8), "closes_at": time(20), "rooms": {}},
    c.RecordTimetable: {"courses": ()},
}


def package(number: int, price_fen: int, lessons: int, *, gifts: int = 0, list_price_fen: int | None = None) -> Package:
    """A package; its list price is the price when none is given."""
    return Package(
        number=number,
        price_fen=price_fen,
        paid_lessons=lessons,
        gift_lessons=gifts,
        list_price_fen=price_fen if list_price_fen is None else list_price_fen,
    )


class Scenario:
    """One account in memory, opened on a Monday. Commands take the scenario's day when they name none.

    Whatever is done must leave the account balanced, its events and its snapshot readable as they were written,
    and the decision must not have touched the account.
    """

    def __init__(self, *, opened: bool = True, calendar: WorkingCalendar = WEEKENDS_ONLY) -> None:
        self.account = EscrowAccount(id=ACCOUNT_ID)
        self.today = MONDAY
        self.calendar = calendar
        self.policies: Policies = FixedPolicies(POLICIES)
        self.actor = "regulator:330702"
        self.history: list[Event] = []
        self._count = 0
        if opened:
            self.do(c.OpenAccount)

    def context(self) -> Context:
        """Noon in UTC, evening of the same day in China."""
        return Context(
            recorded_at=datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC),
            today=self.today,
            actor=self.actor,
            policies=self.policies,
            calendar=self.calendar,
        )

    def command(self, kind: type[c.Command], /, **said: Any) -> c.Command:
        """The command with what is not said taken from `DEFAULTS`."""
        spoken: dict[str, Any] = {"account_id": self.account.id, "effective_on": self.today}
        return kind(**(spoken | DEFAULTS.get(kind, {}) | said))

    def do(self, kind: type[c.Command], /, **said: Any) -> list[Event]:
        """Decide and evolve; the events."""
        before = encode_account(self.account)
        decided = decide(self.account, self.command(kind, **said), self.context())
        assert encode_account(self.account) == before, "a decision changed the account"
        restored = decode_account(before)
        assert encode_account(restored) == before
        assert decide(restored, self.command(kind, **said), self.context()) == decided, "a snapshot decides otherwise"
        for event in decided:
            assert imbalance(postings(event)) == 0
            assert decode_event(event.topic, encode_event(event)) == event
            evolve(self.account, event)
        self.history += decided
        buckets = self.account.buckets
        assert buckets.assets_fen == buckets.liabilities_fen
        assert decode_account(encode_account(self.account)) == self.account
        return decided

    def one(self, expected: type[E], kind: type[c.Command], /, **said: Any) -> E:
        """Like `do` for a command of exactly one event, which is of the expected class."""
        [event] = self.do(kind, **said)
        assert isinstance(event, expected)
        return event

    def refuses(self, code: str, kind: type[c.Command], /, **said: Any) -> LedgerError:
        """The command is refused with this code and leaves no trace."""
        before = encode_account(self.account)
        with pytest.raises(LedgerError) as refusal:
            decide(self.account, self.command(kind, **said), self.context())
        assert refusal.value.code == code
        assert encode_account(self.account) == before
        return refusal.value

    def later(self, days: int) -> "Scenario":
        """Let days pass."""
        self.today += timedelta(days=days)
        return self

    def sign(self, contract_id: str, *packages: Package, **said: Any) -> None:
        """Sign a contract; without packages: one of 1000 fen for 10 lessons."""
        terms = packages or (package(1, 1000, 10),)
        said = {"contract_no": f"no-{contract_id}", "packages": terms} | said
        self.do(c.SignContract, contract_id=contract_id, **said)

    def pay(self, contract_id: str, amount_fen: int, **said: Any) -> list[Event]:
        """Post a deposit under a bank reference of its own."""
        self._count += 1
        # References do not sort by age, since no bank promises that they do.
        own = {"bank_reference": f"entry-{99 - self._count}", "suspense_id": f"suspense-{self._count}"}
        return self.do(c.PostDeposit, contract_reference=contract_id, amount_fen=amount_fen, **(own | said))

    def teach(self, lesson_id: str, *contracts: str, **said: Any) -> list[Event]:
        """Deliver a lesson to these contracts."""
        return self.do(c.DeliverLesson, lesson_id=lesson_id, contracts=contracts, **said)

    def teach_many(self, contract_id: str, lessons: int) -> None:
        """Deliver lessons numbered from 1 on."""
        for number in range(1, lessons + 1):
            self.teach(f"lesson-{number}", contract_id)

    def settle(self, instruction_id: str, outcome: str = "settled", **said: Any) -> list[Event]:
        """The bank's word on an instruction, for its amount."""
        amount_fen = self.account.instructions[instruction_id].amount_fen
        own = {"amount_fen": amount_fen} | said
        return self.do(c.SettleInstruction, instruction_id=instruction_id, outcome=outcome, **own)

    def pending(self) -> list[str]:
        """Instructions that wait for the bank."""
        return [i for i, instruction in self.account.instructions.items() if instruction.state == "pending"]


def paid_contract(price_fen: int = 1000, lessons: int = 10) -> Scenario:
    """An account with contract `c1`, one package, paid in full."""
    scenario = Scenario()
    scenario.sign("c1", package(1, price_fen, lessons))
    scenario.pay("c1", price_fen)
    return scenario


def under(**terms: Any) -> Scenario:
    """An account whose pack `own` says so, and nothing else; `switch` changes what it says."""
    scenario = Scenario(opened=False)
    switch(scenario, **terms)
    scenario.do(c.OpenAccount, pack="own")
    return scenario


def switch(scenario: Scenario, **terms: Any) -> None:
    """From now on the pack `own` says this."""
    scenario.policies = FixedPolicies(POLICIES | {"own": Policy(pack="own", **terms)})
