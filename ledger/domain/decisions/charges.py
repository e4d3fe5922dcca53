"""What a charge may be: its terms against the policy of a day, added up over contracts that split one charge.

A charge is a contract with all its packages, and with the contracts of the same child and subject at this institution
that were signed within the policy's days of it, or run at the same time. Lessons that are paid after they were taught
are no charge beforehand: no cap applies to them.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from ledger.domain.account import Contract, EscrowAccount, PackageState
from ledger.domain.errors import LedgerError
from ledger.domain.events import AmendedTerms, Billing, Category, ChargeFinding, Package
from ledger.domain.fee_state import FeeNotice
from ledger.domain.money import WHOLE_BP
from ledger.domain.months import months_spanned
from ledger.domain.policy import Policy


class Price(msgspec.Struct, frozen=True):
    """What is charged for how many lessons; gift lessons are in `lessons` alone."""

    price_fen: int
    paid_lessons: int
    lessons: int


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A contract as one charge. `charged_from` is its first day, of an amended contract that of the first one;
    `charged_lessons` and `charged_fen` are what was taught of it before it was amended."""

    contract_id: str
    student_id: str
    course_id: str
    subject: str
    category: Category
    signed_on: date
    charged_from: date
    starts_on: date
    ends_on: date
    lesson_minutes: int
    prices: tuple[Price, ...]
    billing: Billing = "prepaid"
    charged_lessons: int = 0
    charged_fen: int = 0

    @property
    def lessons(self) -> int:
        """All lessons that are charged for, gifts among them."""
        return self.charged_lessons + sum(price.lessons for price in self.prices)

    @property
    def amount_fen(self) -> int:
        """All that is charged."""
        return self.charged_fen + sum(price.price_fen for price in self.prices)


def prices_of(packages: Iterable[Package]) -> tuple[Price, ...]:
    """The prices of packages as they are agreed."""
    return tuple(
        Price(package.price_fen, package.paid_lessons, package.paid_lessons + package.gift_lessons)
        for package in packages
    )


def charge_of(contract: Contract) -> Charge:
    """The charge that a contract in force is. Of a package that came back only what was used was charged."""
    return Charge(
        contract_id=contract.contract_id,
        student_id=contract.student_id,
        course_id=contract.course_id,
        subject=contract.subject,
        category=contract.category,
        signed_on=contract.signed_on or contract.starts_on,
        charged_from=contract.charged_from or contract.starts_on,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        lesson_minutes=contract.lesson_minutes,
        prices=tuple([_price(package) for package in contract.packages]),
        billing=contract.billing,
        charged_lessons=contract.charged_lessons,
        charged_fen=contract.charged_fen,
    )


def _price(package: PackageState) -> Price:
    if package.refunded_fen:
        used = package.drawn_lessons + package.reserved_lessons
        return Price(package.paid_fen - package.refunded_fen, min(used, package.paid_lessons), used)
    return Price(package.price_fen, package.paid_lessons, package.lessons)


def amended_charge(contract: Contract, terms: AmendedTerms) -> Charge:
    """The charge that the contract's becomes by an amendment: the first dates, and what was taught of it, stay."""
    taught_fen = sum(package.drawn_fen + package.charged_fen for package in contract.packages)
    return Charge(
        contract_id=contract.contract_id,
        student_id=contract.student_id,
        course_id=terms.course_id,
        subject=terms.subject,
        category=terms.category,
        signed_on=contract.signed_on or contract.starts_on,
        charged_from=contract.charged_from or contract.starts_on,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        lesson_minutes=terms.lesson_minutes,
        prices=prices_of(terms.packages),
        charged_lessons=contract.charged_lessons + sum(package.drawn_lessons for package in contract.packages),
        charged_fen=contract.charged_fen + taught_fen,
    )


