"""What a contract has left, as the payments that it came by: they move along with it, so that each goes back its way.

A refund takes the newest payment first and gives no route more than it paid; what is left of a contract is therefore
what is left of its newest payments, and its lessons were paid by the oldest.
"""

from collections.abc import Iterable

from ledger.domain.account import Contract, Payment
from ledger.domain.events import CarriedPayment, PackageAmount


def remaining_lines(contract: Contract) -> tuple[PackageAmount, ...]:
    """What each package has left that a family is owed (fen); packages with nothing left are none."""
    return tuple(
        PackageAmount(package=package.number, amount_fen=package.unreserved_fen)
        for package in contract.packages
        if package.unreserved_fen > 0
    )


def carried_payments(contract: Contract, lines: Iterable[PackageAmount]) -> tuple[CarriedPayment, ...]:
    """The payments, oldest first, that an amount of the contract goes on with; `lines` say of which packages it is.

    The parts add up to the lines, in all and package by package. What is agreed to be refunded must be on its way
    already: its part of each payment is taken. Of a payment that the institution keeps in part, the bank's part moves
    first.
    """
    left = {line.package: line.amount_fen for line in lines}
    left_fen = sum(left.values())
    taken: list[tuple[str, Payment, int, dict[int, int]]] = []
    for reference, payment in reversed(contract.payments.items()):
        part_fen = min(left_fen, payment.amount_fen - payment.refunded_fen)
        if part_fen > 0:
            left_fen -= part_fen
            taken.append((reference, payment, part_fen, {}))
    assert left_fen == 0, "a contract's payments cover what it has left"
    for own in (True, False):  # first what each payment paid itself, then whatever is left to be covered
        for _, payment, part_fen, parts in taken:
            for number in left:
                most_fen = payment.lines.get(str(number), 0) if own else left[number]
                one_fen = min(part_fen - sum(parts.values()), left[number], most_fen)
                if one_fen > 0:
                    parts[number] = parts.get(number, 0) + one_fen
                    left[number] -= one_fen
    return tuple(
        CarriedPayment(
            payment_reference=reference,
            payer_route=payment.route,
            amount_fen=part_fen,
            kept_fen=max(0, part_fen - (payment.amount_fen - payment.refunded_fen - payment.kept_fen)),
            paid_on=payment.paid_on,
            lines=tuple(PackageAmount(package=number, amount_fen=parts[number]) for number in sorted(parts)),
        )
        for reference, payment, part_fen, parts in reversed(taken)
    )


def give_up_payments(contract: Contract, payments: Iterable[CarriedPayment]) -> None:
    """Take what goes on to another contract out of this one's payments; `lines` name this contract's packages."""
    for carried in payments:
        payment = contract.payments[carried.payment_reference]
        payment.amount_fen -= carried.amount_fen
        payment.kept_fen -= carried.kept_fen
        for line in carried.lines:
            number = str(line.package)
            payment.lines[number] = max(0, payment.lines.get(number, 0) - line.amount_fen)


def take_over_payments(contract: Contract, payments: Iterable[CarriedPayment]) -> None:
    """Put them into another contract, as it was paid then; `lines` name that contract's packages by now."""
    for carried in payments:
        contract.payments[carried.payment_reference] = Payment(
            route=carried.payer_route,
            amount_fen=carried.amount_fen,
            kept_fen=carried.kept_fen,
            paid_on=carried.paid_on,
            lines={str(line.package): line.amount_fen for line in carried.lines},
        )
