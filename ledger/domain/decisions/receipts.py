"""What a receipt for a contract may be: the charge's terms again, and its day, its amount and where it comes from.

The bank's day cannot be chosen by whoever signs, so that terms signed under an earlier day are judged by today's law
when their money is taken. A receipt is never refused: what the policy refuses waits in suspense with its reason.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.decisions.charges import (
    Charge,
    charge_of,
    check_terms,
    enforce,
    is_split,
    is_unit_slip,
    judged,
    of_the_same_child,
)
from ledger.domain.events import ChargeFinding, ChargeRule, PaymentSource, SuspenseReason
from ledger.domain.months import add_months
from ledger.domain.policy import Policy

REASONS: dict[ChargeRule, SuspenseReason] = {
    "fee.cap_months": "above_cap",
    "fee.cap_lessons": "above_cap",
    "fee.cap_amount": "above_cap",
    "fee.too_early": "too_early",
    "fee.notice": "above_notice",
    "fee.guide_price": "above_guide_price",
    "fee.training_loan": "training_loan",
    "fee.unit_slip": "unit_slip",
}
"""Why a receipt waits in suspense, by the rule that refuses it."""


class Verdict(NamedTuple):
    """Why the receipt is held back, if it is, with what was found; else what raises an alert."""

    held: SuspenseReason | None
    findings: tuple[ChargeFinding, ...]


ACCEPTED = Verdict(None, ())


def judge_receipt(
    account: EscrowAccount, contract: Contract, policy: Policy, *, on: date, amount_fen: int, source: PaymentSource
) -> Verdict:
    """By the policy of the day on which the bank received it."""
    findings = [*_source(source, policy), *_unit_slip(contract, amount_fen, policy)]
    findings += _of_the_charge(account, contract, policy, on)
    refused, reported = judged(findings, policy)
    return Verdict(None, reported) if refused is None else Verdict(REASONS[refused.rule], (refused,))


def kept_findings(
    account: EscrowAccount, contract: Contract, policy: Policy, *, on: date, amount_fen: int
) -> tuple[ChargeFinding, ...]:
    """What a fee that the institution has already goes beyond, refused or not: it is a fact."""
    if not policy.judges_receipts:
        return ()
    findings = [*_unit_slip(contract, amount_fen, policy), *_of_the_charge(account, contract, policy, on)]
    return tuple(finding for finding in findings if policy.enforces(finding.rule) != "off")


def require_payable(
    account: EscrowAccount, contract: Contract, policy: Policy, *, on: date, from_loan: bool
) -> tuple[ChargeFinding, ...]:
    """What a receipt in suspense may be matched with: as a receipt of that day, but a person has looked at its amount.

    Returns what raises an alert; raises `fee_from_loan`, `fee_too_early`, `fee_lessons_left`, and what the terms break.
    """
    if not policy.judges_receipts:
        return ()
    source = _source("loan" if from_loan else "", policy)
    return enforce([*source, *_of_the_charge(account, contract, policy, on)], policy)


def _of_the_charge(account: EscrowAccount, contract: Contract, policy: Policy, on: date) -> Iterator[ChargeFinding]:
    charge = charge_of(contract)
    for finding in check_terms(account, charge, policy, charge.signed_on, on):
        if finding.rule != "fee.unit_slip":  # of the price, which was looked at when it was signed
            yield finding
    if contract.billing == "prepaid":
        yield from _too_early(account, contract, charge, policy, on)


def _source(source: PaymentSource, policy: Policy) -> Iterator[ChargeFinding]:
    if policy.fee_loans_refused and source == "loan":
        yield ChargeFinding(rule="fee.training_loan", value="loan", limit="-")


def _unit_slip(contract: Contract, amount_fen: int, policy: Policy) -> Iterator[ChargeFinding]:
    """Against what is due, and against the price of each package."""
    if not policy.fee_unit_slip:
        return
    expected = (contract.due_fen, *(package.price_fen for package in contract.packages))
    if amount_fen in expected:
        return
    for expected_fen in expected:
        if is_unit_slip(amount_fen, expected_fen, policy.fee_unit_slip):
            yield ChargeFinding(rule="fee.unit_slip", value=amount_fen, limit=expected_fen)
            return


def _too_early(
    account: EscrowAccount, contract: Contract, charge: Charge, policy: Policy, on: date
) -> Iterator[ChargeFinding]:
    """Months before the first day, and while more lessons than that are left of the child's running charge."""
    if policy.fee_earliest_months:
        earliest_on = add_months(charge.charged_from, -policy.fee_earliest_months)
        if on < earliest_on:
            yield ChargeFinding(rule="fee.too_early", value=on.isoformat(), limit=earliest_on.isoformat())
            return
    if policy.fee_earliest_lessons:
        left = sum(
            _lessons_left(other)
            for other in of_the_same_child(account, charge)
            if other.starts_on < contract.starts_on and not is_split(charge, other, policy)
        )
        if left > policy.fee_earliest_lessons:
            yield ChargeFinding(rule="fee.too_early", value=left, limit=policy.fee_earliest_lessons)


def _lessons_left(contract: Contract) -> int:
    """Paid for and not taught yet."""
    return sum(
        package.lessons - package.drawn_lessons - package.reserved_lessons
        for package in contract.packages
        if package.prepaid_fen > 0
    )
