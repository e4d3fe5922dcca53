"""Decisions about the account: opening, policy, lists, freezes, and what every command has in common."""

from datetime import timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.decisions import DECISIONS
from ledger.domain.money import MAX_FEN
from ledger.domain.policy import FixedPolicies
from tests.domain.moving import LEAVE
from tests.domain.scenario import DEFAULTS, MONDAY, Scenario, paid_contract

ALERT: dict[str, Any] = {
    "alert_id": "alert-1",
    "rule": "balance.below_minimum",
    "subject_kind": "account",
    "subject_id": "account-1",
}
MISSING: dict[type[c.Command], dict[str, Any]] = {
    c.ImportOpeningBalance: {"cash_fen": 1},
    c.AssignPolicy: {"pack": "held"},
    c.ListInstitution: {"listing": "white"},
    c.FreezeAccount: {"scope": "all"},
    c.UnfreezeAccount: {"scope": "all"},
    c.SignContract: {"contract_id": "c1", "contract_no": "no-c1", "packages": ()},
    c.EndContract: {"contract_id": "c1"},
    c.ProposeAmendment: {
        "terms": e.AmendedTerms(
            contract_id="c2",
            contract_no="no-c2",
            course_id="course-2",
            subject="dance",
            category="arts",
            starts_on=MONDAY,
            ends_on=MONDAY,
            lesson_minutes=45,
            packages=(),
        )
    },
    c.ReportCash: {"amount_fen": 1},
    c.NotifyClosure: {"closes_on": MONDAY},
    c.AcceptContinuity: {"to_account_id": "other"},
    c.InstructTransfer: {"transfer_id": "t1"},
    c.TransferContinuity: LEAVE,
    c.ReceiveContinuity: {
        "transfer_id": "t1",
        "contract_id": "c1",
        "contract_no": "no-c1",
        "offer_id": "offer-1",
        "from_account_id": "other",
        "from_contract_id": "c0",
        "family_id": "family-1",
        "student_id": "student-1",
        "subject": "piano",
        "category": "arts",
        "gift_valuation": "ratio",
        "packages": (),
        "lines": (),
        "payments": (),
    },
    c.PostDeposit: {"bank_reference": "entry-1", "amount_fen": 1, "suspense_id": "suspense-1"},
    c.MatchSuspense: {"suspense_id": "suspense-1", "contract_id": "c1", "amount_fen": 1},
    c.ReturnSuspense: {"suspense_id": "suspense-1"},
    c.ApproveInstruction: {"instruction_ids": ("payout-1",)},
    c.DeclineInstruction: {"instruction_id": "payout-1"},
    c.ExportInstructions: {"instruction_ids": ("payout-1",)},
    c.ReleaseReserve: {"amount_fen": 1},
    c.ReportBankBalance: {"balance_fen": 1},
    c.RecordUnexplainedDebit: {"amount_fen": 1},
    c.RestoreUnexplainedDebit: {"amount_fen": 1},
    c.DeliverLesson: {"lesson_id": "lesson-1", "contracts": ("c1",)},
    c.CorrectLesson: {"lesson_id": "lesson-1", "contracts": ("c1",)},
    c.RequestPayout: {"amount_fen": 1},
    c.SettleInstruction: {"instruction_id": "payout-1", "outcome": "settled", "amount_fen": 1},
    c.RequestRefund: {"contract_id": "c1"},
    c.OrderRefund: {"amount_fen": 1},
    c.SetMinimumBalance: {"amount_fen": 1},
    c.HoldFunds: {"amount_fen": 1},
    c.RecordBankStatement: {"statement_id": "statement-1", "opening_fen": 0, "closing_fen": 0},
    c.ReconcileAccount: {"seen_version": 1},
    c.AssignBreak: {"break_id": "break-1"},
    c.ResolveBreak: {"break_id": "break-1"},
    c.ConfirmLesson: {"lesson_id": "lesson-1"},
    c.DisputeLesson: {"lesson_id": "lesson-1"},
    c.ResolveDispute: {"lesson_id": "lesson-1", "outcome": "dropped"},
    c.RecordLeave: {"lesson_id": "lesson-1", "lesson_on": MONDAY},
    c.RecordAbsence: {"lesson_id": "lesson-1", "lesson_on": MONDAY, "contracts": ("c1",)},
    c.AnnouncePayout: {"amount_fen": 1},
    c.RequestAdvance: {"amount_fen": 1},
    c.ReportKeptFee: {"contract_id": "c1", "amount_fen": 1},
    c.RecordInstitutionRefund: {"amount_fen": 1},
    c.DrawReserve: {"amount_fen": 1},
    c.AcknowledgeAlert: ALERT,
    c.AssignAlert: ALERT,
    c.ResolveAlert: ALERT,
    c.SilenceAlert: ALERT | {"until": MONDAY},
    c.EndAlertSilence: ALERT | {"until": MONDAY},
    c.EscalateAlert: ALERT | {"waits_since": MONDAY},
    c.RecordFinding: {
        "kind": "paid_elsewhere",
        "rule": "fee.off_book",
        "subject_kind": "report",
        "subject_id": "report-1",
        "figures": {"amount_fen": 1, "report": "report-1"},
    },
    c.RecordInstitutionFact: {"kind": "head_count", "value": 1},
    c.RecordTimetable: {"month_starts_on": MONDAY.replace(day=1)},
}
"""What each command says besides its defaults."""


