"""Decisions that share the cash among claims, send it along the original routes, and end the wind-down."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from ledger.domain.account import Contract, EscrowAccount, Payment
from ledger.domain.commands import CloseWindDown, Command, ContinueWindDown, DistributeClaims
from ledger.domain.decisions.claims import PAGE, record_claims, settle_lessons
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.refund_agreement import Agreements
from ledger.domain.decisions.refund_clocks import AUTOMATIC_RETURNS
from ledger.domain.errors import LedgerError
from ledger.domain.events import Allocation, ClaimAllocated, DistributionOpened, PaymentAmount, WindDownClosed
from ledger.domain.wind_down import distributable, totals
from ledger.domain.wind_down_state import WindDown

CLOSURE = "closure.notice"


def require_winding_down(account: EscrowAccount) -> WindDown:
    """The wind-down; raises `account_not_winding_down`."""
    if account.wind_down is None:
        raise LedgerError("account_not_winding_down")
    return account.wind_down


def continue_wind_down(account: EscrowAccount, command: ContinueWindDown, context: Context) -> Decision:
    """The first of these that there is to do: lessons to settle, claims to record, an open distribution to hand out,
    claims to send that were given and are not on their way. Nothing when there is none. Refuses
    `account_not_winding_down`.
    """
    require_winding_down(account)
    return (
        _unsettled(account, command, context)
        or _hand_out(account, command, context)
        or _send_waiting(account, command, context)
    )


def _unsettled(account: EscrowAccount, command: Command, context: Context) -> Decision:
    return settle_lessons(account, command, context) or record_claims(account, command, context)


def distribute_claims(account: EscrowAccount, command: DistributeClaims, context: Context) -> Decision:
    """Open a distribution of what is there; its pages follow.

    Refuses `account_not_winding_down`, `wind_down_unsettled` while lessons, claims or another distribution are under
    way, and `distribution_nothing`.
    """
    wind_down = require_winding_down(account)
    if wind_down.shares or _unsettled(account, command, context):
        raise LedgerError("wind_down_unsettled")
    now = distributable(account)
    if not now.amount_fen:
        raise LedgerError(
            "distribution_nothing", available_fen=max(0, now.available_fen), uncovered_fen=now.uncovered_fen
        )
    claims = sum(account.refunds[refund_id].uncovered_fen > 0 for refund_id in account.unpaid_refunds)
    return [
        DistributionOpened(
            **context.ruled(command, context.policy_of(account, command), CLOSURE),
            number=wind_down.distributions + 1,
            available_fen=now.available_fen,
            amount_fen=now.amount_fen,
            claims_fen=now.uncovered_fen,
            claims=claims,
        )
    ]


def _hand_out(account: EscrowAccount, command: Command, context: Context) -> Decision:
    """The next page of the open distribution, and its refunds on their way."""
    wind_down = account.wind_down
    assert wind_down is not None
    page = list(islice(sorted(wind_down.shares.items()), PAGE))
    if not page:
        return []
    # The contracts and refunds of the page as they will be; the account itself is not touched.
    working = msgspec.structs.replace(account, refunds=dict(account.refunds), contracts=dict(account.contracts))
    lines: list[Allocation] = []
    for refund_id, share_fen in page:
        refund = account.refunds[refund_id]
        # The institution may have paid some of it since the distribution was opened: nobody is given more than all.
        allocated_fen = min(share_fen, refund.uncovered_fen)
        given = msgspec.structs.replace(refund, allocated_fen=refund.given_fen + allocated_fen)
        contract = _copied(working.contracts[refund.contract_id])
        working.refunds[refund_id], working.contracts[refund.contract_id] = given, contract
        lines.append(
            Allocation(
                contract_id=refund.contract_id,
                refund_id=refund_id,
                uncovered_fen=refund.uncovered_fen,
                allocated_fen=allocated_fen,
                kept=tuple(_stand_in(contract, given.to_instruct_fen)),
            )
        )
    b = account.buckets
    kept_fen = sum(part.amount_fen for line in lines for part in line.kept)
    agreements = Agreements(working, command, context)
    agreements.record(
        ClaimAllocated(
            **context.ruled(command, agreements.policy, CLOSURE),
            distribution=wind_down.distributions,
            lines=tuple(lines),
            from_reserve_fen=min(kept_fen, b.reserve, b.held_by_institution),
        )
    )
    for refund_id, _ in page:
        if working.refunds[refund_id].to_instruct_fen > 0:
            agreements.send(refund_id)
    return agreements.events


def _copied(contract: Contract) -> Contract:
    payments = {reference: msgspec.structs.replace(payment) for reference, payment in contract.payments.items()}
    return msgspec.structs.replace(contract, payments=payments)


def _stand_in(contract: Contract, amount_fen: int) -> Iterator[PaymentAmount]:
    """What of an amount that goes back now lies with the institution: from here on the account pays it."""
    for reference, payment in reversed(contract.payments.items()):
        part_fen = min(amount_fen, payment.amount_fen - payment.refunded_fen)
        amount_fen -= part_fen
        kept_fen = max(0, part_fen - _at_bank_fen(payment))
        if kept_fen:
            payment.kept_fen -= kept_fen
            yield PaymentAmount(payment_reference=reference, amount_fen=kept_fen)


def _at_bank_fen(payment: Payment) -> int:
    return payment.amount_fen - payment.refunded_fen - payment.kept_fen


def _send_waiting(account: EscrowAccount, command: Command, context: Context) -> Decision:
    """A page of claims that were given and are not on their way, each again once after the bank returned it."""
    waiting = (
        refund_id
        for refund_id in sorted(account.unpaid_refunds)
        if account.refunds[refund_id].to_instruct_fen > 0
        and max(account.refunds[refund_id].returns.values(), default=0) <= AUTOMATIC_RETURNS
    )
    agreements = Agreements(account, command, context)
    for refund_id in islice(waiting, PAGE):
        agreements.send(refund_id)
    return agreements.events


def close_wind_down(account: EscrowAccount, command: CloseWindDown, context: Context) -> Decision:
    """The report, once everything is paid or explained.

    Refuses `account_not_winding_down`, `wind_down_closed`, `wind_down_unsettled`, and `wind_down_unfinished` while
    money is at banks or in suspense, could still be shared, or was given and cannot be paid and nobody says why.
    """
    wind_down = require_winding_down(account)
    if wind_down.closed_on is not None:
        raise LedgerError("wind_down_closed", closed_on=wind_down.closed_on.isoformat())
    if wind_down.shares or _unsettled(account, command, context):
        raise LedgerError("wind_down_unsettled")
    at_banks_fen = account.buckets.payout_in_flight + sum(
        account.refunds[refund_id].in_flight_fen for refund_id in account.unpaid_refunds
    )
    report, now = totals(account), distributable(account)
    unexplained_fen = 0 if command.reason else report.held_fen
    if at_banks_fen or unexplained_fen or now.amount_fen or now.suspense_fen:
        raise LedgerError(
            "wind_down_unfinished",
            in_flight_fen=at_banks_fen,
            waiting_fen=unexplained_fen,
            available_fen=now.amount_fen,
            suspense_fen=now.suspense_fen,
        )
    figures: dict[str, Any] = report._asdict()
    return [
        WindDownClosed(
            **context.ruled(command, context.policy_of(account, command), CLOSURE),
            **figures,
            distributions=wind_down.distributions,
            reason=command.reason,
        )
    ]