def of_the_same_child(account: EscrowAccount, charge: Charge) -> Iterator[Contract]:
    """The child's other prepaid contracts of the subject. Looks at the child's contracts alone."""
    if not charge.student_id:
        return
    for contract_id in account.contracts_of.get(charge.student_id, ()):
        other = account.contracts[contract_id]
        if (
            contract_id != charge.contract_id
            and other.subject == charge.subject
            and other.billing == "prepaid"
            and not other.moved_to
        ):
            yield other


def is_split(charge: Charge, other: Contract, policy: Policy) -> bool:
    """Whether another contract of the child and subject is part of the same charge."""
    days_apart = abs(((other.signed_on or other.starts_on) - charge.signed_on).days)
    return days_apart <= policy.fee_split_days or (
        other.starts_on <= charge.ends_on and charge.starts_on <= other.ends_on
    )


def check_terms(account: EscrowAccount, charge: Charge, policy: Policy, *notice_days: date) -> Iterator[ChargeFinding]:
    """Where the charge's terms go beyond the policy: caps, published price, guide price. A price published on any of
    the days covers it."""
    if charge.billing == "prepaid":
        yield from check_caps(account, charge, policy)
    if policy.fee_notice or policy.fee_unit_slip:
        yield from _against_notices(account.fees.notices.get(charge.course_id, ()), charge, policy, notice_days)
    if policy.fee_guide_price_fen and charge.category == "academic":
        yield from _against_guide_price(charge, policy)


def check_caps(account: EscrowAccount, charge: Charge, policy: Policy) -> Iterator[ChargeFinding]:
    """The caps on one charge: months, lessons and (of what is not academic) its amount. Each holds on its own, so that
    the shorter of months and lessons applies."""
    capped_fen = policy.fee_cap_amount_fen if charge.category != "academic" else 0
    if not (policy.fee_cap_months or policy.fee_cap_lessons or capped_fen):
        return
    first_on, last_on = charge.charged_from, charge.ends_on
    lessons, amount_fen = charge.lessons, charge.amount_fen
    for contract in of_the_same_child(account, charge):
        if not is_split(charge, contract, policy):
            continue
        other = charge_of(contract)
        if other.lessons == 0:
            continue
        first_on, last_on = min(first_on, other.charged_from), max(last_on, other.ends_on)
        lessons += other.lessons
        amount_fen += other.amount_fen if other.category != "academic" else 0
    months = months_spanned(first_on, last_on)
    if 0 < policy.fee_cap_months < months:
        yield ChargeFinding(rule="fee.cap_months", value=months, limit=policy.fee_cap_months)
    if 0 < policy.fee_cap_lessons < lessons:
        yield ChargeFinding(rule="fee.cap_lessons", value=lessons, limit=policy.fee_cap_lessons)
    if 0 < capped_fen < amount_fen:
        yield ChargeFinding(rule="fee.cap_amount", value=amount_fen, limit=capped_fen)


def _against_notices(
    notices: Iterable[FeeNotice], charge: Charge, policy: Policy, days: Iterable[date]
) -> Iterator[ChargeFinding]:
    published = [one for one in (_in_force(notices, day) for day in days) if one is not None]
    if not published:
        if policy.fee_notice:
            yield ChargeFinding(rule="fee.notice", value=charge.amount_fen, limit=0)
        return
    judged = [list(_prices_and_limits(charge, notice)) for notice in published]
    for price_fen, limit_fen in judged[0]:
        if is_unit_slip(price_fen, limit_fen, policy.fee_unit_slip):
            yield ChargeFinding(rule="fee.unit_slip", value=price_fen, limit=limit_fen)
            return
    if policy.fee_notice and all(any(price > limit for price, limit in one) for one in judged):
        price_fen, limit_fen = max(judged[-1], key=lambda pair: pair[0] - pair[1])
        yield ChargeFinding(rule="fee.notice", value=price_fen, limit=limit_fen)


def _in_force(notices: Iterable[FeeNotice], on: date) -> FeeNotice | None:
    """The latest version that is in force on the day."""
    covering = [notice for notice in notices if notice.covers(on)]
    return covering[-1] if covering else None