@pytest.mark.parametrize("bank", ["", "A", "icbc", "IC/BC", "ICBC ", "ICBC\n", "工行", "A" * 21])
def test_a_bank_code_is_some_capital_letters_and_digits(bank: str) -> None:
    Scenario(opened=False).refuses("bank_code_malformed", c.OpenAccount, bank=bank)


@pytest.mark.parametrize("bank", ["B1", "ICBC", "A" * 20])
def test_any_other_bank_code_is_accepted(bank: str) -> None:
    scenario = Scenario(opened=False)
    scenario.do(c.OpenAccount, bank=bank)
    assert scenario.account.bank == bank


def test_every_command_has_a_decision_and_a_scenario() -> None:
    commands = {cls for name in c.__all__ if isinstance(cls := getattr(c, name), type)} - {c.Command, c.AlertCommand}
    assert set(DECISIONS) == commands == set(DEFAULTS)


def test_opening_records_who_supervises_whom() -> None:
    scenario = Scenario(opened=False)
    event = scenario.one(e.AccountOpened, c.OpenAccount)
    assert (event.cause, event.actor, event.effective_on) == ("open_account", "regulator:330702", MONDAY)
    account = scenario.account
    assert (account.institution_id, account.bank, account.version) == ("school-1", "ICBC", 1)


def test_an_account_opens_once_and_under_a_known_policy() -> None:
    scenario = Scenario(opened=False)
    scenario.refuses("policy_unknown", c.OpenAccount, pack="nowhere")
    scenario.do(c.OpenAccount)
    scenario.refuses("account_exists", c.OpenAccount)


@pytest.mark.parametrize("kind", [kind for kind in DECISIONS if kind is not c.OpenAccount])
def test_nothing_happens_to_an_account_that_is_not_open(kind: type[c.Command]) -> None:
    scenario = Scenario(opened=False)
    scenario.refuses("account_not_found", kind, **MISSING.get(kind, {}))


def test_a_command_is_dated_today_or_before() -> None:
    scenario = Scenario()
    scenario.do(c.RateInstitution, effective_on=MONDAY - timedelta(days=400))
    scenario.do(c.RateInstitution, effective_on=MONDAY)
    scenario.refuses("date_in_future", c.RateInstitution, effective_on=MONDAY + timedelta(days=1))
    scenario.refuses("date_in_future", c.CloseDay, effective_on=MONDAY + timedelta(days=1))


