"""The loss if the institution closed today: what families would not get back, and how much of it is whose."""

from typing import NamedTuple

from ledger.domain.account import EscrowAccount
from ledger.domain.pro_rata import allocate


class FamilyLoss(NamedTuple):
    """A family's claim and its part of the loss, in fen."""

    family_id: str
    prepaid_fen: int
    refunds_fen: int
    loss_fen: int

    @property
    def claim_fen(self) -> int:
        """What the family is owed: fees not consumed, and refunds not paid."""
        return self.prepaid_fen + self.refunds_fen


class Loss(NamedTuple):
    """`loss = max(0, obligation + suspense - cash)`, shared by largest remainder over everybody who is owed.

    Payers of receipts that no contract explains yet are owed too: `suspense_loss_fen` is their part, so that all parts
    add up to the loss.
    """

    obligation_fen: int
    suspense_fen: int
    cash_fen: int
    loss_fen: int
    suspense_loss_fen: int
    families: tuple[FamilyLoss, ...]


def loss_if_closed(account: EscrowAccount) -> Loss:
    """The loss as the account stands; families in the order of their ids, those that are owed nothing left out."""
    prepaid: dict[str, int] = {}
    refunds: dict[str, int] = {}
    for contract in account.contracts.values():
        _add(prepaid, contract.family_id, contract.prepaid_fen)
    for refund in account.refunds.values():
        owed_fen = refund.agreed_fen - refund.paid_fen
        if owed_fen:
            _add(refunds, account.contracts[refund.contract_id].family_id, owed_fen)
    claims = {family: prepaid.get(family, 0) + refunds.get(family, 0) for family in prepaid | refunds}
    # Ids of families and of receipts in suspense are told apart by their kind.
    owed = {f"family {family}": claim for family, claim in claims.items() if claim}
    owed |= {f"suspense {suspense_id}": item.amount_fen for suspense_id, item in account.suspense.items()}
    buckets = account.buckets
    parts = allocate(buckets.loss_if_closed_today_fen, owed)
    families = tuple(
        FamilyLoss(family, prepaid.get(family, 0), refunds.get(family, 0), parts[f"family {family}"])
        for family in sorted(claims)
        if claims[family]
    )
    return Loss(
        obligation_fen=buckets.obligation_fen,
        suspense_fen=buckets.suspense,
        cash_fen=buckets.cash,
        loss_fen=buckets.loss_if_closed_today_fen,
        suspense_loss_fen=sum(part for name, part in parts.items() if name.startswith("suspense ")),
        families=families,
    )


def _add(sums: dict[str, int], family_id: str, amount_fen: int) -> None:
    if amount_fen:
        sums[family_id] = sums.get(family_id, 0) + amount_fen
