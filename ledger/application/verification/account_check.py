"""One stream replayed event by event; an account is balanced after each, its parts equal to its buckets at the end."""

from typing import Any

from ledger.application.verification.differences import Differences
from ledger.domain.account import EscrowAccount
from ledger.domain.events import Event, LessonDrawn
from ledger.domain.evolution import evolve
from ledger.domain.postings import BUCKETS
from ledger.domain.streams import StreamState

# What evolution does with events that cannot follow one another: it misses what they are about.
UNREPLAYABLE = (LookupError, ValueError, TypeError, AttributeError, AssertionError, OverflowError)


class AccountCheck:
    """The replay of one account, or of a case or an inspection draw, which have no money.

    Once an event is missing or cannot follow, `broken` says so and replay stops.
    """

    def __init__(self, account: StreamState, partition: int, differences: Differences) -> None:
        self.account = account
        self.partition = partition
        self.next_version = 1
        self.broken = False
        self._differences = differences

    def follow(self, event: Event | None, *, position: int, version: int) -> None:
        """Apply the next event (None: its payload is lost)."""
        place: dict[str, Any] = {
            "partition": self.partition,
            "position": position,
            "account_id": self.account.id,
            "version": version,
        }
        if version != self.next_version:
            self._differences.add("version_differs", **place, expected=self.next_version, found=version)
            self.broken = True
        self.next_version = version + 1
        if event is None:
            self.broken = True
        if self.broken or event is None:
            return
        try:
            if isinstance(event, LessonDrawn) and isinstance(self.account, EscrowAccount):
                self._check_draws(self.account, event, place)
            evolve(self.account, event)
        except UNREPLAYABLE as error:
            self._differences.add("account_unreplayable", **place, reason=f"{type(error).__name__} {error}")
            self.broken = True
            return
        if not isinstance(self.account, EscrowAccount):
            return
        buckets = self.account.buckets
        if buckets.assets_fen != buckets.liabilities_fen:
            self._differences.add(
                "account_unbalanced", **place, assets_fen=buckets.assets_fen, liabilities_fen=buckets.liabilities_fen
            )
            self.broken = True

    def _check_draws(self, account: EscrowAccount, event: LessonDrawn, place: dict[str, Any]) -> None:
        for line in event.lines:
            contract = account.contracts[line.contract_id]
            package = contract.packages[line.package - 1]
            expected_fen = package.lesson_value_fen(line.lesson, contract.gift_valuation)
            if expected_fen != line.amount_fen + line.billed_fen:
                self._differences.add(
                    "draw_differs",
                    **place,
                    contract_id=line.contract_id,
                    lesson=line.lesson,
                    expected_fen=expected_fen,
                    amount_fen=line.amount_fen + line.billed_fen,
                )

    def finish(self) -> None:
        """Compare the buckets with what is kept contract by contract, refund by refund."""
        account = self.account
        if self.broken or not isinstance(account, EscrowAccount):
            return
        place: dict[str, Any] = {
            "partition": self.partition,
            "account_id": account.id,
            "version": account.version,
        }
        for bucket, parts_fen in _parts(account).items():
            bucket_fen = getattr(account.buckets, bucket)
            if bucket_fen != parts_fen:
                self._differences.add(
                    "bucket_differs", **place, bucket=bucket, bucket_fen=bucket_fen, parts_fen=parts_fen
                )
        for bucket in BUCKETS:
            bucket_fen = getattr(account.buckets, bucket)
            if bucket_fen < 0:
                self._differences.add("bucket_negative", **place, bucket=bucket, bucket_fen=bucket_fen)
        for contract in account.contracts.values():
            parts_fen = sum(package.prepaid_fen for package in contract.packages)
            if contract.prepaid_fen != parts_fen:
                self._differences.add(
                    "bucket_differs",
                    **place,
                    bucket=f"prepaid[{contract.contract_id}]",
                    bucket_fen=contract.prepaid_fen,
                    parts_fen=parts_fen,
                )


def _parts(account: EscrowAccount) -> dict[str, int]:
    orders = sum(i.amount_fen for i in account.instructions.values() if i.kind in ("payout", "advance"))
    unsent = sum(transfer.amount_fen for transfer in account.transfers_out.values())
    return {
        "prepaid": sum(contract.prepaid_fen for contract in account.contracts.values()),
        "suspense": sum(item.amount_fen for item in account.suspense.values()),
        "refund_payable": sum(refund.agreed_fen - refund.paid_fen for refund in account.refunds.values()),
        "payout_in_flight": orders + unsent,
        "in_transit": sum(transfer.amount_fen for transfer in account.transfers_in.values()),
    }