def test_the_opening_balance_is_explained_to_the_fen() -> None:
    scenario = Scenario()
    scenario.refuses("opening_balance_unbalanced", c.ImportOpeningBalance, cash_fen=100, suspense_fen=99)
    scenario.refuses("opening_balance_unbalanced", c.ImportOpeningBalance, cash_fen=100, suspense_fen=101)
    scenario.refuses("amount_not_positive", c.ImportOpeningBalance, cash_fen=0)
    scenario.refuses("amount_not_positive", c.ImportOpeningBalance, cash_fen=1, earned_fen=-1, suspense_fen=2)
    scenario.refuses(
        "amount_too_large", c.ImportOpeningBalance, cash_fen=MAX_FEN + 1, reserve_fen=MAX_FEN, suspense_fen=1
    )
    scenario.do(c.ImportOpeningBalance, cash_fen=100, earned_fen=20, reserve_fen=30, suspense_fen=50)
    buckets = scenario.account.buckets
    assert (buckets.cash, buckets.earned, buckets.reserve, buckets.suspense) == (100, 20, 30, 50)
    assert scenario.account.suspense["opening-balance"].amount_fen == 50


def test_an_opening_balance_without_families_leaves_no_suspense_item() -> None:
    scenario = Scenario()
    scenario.do(c.ImportOpeningBalance, cash_fen=MAX_FEN, reserve_fen=MAX_FEN)
    assert scenario.account.suspense == {}


def test_the_opening_balance_comes_before_any_movement() -> None:
    scenario = Scenario()
    scenario.sign("c1")
    scenario.pay("c1", 1)
    refusal = scenario.refuses("opening_balance_late", c.ImportOpeningBalance, cash_fen=1, suspense_fen=1)
    assert refusal.figures == {"movements": 1}


def test_authority_rating_and_policy_change_the_account() -> None:
    scenario = Scenario()
    scenario.do(c.ChangeAuthority, authorities=("education", "culture"))
    scenario.do(c.RateInstitution, rating="B")
    scenario.do(c.AssignPolicy, pack="held")
    account = scenario.account
    assert (account.authorities, account.rating, account.pack) == (("education", "culture"), "B", "held")
    scenario.refuses("policy_unknown", c.AssignPolicy, pack="nowhere")


def test_a_policy_that_disappeared_is_named() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="held")
    scenario.policies = FixedPolicies({})
    refusal = scenario.refuses("policy_unknown", c.SetMinimumBalance, amount_fen=1)
    assert refusal.figures == {"pack": "held"}


def test_the_same_listing_twice_changes_nothing() -> None:
    scenario = Scenario()
    assert scenario.do(c.ListInstitution, listing="normal") == []
    assert len(scenario.do(c.ListInstitution, listing="black")) == 1
    assert scenario.do(c.ListInstitution, listing="black") == []


@pytest.mark.parametrize("scope", ["all", "payouts", "lessons", "contracts"])
def test_a_freeze_stops_its_own_traffic_and_ends(scope: e.FreezeScope) -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.FreezeAccount, scope=scope)
    scenario.refuses("account_frozen", c.FreezeAccount, scope=scope)
    traffic = {
        "payouts": (c.RequestPayout, {"amount_fen": 1}),
        "lessons": (c.DeliverLesson, {"lesson_id": "lesson-2", "contracts": ("c1",)}),
        "contracts": (c.SignContract, {"contract_id": "c2", "contract_no": "no-c2", "packages": ()}),
    }
    for name, (kind, said) in traffic.items():
        if scope in ("all", name):
            assert scenario.refuses("account_frozen", kind, **said).figures == {"scope": name}
    if scope not in ("all", "lessons"):
        scenario.teach("lesson-2", "c1")
    if scope not in ("all", "payouts"):
        scenario.do(c.RequestPayout, amount_fen=1)
    scenario.do(c.UnfreezeAccount, scope=scope)
    scenario.refuses("account_not_frozen", c.UnfreezeAccount, scope=scope)
    scenario.teach("lesson-3", "c1")


def test_ending_one_of_two_freezes_leaves_the_other() -> None:
    scenario = paid_contract()
    scenario.do(c.FreezeAccount, scope="all")
    scenario.do(c.FreezeAccount, scope="lessons")
    scenario.do(c.UnfreezeAccount, scope="all")
    scenario.refuses("account_frozen", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))


def test_refunds_go_on_in_a_freeze() -> None:
    scenario = paid_contract()
    scenario.do(c.FreezeAccount, scope="all")
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    scenario.settle(scenario.pending()[0])
    assert scenario.account.buckets.cash == 0
