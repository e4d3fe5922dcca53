"""The quote of a contract: for each package every lawful basis, with its arithmetic, and the best of them."""

from datetime import date, timedelta
from typing import NamedTuple

from ledger.domain.account import Contract, EscrowAccount, PackageState
from ledger.domain.events import QuoteLine, RefundBasis, RefundGround
from ledger.domain.policy import Policy
from ledger.domain.refund_solver.lines import line, list_price_line, time_line

ORDINARY: tuple[RefundBasis, ...] = ("not_started", "unconsumed")


class Quote(NamedTuple):
    """The winning line of each package, all lines of all bases, and what they come to."""

    basis: RefundBasis
    amount_fen: int
    rules: tuple[str, ...]
    lines: tuple[QuoteLine, ...]
    bases: tuple[QuoteLine, ...]
    same_service_before: bool


def quote(contract: Contract, policy: Policy, *, on: date, ground: RefundGround, had_before: bool) -> Quote:
    """What comes back when it is asked for on that day.

    `ground` is why the family asks; `had_before` says that the same service was had before the contract (see
    `had_service_before`), which leaves no cooling-off. Lines of one package are in legal order: the first of equals
    wins, and the order of packages changes nothing.
    """
    started = any(package.drawn_lessons or package.reserved_lessons for package in contract.packages)
    recent = {} if had_before else _recent_payments(contract, policy, on)
    winners: list[QuoteLine] = []
    every: list[QuoteLine] = []
    for package in contract.packages:
        lines = [_ordinary(contract, package, policy, started=started, on=on)]
        if recent.get(package.number):
            lines.append(_cooling_off(package, recent[package.number]))
        if ground != "own":
            lines.append(_at_fault(package, ground))
        winners.append(max(lines, key=lambda one: one.refund_fen))
        every += lines
    return Quote(
        basis=_overall(winners, "unconsumed" if started else "not_started"),
        amount_fen=sum(one.refund_fen for one in winners),
        rules=tuple(dict.fromkeys(rule for one in winners for rule in one.rules)),
        lines=tuple(winners),
        bases=tuple(every),
        same_service_before=had_before,
    )


def had_service_before(account: EscrowAccount, contract: Contract) -> bool:
    """Whether the student had a lesson of the same course or subject here before, on another contract still known.

    Looks at all contracts of the account: only for requests, which are rare.
    """
    return any(
        other.student_id == contract.student_id
        and (other.course_id == contract.course_id or other.subject == contract.subject)
        and other.contract_id != contract.contract_id
        and other.first_drawn_on is not None
        and other.first_drawn_on < min((p.paid_on for p in contract.payments.values() if p.paid_on), default=date.max)
        for other in account.contracts.values()
        if contract.student_id
    )


def _ordinary(contract: Contract, package: PackageState, policy: Policy, *, started: bool, on: date) -> QuoteLine:
    """Rules refund.before_start and refund.after_start, with what the policy says of cards and discounts."""
    if package.time_card and policy.time_cards_by_time:
        return time_line(package, starts_on=contract.starts_on, ends_on=contract.ends_on, on=on)
    if not started:
        return line(package, "not_started", ("refund.before_start",), used_fen=0)
    rules = ["refund.after_start"]
    if package.gift_lessons:
        rules.append("refund.gift")
    if package.list_price_fen > package.price_fen:
        rules.append("refund.discount")
        if not policy.discount_kept:
            return list_price_line(package, contract.gift_valuation, tuple(rules))
    return line(package, "unconsumed", tuple(rules), used_fen=package.drawn_fen)


def _recent_payments(contract: Contract, policy: Policy, on: date) -> dict[int, int]:
    """What was paid for each package within the cooling-off days, before any lesson of the contract."""
    recent: dict[int, int] = {}
    if not policy.cooling_off_days:
        return recent
    since = on - timedelta(days=policy.cooling_off_days)
    for payment in contract.payments.values():
        if payment.paid_on is None or payment.paid_on < since:
            continue
        if contract.first_drawn_on is not None and contract.first_drawn_on < payment.paid_on:
            continue
        for number, amount_fen in payment.lines.items():
            recent[int(number)] = recent.get(int(number), 0) + amount_fen
    return recent


def _cooling_off(package: PackageState, recent_fen: int) -> QuoteLine:
    """Rule refund.cooling_off: the principal in full. Lessons count as used only as far as older money paid them."""
    older_fen = package.paid_fen - recent_fen
    used_fen = min(package.drawn_fen, older_fen)
    pending_fen = min(package.reserved_fen, older_fen - used_fen)
    return line(package, "cooling_off", ("refund.cooling_off",), used_fen=used_fen, pending_fen=pending_fen)


def _at_fault(package: PackageState, ground: RefundGround) -> QuoteLine:
    """The institution moved or closes: everything that was not drawn, whatever the discount or the card."""
    if ground == "closure":
        return line(package, "closure", ("closure.notice",), used_fen=package.drawn_fen)
    return line(package, "relocation", ("refund.after_start",), used_fen=package.drawn_fen)


def closure_lines(contract: Contract) -> tuple[QuoteLine, ...]:
    """What a wind-down gives back: everything that was not drawn, package by package, on the basis closure alone."""
    return tuple(_at_fault(package, "closure") for package in contract.packages)


def _overall(winners: list[QuoteLine], ordinary: RefundBasis) -> RefundBasis:
    """One word for the whole: of the bases beyond the ordinary the one that brings most, else the ordinary one."""
    sums: dict[RefundBasis, int] = {}
    for one in winners:
        if one.basis is not None and one.basis not in ORDINARY:
            sums[one.basis] = sums.get(one.basis, 0) + one.refund_fen
    return max(sums, key=lambda basis: (sums[basis], basis)) if sums else ordinary
