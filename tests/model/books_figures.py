"""The facts of one account, and every balance added up from them."""

from ledger.domain import events as e
from tests.model.books_state import Drawn, Family, Given, Order, Part

Ordering = (
    e.PayoutInstructed
    | e.AdvanceInstructed
    | e.SuspenseReturnInstructed
    | e.TransferInstructed
    | e.ContinuityTransferred
)


class Figures:
    """What happened to the money so far; the entries of the bank, and the orders to it."""

    def __init__(self) -> None:
        self.bank: list[tuple[str, int]] = []
        self.families: dict[str, Family] = {}
        self.drawn: dict[tuple[str, str], Drawn] = {}
        self.refunds: dict[str, Given] = {}
        self.orders: dict[str, Order] = {}
        self.stray: dict[str, int] = {}
        self.holds: dict[str, int] = {}
        self.short: dict[str, int] = {}
        self.unsent: dict[str, int] = {}
        self.transit: dict[str, int] = {}
        self.frozen: set[str] = set()
        self.suspended: bool = False
        self.winding_down: bool = False
        self.minimum: int = 0
        self.reserve: int = 0
        self.shortage: int = 0
        self.own: int = 0
        self.laid_out: int = 0
        self.given: int = 0
        self.kept: int = 0
        self.held: int = 0
        self.advance: int = 0
        self.allowed: int = 0
        self.ever_due: int = 0
        self.shares: int = 0

    # balances, added up

    @property
    def cash(self) -> int:
        return sum(amount for _, amount in self.bank)

    @property
    def parts(self) -> list[Part]:
        return [part for family in self.families.values() for part in family.parts]

    @property
    def refund_payable(self) -> int:
        return sum(refund.open for refund in self.refunds.values())

    @property
    def in_flight(self) -> int:
        """What was promised to the institution or to other accounts and is still in the cash."""
        orders = sum(o.amount for o in self.orders.values() if o.kind in ("payout", "advance"))
        return orders + sum(self.unsent.values())

    @property
    def going_back(self) -> int:
        """Refunds and returns that wait for the bank."""
        return sum(o.amount for o in self.orders.values() if o.kind in ("refund", "suspense_return") and not o.paid)

    @property
    def earned(self) -> int:
        """Lessons, charges, bills and its own money, and what it laid out, less what it was given and what it keeps."""
        due = self.own + sum(part.drawn + part.charged for part in self.parts)
        return due + self.laid_out - self.given - self.kept + self.held + self.advance

    def buckets(self) -> dict[str, int]:
        """What each bucket of the account must hold."""
        return {
            "cash": self.cash,
            "advance": self.advance,
            "held_by_institution": self.held,
            "shortage": self.shortage,
            "in_transit": sum(self.transit.values()),
            "prepaid": sum(part.left for part in self.parts),
            "earned": self.earned,
            "payout_in_flight": self.in_flight,
            "refund_payable": self.refund_payable,
            "reserve": self.reserve,
            "suspense": sum(self.stray.values()),
        }

    # the bank

    def book(self, event: e.BankEntryEvent, amount: int) -> None:
        assert amount
        self.bank.append((event.bank_reference, amount))

    def order(self, event: Ordering, kind: e.InstructionKind, subject: str) -> None:
        assert event.instruction_id not in self.orders, "an order takes the place of another"
        self.orders[event.instruction_id] = Order(kind, subject, event.amount_fen)

    def settle(
        self, event: e.PayoutSettled | e.AdvancePaid | e.RefundPaid | e.SuspenseReturned | e.TransferSettled
    ) -> None:
        """The bank paid an order: once, and its amount."""
        order = self.orders[event.instruction_id]
        assert (order.amount, order.paid) == (event.amount_fen, False)
        self.book(event, -event.amount_fen)
        if order.kind in ("refund", "transfer"):
            order.paid = True
        else:
            del self.orders[event.instruction_id]
