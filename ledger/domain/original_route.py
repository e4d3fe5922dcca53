"""Refunds go back the way the money came: newest payment first, no route gets more than it paid."""

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.events import RefundLeg
from ledger.domain.instruction_ids import end_to_end_id


def unpromised_cash_fen(account: EscrowAccount) -> int:
    """Cash that is not on its way out already, to the institution, to families or back to unknown payers."""
    refunds = sum(account.refunds[refund_id].in_flight_fen for refund_id in account.unpaid_refunds)
    suspense = sum(item.amount_fen for item in account.suspense.values() if item.returning)
    return account.buckets.cash - account.buckets.payout_in_flight - refunds - suspense


class RoutePlan:
    """Legs planned by one decision over possibly several refunds; remembers what it has taken from each payment."""

    def __init__(self, account: EscrowAccount) -> None:
        self.account = account
        self.cash_fen = unpromised_cash_fen(account)
        self._taken: dict[tuple[str, str], int] = {}
        self._legs = 0

    def legs(self, refund_id: str, contract: Contract, amount_fen: int) -> tuple[RefundLeg, ...]:
        """The legs for an amount; empty when the cash does not suffice (the amount stays agreed and unpaid), and where
        the institution keeps what is to go back."""
        parts: list[tuple[str, str, int]] = []
        for reference, payment in reversed(contract.payments.items()):
            left_fen = payment.amount_fen - payment.refunded_fen - self._taken.get((contract.contract_id, reference), 0)
            part_fen = min(amount_fen, left_fen)
            amount_fen -= part_fen
            # What the institution keeps of a payment goes back from there, not from the bank.
            part_fen = min(part_fen, left_fen - payment.kept_fen)
            if part_fen > 0:
                parts.append((reference, payment.route, part_fen))
        assert amount_fen <= 0, "a contract's payments cover everything that can be refunded"
        total_fen = sum(part_fen for _, _, part_fen in parts)
        if total_fen > self.cash_fen:
            return ()
        self.cash_fen -= total_fen
        legs: list[RefundLeg] = []
        for reference, route, part_fen in parts:
            key = (contract.contract_id, reference)
            self._taken[key] = self._taken.get(key, 0) + part_fen
            self._legs += 1
            # A decision's version is its own; a running number alone would meet the numbers of earlier legs.
            instruction_id = f"{refund_id}.{self.account.version}-{self._legs}"
            legs.append(
                RefundLeg(
                    instruction_id=instruction_id,
                    end_to_end_id=end_to_end_id(instruction_id),
                    payment_reference=reference,
                    route=route,
                    amount_fen=part_fen,
                    paid_on=contract.payments[reference].paid_on,
                )
            )
        return tuple(legs)
