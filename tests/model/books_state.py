"""What the books remember: facts of families, refunds and orders to the bank, in fen."""

from dataclasses import dataclass, field
from datetime import date

from ledger.domain.events import GiftValuation, InstructionKind, Package


@dataclass
class Part:
    """One package: what was paid for it, and what became of that. `gone` went on to another contract."""

    terms: Package
    gifts: GiftValuation
    paid: int = 0
    drawn: int = 0
    billed: int = 0
    refunded: int = 0
    charged: int = 0
    gone: int = 0
    lessons: set[int] = field(default_factory=set[int])

    def worth(self, lesson: int) -> int:
        """E(k) - E(k-1) with E(k) = floor(P * k / N); gifts that are used last are worth nothing."""
        parts = self.terms.paid_lessons + (self.terms.gift_lessons if self.gifts == "ratio" else 0)
        after, before = (self.terms.price_fen * min(n, parts) // parts for n in (lesson, lesson - 1))
        return after - before

    @property
    def left(self) -> int:
        """Paid, and neither consumed nor promised back nor charged nor gone."""
        return self.paid - self.drawn - self.refunded - self.charged - self.gone


@dataclass
class Receipt:
    """One payment of a contract: how much of it is here or went back along its route, and what the institution has."""

    route: str
    amount: int
    back: int = 0
    kept: int = 0


@dataclass
class Family:
    """One contract."""

    parts: list[Part]
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    ended: bool = False

    @property
    def left(self) -> int:
        return sum(part.left for part in self.parts)


@dataclass
class Drawn:
    """One lesson that a family's money paid, or that it was billed for; payable from a day on."""

    package: int
    number: int
    amount: int
    billed: int
    payable_on: date


@dataclass
class Given:
    """One refund: agreed, and paid by the bank or the institution, or gone to another institution with the family."""

    contract: str
    agreed: int = 0
    paid: int = 0

    @property
    def open(self) -> int:
        return self.agreed - self.paid


@dataclass
class Order:
    """An order to the bank; a refund's stays after it was paid, since it may come back."""

    kind: InstructionKind
    subject: str
    amount: int
    receipt: str = ""
    paid: bool = False
