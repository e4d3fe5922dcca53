"""Events of fees that the institution keeps against its risk deposit (风险保证金), and of refunds out of either."""

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.charges import ChargeFinding
from ledger.domain.events.money_in import PackageAmount


@topic("account.fee_kept_by_institution")
class FeeKeptByInstitution(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A family's fee that the institution reports as received and keeps; its risk deposit at the bank secures it.

    `payment_reference` names the payment within the contract; `payer_route` is the opaque token of the account that
    paid, empty when it is not known. `findings` are what the charge goes beyond.
    """

    contract_id: str
    amount_fen: int
    lines: tuple[PackageAmount, ...]
    payment_reference: str
    payer_route: str = ""
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.kept_fees_consumed")
class KeptFeesConsumed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Drawn lessons were paid by fees that the institution has already."""

    amount_fen: int


class PaymentAmount(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount that goes back for one payment of the refund's contract."""

    payment_reference: str
    amount_fen: int


@topic("account.refund_paid_by_institution")
class RefundPaidByInstitution(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution paid (part of) a refund out of fees that it kept; `document` names the proof.

    What it paid reduces what it keeps (`from_held_fen`) and what was advanced to it (`from_advance_fen`);
    the rest (`to_earned_fen`) it laid out for money that the account has, which it is owed.
    """

    refund_id: str
    lines: tuple[PaymentAmount, ...]
    amount_fen: int
    from_held_fen: int
    from_advance_fen: int
    to_earned_fen: int
    document: str


@topic("account.reserve_drawn")
class ReserveDrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The regulator ordered (part of) a refund to be paid out of the risk deposit; the bank pays the family.

    The deposit settles what the institution keeps, as if it had paid the family itself.
    """

    refund_id: str
    lines: tuple[PaymentAmount, ...]
    amount_fen: int
    from_held_fen: int
    from_advance_fen: int
    to_earned_fen: int
    reason: str
