"""Alerts about fees: each rule just below, at and above its limit, and how they resolve."""

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from psycopg import AsyncConnection

from ledger.domain.commands import (
    AcceptAmendment,
    AssignPolicy,
    CloseCashReport,
    CloseDay,
    EndContract,
    MatchSuspense,
    PostDeposit,
    ProposeAmendment,
    PublishFeeNotice,
    RecordFinding,
    RecordLeave,
    ReportCash,
    SignContract,
)
from ledger.domain.events import AmendedPackage, AmendedTerms, ChargeRule, Package, PaymentSource
from ledger.domain.months import add_months
from ledger.projections import alerts
from ledger.projections.alert_rules.fees import RULE_OF_FINDING
from ledger.projections.alerts import Alert
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import followed

pytestmark = pytest.mark.anyio

ACCOUNT = account_id(1)
THREE_MONTHS = add_months(DAY, 3) - timedelta(days=1)


class Fees:
    """An account whose pack raises an alert about every charge, with a published price of 9,000 fen a lesson."""

    def __init__(self, writer: LogWriter) -> None:
        self.writer = writer
        writer.open(ACCOUNT)
        writer.do(AssignPolicy(account_id=ACCOUNT, effective_on=DAY, pack="charged", reason="the law"))
        writer.do(
            PublishFeeNotice(
                account_id=ACCOUNT,
                effective_on=DAY,
                course_id="course-1",
                category="arts",
                unit_price_fen=9_000,
                period="lesson",
                minutes=45,
                valid_from=DAY,
            )
        )

    def sign(self, contract_id: str, price_fen: int = 90_000, lessons: int = 10, **said: Any) -> None:
        package = Package(number=1, price_fen=price_fen, paid_lessons=lessons, list_price_fen=price_fen)
        terms: dict[str, Any] = {
            "family_id": "family-1",
            "student_id": f"student-of-{contract_id}",
            "course_id": "course-1",
            "subject": "piano",
            "category": "arts",
            "starts_on": DAY,
            "ends_on": THREE_MONTHS,
            "lesson_minutes": 45,
            "packages": (package,),
            "model_version": "2021",
        }
        command = SignContract(
            account_id=ACCOUNT, effective_on=DAY, contract_id=contract_id, contract_no=f"no-{contract_id}",
            **(terms | said),
        )  # fmt: skip
        self.writer.do(command)

    def pay(self, contract_id: str, amount_fen: int, *, on: date = DAY, source: PaymentSource = "") -> None:
        reference = f"entry-{self.writer.account(ACCOUNT).version}"
        self.writer.do(
            PostDeposit(
                account_id=ACCOUNT,
                effective_on=on,
                bank="ICBK",
                bank_reference=reference,
                amount_fen=amount_fen,
                contract_reference=contract_id,
                payer_route="route",
                suspense_id=f"suspense-{reference}",
                digest="0" * 64,
                payment_source=source,
            )
        )

    def end(self, contract_id: str) -> None:
        self.writer.do(EndContract(account_id=ACCOUNT, effective_on=DAY, contract_id=contract_id, reason="corrected"))


async def all_of(connection: AsyncConnection[Any], rule: str | None = None) -> list[Alert]:
    """Alerts about fees, or of one rule: what moves much at once is another matter."""
    return [one for one in await alerts.list_page(connection, rule=rule) if one.rule != "movement.large"]


CHARGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("fee.cap_months", {"ends_on": THREE_MONTHS}, {"ends_on": add_months(DAY, 4)}, {"value": 5, "limit": 4}),
    ("fee.cap_lessons", {"lessons": 60}, {"lessons": 61}, {"value": 61, "limit": 60}),
    (
        "fee.cap_amount",
        {"price_fen": 500_000, "lessons": 60},
        {"price_fen": 500_001, "lessons": 60},
        {"value": 500_001, "limit": 500_000},
    ),
    ("fee.above_notice", {"price_fen": 90_000}, {"price_fen": 90_001}, {"value": 90_001, "limit": 90_000}),
    ("fee.above_notice", {}, {"course_id": "course-2"}, {"value": 90_000, "limit": 0}),
    (
        "fee.guide_price",
        {"price_fen": 50_000, "category": "academic"},
        {"price_fen": 50_001, "category": "academic"},
        {"value": 50_001, "limit": 50_000},
    ),
    ("fee.unit_slip", {"price_fen": 901}, {"price_fen": 900}, {"value": 900, "limit": 90_000}),
    ("contract.deviation", {}, {"model_version": ""}, {"value": "-", "limit": "2021"}),
]


@pytest.mark.parametrize(("rule", "within", "beyond", "figures"), CHARGES)
async def test_a_contract_beyond_a_rule_raises_its_alert_and_one_within_does_not(
    database_url: str, rule: str, within: dict[str, Any], beyond: dict[str, Any], figures: dict[str, Any]
) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        fees.sign("c1", **within)
        async with followed(database_url) as connection:
            assert await all_of(connection) == []
        fees.sign("c2", **beyond)
        async with followed(database_url) as connection:
            [alert] = await all_of(connection)
        assert (alert.rule, alert.state, alert.subject_kind, alert.subject_id) == (rule, "raised", "contract", "c2")
        assert alert.figures == {"subject_id": "c2"} | figures
        assert "{" not in alert.message + alert.message_zh
        fees.end("c2")
        async with followed(database_url) as connection:
            [alert] = await all_of(connection)
        assert (alert.state, alert.resolution) == ("resolved", "The charge of c2 is corrected.")


async def test_receipts_raise_alerts_of_their_own(database_url: str) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        fees.sign("loan")
        fees.pay("loan", 100, source="account")
        fees.sign("slip")
        fees.pay("slip", 901)
        early = add_months(DAY, 1) + timedelta(days=1)
        fees.sign("early", starts_on=early, ends_on=add_months(early, 2))
        async with followed(database_url) as connection:
            assert await all_of(connection) == []
        fees.pay("loan", 100, source="loan")
        fees.pay("loan", 100, source="loan")
        fees.pay("slip", 891, on=DAY)
        fees.pay("early", 90_000)
        async with followed(database_url) as connection:
            raised = await all_of(connection)
        assert [(alert.rule, alert.subject_id) for alert in raised] == [
            ("fee.training_loan", "loan"),
            ("fee.too_early", "early"),
        ]


async def test_what_is_due_a_hundred_times_is_told(database_url: str) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        fees.sign("c1", 900_00)
        fees.pay("c1", 900)
        async with followed(database_url) as connection:
            [alert] = await all_of(connection, "fee.unit_slip")
        assert alert.figures == {"subject_id": "c1", "value": 900, "limit": 90_000}


async def test_a_match_and_a_leave_tell_what_they_find(database_url: str) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        early = add_months(DAY, 1) + timedelta(days=1)
        fees.sign("c1", starts_on=early, ends_on=add_months(early, 4) - timedelta(days=1))
        fees.pay("", 90_000)
        [suspense_id] = writer.account(ACCOUNT).suspense
        writer.do(
            MatchSuspense(
                account_id=ACCOUNT,
                effective_on=DAY,
                suspense_id=suspense_id,
                contract_id="c1",
                amount_fen=90_000,
                reason="receipt shown",
            )
        )
        writer.do(
            RecordLeave(
                account_id=ACCOUNT,
                effective_on=DAY,
                contract_id="c1",
                lesson_id="l1",
                lesson_on=early,
                reason="ill",
                ends_on=add_months(early, 4),
            )
        )
        async with followed(database_url) as connection:
            assert [alert.rule for alert in await all_of(connection)] == ["fee.too_early", "fee.cap_months"]


