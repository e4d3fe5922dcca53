"""What the oracle remembers: plain facts of families, the bank and the institution, in fen."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from ledger.domain import commands as c


def working_days_after(start: date, days: int) -> date:
    """The day on which `days` working days have passed since `start`, in a year without holidays."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.isoweekday() <= 5
    return day


def entry_of(command: c.Command) -> tuple[str, bool]:
    """The bank's entry that the command is about: its reference, and whether it is a credit."""
    debit = isinstance(command, c.RecordUnexplainedDebit) or getattr(command, "outcome", "") == "settled"
    return getattr(command, "bank_reference", ""), not debit


@dataclass
class Charge:
    """One package, with what each taken lesson was worth."""

    price: int
    paid_lessons: int
    gift_lessons: int
    gifts_last: bool
    paid: int = 0
    refunded: int = 0
    taken: dict[int, int] = field(default_factory=dict[int, int])

    def earned_after(self, lessons: int) -> int:
        """E(k) = floor(P * k / N); gifts that are used last are worth nothing."""
        parts = self.paid_lessons if self.gifts_last else self.paid_lessons + self.gift_lessons
        return self.price * min(lessons, parts) // parts

    def next_lesson(self) -> int | None:
        """The first lesson that was not taken."""
        return next((n for n in range(1, self.paid_lessons + self.gift_lessons + 1) if n not in self.taken), None)

    @property
    def left(self) -> int:
        """Paid and neither consumed nor promised back."""
        return self.paid - sum(self.taken.values()) - self.refunded


@dataclass
class Receipt:
    """One payment, and how much of it is on its way back or has arrived there."""

    reference: str
    route: str
    amount: int
    back: int = 0


@dataclass
class Taken:
    """One lesson of one family: which package, which number, and from when the institution may have it."""

    charge: int
    number: int
    amount: int
    payable_on: date


@dataclass
class Agreement:
    """One contract."""

    number: str
    starts_on: date
    ends_on: date
    charges: list[Charge]
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    lessons: dict[str, Taken] = field(default_factory=dict[str, Taken])
    moves: set[date] = field(default_factory=set[date])

    def moved_within(self, days: int, on: date) -> bool:
        """Money or lessons of this contract moved in the last `days` days before that day, or after it."""
        return any(move + timedelta(days=days) >= on for move in self.moves)

    def next_lesson(self) -> tuple[int, int, int, bool] | None:
        """(package from 0, lesson, its worth, whether it can be paid) of the next lesson.

        Of packages that were refunded in part, those that cannot pay are passed over; when none can pay, the first
        short one is meant.
        """
        short = None
        for index, charge in enumerate(self.charges):
            if (number := charge.next_lesson()) is None:
                continue
            worth = charge.earned_after(number) - charge.earned_after(number - 1)
            if worth <= charge.left:
                return index, number, worth, True
            short = short or (index, number, worth, False)
            if charge.refunded == 0:
                break
        return short

    @property
    def left(self) -> int:
        """What is the family's and not consumed."""
        return sum(charge.left for charge in self.charges)

    @property
    def due(self) -> int:
        """What the family has still to pay."""
        return sum(charge.price - charge.paid for charge in self.charges)

    def receive(self, amount: int, reference: str, route: str) -> None:
        """Pay the packages in their order; the same entry again makes its payment larger."""
        receipt = next((r for r in self.receipts if r.reference == reference), None)
        if receipt is None:
            self.receipts.append(receipt := Receipt(reference, route, 0))
        receipt.amount += amount
        for charge in self.charges:
            part = min(amount, charge.price - charge.paid)
            charge.paid += part
            amount -= part
        assert amount == 0

    def give_up(self, amount: int) -> None:
        """Promise an amount back, out of the packages in their order."""
        for charge in self.charges:
            part = min(amount, charge.left)
            charge.refunded += part
            amount -= part
        assert amount == 0

    def route_back(self, amount: int) -> list[tuple[Receipt, int]]:
        """Newest payment first, none beyond what it brought."""
        legs: list[tuple[Receipt, int]] = []
        for receipt in reversed(self.receipts):
            part = min(amount, receipt.amount - receipt.back)
            if part:
                legs.append((receipt, part))
                receipt.back += part
                amount -= part
        assert amount == 0
        return legs


@dataclass
class Leg:
    """One order to the bank to pay back along one payment's route."""

    refund: str
    receipt: Receipt
    amount: int
    paid: bool = False


@dataclass
class Claim:
    """One refund."""

    contract: str
    quoted: int
    answer_due_on: date
    answered: bool = False
    final: bool = False
    concluded: bool = False
    agreed: int = 0
    paid: int = 0
    pay_due_on: date | None = None
    overdue: bool = False
    bounced: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def waits(self) -> bool:
        """Something is still to be decided or to be paid."""
        return not self.final or self.paid != self.agreed


@dataclass
class Stray:
    """One receipt that nobody explained."""

    amount: int
    reference: str
    route: str
    returning: str = ""
