"""What a wind-down shares among families: the cash that nobody else has a right to, and what each claim still lacks."""

from typing import NamedTuple

from ledger.domain.account import EscrowAccount, Refund


class Distributable(NamedTuple):
    """The terms (fen): `available = cash - payout_in_flight - suspense - promised`, and what is missing.

    - `cash` is without what the bank does not have, by an open break of the reconciliation;
    - `payout_in_flight` is promised to the bank, for the institution, since before the wind-down, or on its way to
      another institution with its families;
    - `suspense` belongs to payers whom no contract explains;
    - `promised` are claims that were given already and are not paid: at the bank, bounced, or waiting.

    Everything else is the families': the reserve and the risk deposit, and what the institution earned, are in the
    cash and stand in for them.
    """

    cash_fen: int
    payout_in_flight_fen: int
    suspense_fen: int
    promised_fen: int
    uncovered_fen: int

    @property
    def available_fen(self) -> int:
        """What may be shared; negative while more is promised than there is cash (a seizure)."""
        return self.cash_fen - self.payout_in_flight_fen - self.suspense_fen - self.promised_fen

    @property
    def amount_fen(self) -> int:
        """What a distribution shares now."""
        return max(0, min(self.available_fen, self.uncovered_fen))


def distributable(account: EscrowAccount) -> Distributable:
    """What a distribution could share now."""
    b = account.buckets
    unpaid = [account.refunds[refund_id] for refund_id in account.unpaid_refunds]
    return Distributable(
        cash_fen=b.cash - account.unconfirmed_fen,
        payout_in_flight_fen=b.payout_in_flight,
        suspense_fen=b.suspense,
        promised_fen=sum(refund.promised_fen for refund in unpaid),
        uncovered_fen=sum(refund.uncovered_fen for refund in unpaid),
    )


def uncovered(account: EscrowAccount) -> dict[str, int]:
    """What each claim still lacks (fen), by refund; claims that lack nothing are none."""
    return {
        refund_id: account.refunds[refund_id].uncovered_fen
        for refund_id in account.unpaid_refunds
        if account.refunds[refund_id].uncovered_fen
    }


def needs_claim(account: EscrowAccount, refund_id: str, refund: Refund) -> bool:
    """Whether a refund is owed and not among the claims yet: agreed before the wind-down, or come back to it since."""
    assert account.wind_down is not None
    return refund.final and refund.agreed_fen > refund.paid_fen and refund_id not in account.wind_down.claimed


class Totals(NamedTuple):
    """What the claims come to (fen): `claims = paid + transferred + held + lost`, where `held` was given and not paid.

    `institution` is what would be left for the institution if nothing more came.
    """

    contracts: int
    claims_fen: int
    paid_fen: int
    transferred_fen: int
    held_fen: int
    lost_fen: int
    institution_fen: int


def totals(account: EscrowAccount) -> Totals:
    """The figures of the closing report as they would be now."""
    wind_down = account.wind_down
    assert wind_down is not None
    refunds = [(account.refunds[refund_id], before_fen) for refund_id, before_fen in wind_down.claimed.items()]
    claims_fen = sum(refund.agreed_fen - before_fen for refund, before_fen in refunds)
    settled_fen = sum(refund.paid_fen - before_fen for refund, before_fen in refunds)
    held_fen = sum(refund.promised_fen for refund, _ in refunds)
    lost_fen = sum(refund.uncovered_fen for refund, _ in refunds)
    b = account.buckets
    left_fen = b.cash - b.payout_in_flight - b.suspense - held_fen
    return Totals(
        contracts=len({refund.contract_id for refund, _ in refunds}),
        claims_fen=claims_fen,
        paid_fen=settled_fen - wind_down.transferred_fen,
        transferred_fen=wind_down.transferred_fen,
        held_fen=held_fen,
        lost_fen=lost_fen,
        institution_fen=0 if lost_fen else max(0, left_fen),
    )