def amended(lessons: int) -> AmendedTerms:
    package = AmendedPackage(
        number=1,
        price_fen=90_000,
        paid_lessons=lessons,
        list_price_fen=90_000,
        from_package=1,
        carried_fen=90_000,
    )
    return AmendedTerms(
        contract_id="c2",
        contract_no="no-c2",
        course_id="course-1",
        subject="piano",
        category="arts",
        starts_on=DAY,
        ends_on=THREE_MONTHS,
        lesson_minutes=45,
        packages=(package,),
        model_version="2021",
    )


@pytest.mark.parametrize(("lessons", "still"), [(60, []), (61, [("c2", "raised")])])
async def test_an_amendment_corrects_a_contract_or_is_found_itself(
    database_url: str, lessons: int, still: list[tuple[str, str]]
) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        fees.sign("c1", lessons=62)
        fees.pay("c1", 90_000)
        about: dict[str, Any] = {"account_id": ACCOUNT, "effective_on": DAY, "contract_id": "c1", "amendment_id": "a1"}
        writer.do(ProposeAmendment(**about, terms=amended(lessons), reason="fewer lessons"))
        writer.do(AcceptAmendment(**about))
        async with followed(database_url) as connection:
            raised = await all_of(connection, "fee.cap_lessons")
        assert [(alert.subject_id, alert.state) for alert in raised] == [("c1", "resolved"), *still]


async def test_cash_that_is_late_raises_an_alert_until_it_is_in(database_url: str) -> None:
    with writing(database_url) as writer:
        fees = Fees(writer)
        fees.sign("c1")
        for cash_id in ("1", "2"):
            writer.do(
                ReportCash(account_id=ACCOUNT, effective_on=DAY, cash_id=cash_id, contract_id="c1", amount_fen=10_000)
            )
        writer.do(CloseDay(account_id=ACCOUNT, effective_on=DAY + timedelta(days=5)))
        async with followed(database_url) as connection:
            assert await all_of(connection, "cash.sweep") == []
        writer.do(CloseDay(account_id=ACCOUNT, effective_on=DAY + timedelta(days=6)))
        fees.pay("c1", 5_000, source="cash")
        async with followed(database_url) as connection:
            raised = await all_of(connection, "cash.sweep")
        assert [(one.subject_kind, one.subject_id, one.state) for one in raised] == [
            ("cash", "1", "raised"),
            ("cash", "2", "raised"),
        ]
        assert raised[0].figures == {"contract_id": "c1", "amount_fen": 10_000, "due_on": "2026-03-07"}
        fees.pay("c1", 5_000, source="cash")
        writer.do(CloseCashReport(account_id=ACCOUNT, effective_on=DAY, cash_id="2", reason="given back"))
        async with followed(database_url) as connection:
            raised = await all_of(connection, "cash.sweep")
        assert [one.state for one in raised] == ["resolved", "resolved"]


@pytest.mark.parametrize(("second_fen", "beyond"), [(399, False), (400, False), (401, True)])
async def test_fees_paid_elsewhere_add_up_to_what_costs_the_licence(
    database_url: str, second_fen: int, beyond: bool
) -> None:
    with writing(database_url) as writer:
        Fees(writer)
        for report, amount_fen in (("r1", 600), ("r2", second_fen)):
            writer.do(
                RecordFinding(
                    account_id=ACCOUNT,
                    effective_on=DAY,
                    kind="paid_elsewhere",
                    rule="fee.off_book",
                    subject_kind="report",
                    subject_id=report,
                    figures={"amount_fen": amount_fen, "report": report},
                    source="hotline",
                )
            )
        async with followed(database_url) as connection:
            raised = await all_of(connection, "offbook.revocation")
        figures = [{"amount_fen": 1_001, "limit_fen": 1_000, "reports": 2}] if beyond else []
        assert [alert.figures for alert in raised] == figures


def test_every_finding_has_its_alert_rule() -> None:
    assert set(RULE_OF_FINDING) == set(get_args(ChargeRule))