def _prices_and_limits(charge: Charge, notice: FeeNotice) -> Iterator[tuple[int, int]]:
    """What is charged, and the most that the notice lets it be: of each package where lessons are priced, pro rata by
    their minutes and without gifts; else of the whole. Rounded down."""
    if notice.period == "lesson":
        for price in charge.prices:
            worth = notice.unit_price_fen * price.paid_lessons * charge.lesson_minutes
            yield price.price_fen, worth // notice.minutes
        return
    months = months_spanned(charge.starts_on, charge.ends_on) if notice.period == "month" else 1
    yield sum(price.price_fen for price in charge.prices), notice.unit_price_fen * months


def _against_guide_price(charge: Charge, policy: Policy) -> Iterator[ChargeFinding]:
    """The first package above the guide price and what may be taken above it, pro rata by the minutes of a lesson."""
    ceiling_bp = WHOLE_BP + policy.fee_guide_ceiling_bp
    for price in charge.prices:
        worth = policy.fee_guide_price_fen * ceiling_bp * price.paid_lessons * charge.lesson_minutes
        limit_fen = worth // (WHOLE_BP * policy.fee_standard_minutes)
        if price.price_fen > limit_fen:
            yield ChargeFinding(rule="fee.guide_price", value=price.price_fen, limit=limit_fen)
            return


def is_unit_slip(amount_fen: int, expected_fen: int, times: int) -> bool:
    """Whether an amount is exactly so many times, or that part of, the expected; 0 times is no rule."""
    return times > 0 and expected_fen > 0 and (amount_fen == expected_fen * times or amount_fen * times == expected_fen)


def check_model(model_version: str, policy: Policy) -> Iterator[ChargeFinding]:
    """Where the policy names versions of the model contract (示范文本), the contract is one of them."""
    if policy.contract_models and model_version not in policy.contract_models:
        yield ChargeFinding(rule="contract.model", value=model_version or "-", limit=", ".join(policy.contract_models))


def refusal(finding: ChargeFinding) -> LedgerError:
    """The refusal of what was found, with its figures."""
    value, limit = finding.value, finding.limit
    match finding.rule:
        case "fee.cap_months":
            return LedgerError("fee_cap_months", months=value, limit=limit)
        case "fee.cap_lessons":
            return LedgerError("fee_cap_lessons", lessons=value, limit=limit)
        case "fee.cap_amount":
            return LedgerError("fee_cap_amount", amount_fen=value, limit_fen=limit)
        case "fee.notice":
            if limit == 0:
                return LedgerError("fee_not_published", amount_fen=value)
            return LedgerError("fee_above_notice", amount_fen=value, limit_fen=limit)
        case "fee.guide_price":
            return LedgerError("fee_above_guide_price", amount_fen=value, limit_fen=limit)
        case "fee.too_early":
            if isinstance(value, int):
                return LedgerError("fee_lessons_left", lessons=value, limit=limit)
            return LedgerError("fee_too_early", taken_on=value, earliest_on=limit)
        case "fee.training_loan":
            return LedgerError("fee_from_loan")
        case "fee.unit_slip":
            return LedgerError("fee_unit_slip", amount_fen=value, expected_fen=limit)
        case "contract.model":
            return LedgerError("contract_not_model", model_version=value, models=limit)


def enforce(findings: Iterable[ChargeFinding], policy: Policy) -> tuple[ChargeFinding, ...]:
    """What is recorded and raises an alert; raises the refusal of the first that the policy refuses."""
    refused, reported = judged(findings, policy)
    if refused is not None:
        raise refusal(refused)
    return reported


def judged(findings: Iterable[ChargeFinding], policy: Policy) -> tuple[ChargeFinding | None, tuple[ChargeFinding, ...]]:
    """The first finding that the policy refuses, if any, and those that raise an alert."""
    reported: list[ChargeFinding] = []
    refused: ChargeFinding | None = None
    for finding in findings:
        enforcement = policy.enforces(finding.rule)
        if enforcement == "alert":
            reported.append(finding)
        elif enforcement == "refuse" and refused is None:
            refused = finding
    return refused, tuple(reported)
