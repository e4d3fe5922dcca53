"""Evolution of fees: published prices, contracts amended, cash taken, fees paid past the account."""

from datetime import date, timedelta

import msgspec

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.carried_payments import give_up_payments, take_over_payments
from ledger.domain.events import (
    CarriedPayment,
    CashReportClosed,
    CashSweepOverdue,
    CashSwept,
    CashTaken,
    ContractAmended,
    ContractAmendmentDeclined,
    ContractAmendmentProposed,
    ContractAmendmentWithdrawn,
    FeeNoticePublished,
    FindingRecorded,
    PackageAmount,
)
from ledger.domain.evolution.account import Handlers
from ledger.domain.evolution.contracts import package_state
from ledger.domain.evolution.lessons import moved_on
from ledger.domain.fee_state import CashReport, FeeNotice, ProposedAmendment

KEPT_NOTICES = 4
"""Published prices kept of a course: the one in force, one to come, and those that receipts told late may be about."""


def _published(a: EscrowAccount, e: FeeNoticePublished) -> None:
    notice = FeeNotice(
        version=e.version,
        unit_price_fen=e.unit_price_fen,
        period=e.period,
        minutes=e.minutes,
        valid_from=e.valid_from,
        valid_until=e.valid_until,
    )
    a.fees.notice_version = e.version
    earlier = [_until(one, e.valid_from - timedelta(days=1)) for one in a.fees.notices.get(e.course_id, ())]
    a.fees.notices[e.course_id] = [*earlier, notice][-KEPT_NOTICES:]
    for course_id, notices in list(a.fees.notices.items()):
        last = notices[-1].valid_until
        if last is not None and last < e.effective_on:
            del a.fees.notices[course_id]


def _until(notice: FeeNotice, last_on: date) -> FeeNotice:
    """The notice, in force through that day at the latest."""
    if notice.valid_until is not None and notice.valid_until <= last_on:
        return notice
    return msgspec.structs.replace(notice, valid_until=last_on)


def _proposed(a: EscrowAccount, e: ContractAmendmentProposed) -> None:
    a.contracts[e.contract_id].amendment = ProposedAmendment(amendment_id=e.amendment_id, terms=e.terms)


def _proposal_ended(a: EscrowAccount, e: ContractAmendmentDeclined | ContractAmendmentWithdrawn) -> None:
    a.contracts[e.contract_id].amendment = None


def _amended(a: EscrowAccount, e: ContractAmended) -> None:
    old, terms = a.contracts[e.contract_id], e.terms
    old.amendment, old.moved_to = None, terms.contract_id
    old.ends_on = min(old.ends_on, e.effective_on)
    old.prepaid_fen -= e.amount_fen
    for line in e.lines:
        old.packages[line.package - 1].paid_fen -= line.amount_fen
    give_up_payments(old, e.payments)
    moved_on(old, e.effective_on)
    new = Contract(
        contract_id=terms.contract_id,
        contract_no=terms.contract_no,
        family_id=e.family_id,
        student_id=e.student_id,
        course_id=terms.course_id,
        subject=terms.subject,
        category=terms.category,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        lesson_minutes=terms.lesson_minutes,
        gift_valuation=e.gift_valuation,
        signed_on=e.signed_on,
        charged_from=e.charged_from,
        charged_lessons=e.charged_lessons,
        charged_fen=e.charged_fen,
        packages=[package_state(package) for package in terms.packages],
        prepaid_fen=e.amount_fen,
    )
    for package in terms.packages:
        new.packages[package.number - 1].paid_fen = package.carried_fen
    place = {package.from_package: package.number for package in terms.packages if package.from_package}
    take_over_payments(new, (_renumbered(payment, place) for payment in e.payments))
    moved_on(new, e.effective_on)
    a.contracts[new.contract_id] = new
    a.contract_nos[new.contract_no] = new.contract_id
    a.contracts_of.setdefault(new.student_id, []).append(new.contract_id)


def _renumbered(payment: CarriedPayment, place: dict[int, int]) -> CarriedPayment:
    """The payment with the numbers that its packages have in the new contract."""
    lines = tuple(PackageAmount(package=place[one.package], amount_fen=one.amount_fen) for one in payment.lines)
    return CarriedPayment(
        payment_reference=payment.payment_reference,
        payer_route=payment.payer_route,
        amount_fen=payment.amount_fen,
        kept_fen=payment.kept_fen,
        paid_on=payment.paid_on,
        lines=lines,
    )


def _cash_taken(a: EscrowAccount, e: CashTaken) -> None:
    a.fees.cash_reports[e.cash_id] = CashReport(
        contract_id=e.contract_id,
        amount_fen=e.amount_fen,
        left_fen=e.amount_fen,
        taken_on=e.effective_on,
        due_on=e.due_on,
    )


def _cash_swept(a: EscrowAccount, e: CashSwept) -> None:
    if e.left_fen:
        a.fees.cash_reports[e.cash_id].left_fen = e.left_fen
    else:
        del a.fees.cash_reports[e.cash_id]


def _cash_overdue(a: EscrowAccount, e: CashSweepOverdue) -> None:
    a.fees.cash_reports[e.cash_id].overdue = True


def _cash_closed(a: EscrowAccount, e: CashReportClosed) -> None:
    del a.fees.cash_reports[e.cash_id]


def _found(a: EscrowAccount, e: FindingRecorded) -> None:
    amount_fen = e.figures.get("amount_fen")
    if e.kind == "paid_elsewhere" and isinstance(amount_fen, int):
        a.fees.paid_elsewhere[str(e.figures.get("report", e.subject_id))] = amount_fen


FEES: Handlers = {
    FeeNoticePublished: _published,
    ContractAmendmentProposed: _proposed,
    ContractAmendmentDeclined: _proposal_ended,
    ContractAmendmentWithdrawn: _proposal_ended,
    ContractAmended: _amended,
    CashTaken: _cash_taken,
    CashSwept: _cash_swept,
    CashSweepOverdue: _cash_overdue,
    CashReportClosed: _cash_closed,
    FindingRecorded: _found,
}
