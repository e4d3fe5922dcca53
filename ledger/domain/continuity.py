"""What of a contract goes on at another institution: money, lessons that are left for it, payments it came by."""

from typing import NamedTuple

import msgspec

from ledger.domain.account import Contract, EscrowAccount, PackageState
from ledger.domain.carried_payments import carried_payments, remaining_lines
from ledger.domain.errors import LedgerError
from ledger.domain.events import CarriedPayment, Package, PackageAmount, RefundPart
from ledger.domain.pro_rata import allocate


class ContinuityPlan(NamedTuple):
    """A transfer as it would be now: what it takes of each package (`parts`) and, in a wind-down, where everything left
    is a refund, of which `refunds`; the payments that go along; and the packages of the other contract, in the same
    order."""

    parts: tuple[PackageAmount, ...]
    refunds: tuple[RefundPart, ...]
    payments: tuple[CarriedPayment, ...]
    packages: tuple[Package, ...]

    @property
    def amount_fen(self) -> int:
        """The money that goes."""
        return sum(part.amount_fen for part in self.parts)

    @property
    def lines(self) -> tuple[PackageAmount, ...]:
        """What leaves the packages themselves."""
        return () if self.refunds else self.parts

    @property
    def received(self) -> tuple[PackageAmount, ...]:
        """What pays the packages of the other contract."""
        return tuple(
            PackageAmount(package=number, amount_fen=part.amount_fen) for number, part in enumerate(self.parts, 1)
        )

    def received_payments(self, bank: str) -> tuple[CarriedPayment, ...]:
        """The payments as the other contract has them: of its packages, and nothing kept by an institution, since the
        account's cash stands in for that.

        Each is named with the `bank` of the account that it came to: another bank may give another payer's entry the
        same reference, and what that one pays must not go back along this one's route.
        """
        numbers = {part.package: number for number, part in enumerate(self.parts, 1)}
        return tuple(
            msgspec.structs.replace(
                payment,
                payment_reference=f"{bank}/{payment.payment_reference}",
                kept_fen=0,
                lines=tuple(
                    PackageAmount(package=numbers[line.package], amount_fen=line.amount_fen) for line in payment.lines
                ),
            )
            for payment in self.payments
        )


def plan_continuity(account: EscrowAccount, contract: Contract) -> ContinuityPlan:
    """The transfer of a contract as it stands.

    Before a wind-down everything unconsumed goes, while the cash covers all families; in one, what distributions have
    given the family and was not sent to it. Raises `contract_lessons_open`, `contract_refund_open`,
    `continuity_not_covered`, `continuity_nothing`.
    """
    if contract.pending:
        raise LedgerError("contract_lessons_open", contract_id=contract.contract_id)
    if account.wind_down is None:
        parts, refunds = _prepaid(account, contract), ()
    else:
        parts, refunds = _given(account, contract)
    if not parts:
        raise LedgerError("continuity_nothing", contract_id=contract.contract_id)
    return ContinuityPlan(
        parts=parts,
        refunds=refunds,
        payments=carried_payments(contract, parts),
        packages=tuple(
            _package(number, contract.packages[part.package - 1], part.amount_fen)
            for number, part in enumerate(parts, 1)
        ),
    )


def _prepaid(account: EscrowAccount, contract: Contract) -> tuple[PackageAmount, ...]:
    if contract.open_refund:
        raise LedgerError("contract_refund_open", contract_id=contract.contract_id, refund_id=contract.open_refund)
    b = account.buckets
    missing_fen = b.obligation_fen + b.suspense - (b.cash - account.unconfirmed_fen - b.payout_in_flight)
    if missing_fen > 0:
        raise LedgerError("continuity_not_covered", missing_fen=missing_fen)
    return remaining_lines(contract)


def _given(account: EscrowAccount, contract: Contract) -> tuple[tuple[PackageAmount, ...], tuple[RefundPart, ...]]:
    """What a wind-down gave the contract's refunds and is not at the bank, and of which packages it is."""
    assert account.wind_down is not None
    refunds: list[RefundPart] = []
    of_packages: dict[str, int] = {}
    for refund_id in sorted(account.unpaid_refunds):
        refund = account.refunds[refund_id]
        amount_fen = refund.given_fen - refund.in_flight_fen - refund.paid_fen
        if refund.contract_id != contract.contract_id or amount_fen <= 0 or refund_id in account.wind_down.shares:
            continue
        refunds.append(RefundPart(refund_id=refund_id, amount_fen=amount_fen))
        agreed = {str(number): quoted.agreed_fen for number, quoted in enumerate(refund.quote, 1)}
        if not refund.quote:  # agreed before quotes were kept
            agreed = {"1": refund.agreed_fen}
        for number, part_fen in allocate(amount_fen, agreed).items():
            of_packages[number] = of_packages.get(number, 0) + part_fen
    parts = tuple(
        PackageAmount(package=int(number), amount_fen=part_fen)
        for number, part_fen in sorted(of_packages.items(), key=lambda item: int(item[0]))
        if part_fen
    )
    return parts, tuple(refunds)


def _package(number: int, old: PackageState, amount_fen: int) -> Package:
    """The lessons that are left, at what is left for them; there is always one to take the money for."""
    paid_lessons = max(0, old.paid_lessons - old.drawn_lessons)
    gift_lessons = max(0, old.lessons - old.drawn_lessons - paid_lessons)
    if not paid_lessons:
        paid_lessons, gift_lessons = max(1, gift_lessons), 0
    return Package(
        number=number,
        price_fen=amount_fen,
        paid_lessons=paid_lessons,
        gift_lessons=gift_lessons,
        list_price_fen=amount_fen,
        time_card=old.time_card,
    )
