"""Decisions that turn what families have left into claims: lessons settled first, then a refund for everything."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from ledger.domain.account import Contract, EscrowAccount, QuotedPackage, Refund
from ledger.domain.commands import Command
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.lessons import pending_line
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.decisions.refund_agreement import Agreements
from ledger.domain.decisions.releasing import releasable_on
from ledger.domain.events import (
    Claim,
    ClaimRecorded,
    ClaimRoute,
    DisputeResolved,
    DrawLine,
    LessonDrawn,
    RefundQuoted,
    RefundRequested,
)
from ledger.domain.refund_solver import capacity_fen, closure_lines
from ledger.domain.wind_down import needs_claim

PAGE = 200
"""So many claims an event: small enough to be stored and read, large enough to share a commit."""
REASON = "wind-down"


def settle_lessons(account: EscrowAccount, command: Command, context: Context) -> Decision:
    """A page of lessons that wait for the family's word: undisputed ones count as taught, disputed ones are dropped.

    What was taught before the wind-down is consumed, and its price no family's claim; but nobody has confirmed it, so
    it is drawn as by silence, and the family may dispute it in the holding days (rules lesson.deemed_after,
    lesson.deemed_holding). Nobody is left to decide a dispute but for the family.
    """
    waiting: dict[str, list[DrawLine]] = {}
    events: Decision = []
    for contract, lesson_id in islice(_pending(account), PAGE):
        line = pending_line(contract, lesson_id)
        if not contract.pending[lesson_id].disputed:
            waiting.setdefault(lesson_id, []).append(line)
            continue
        events.append(
            DisputeResolved(
                **context.envelope(command),
                lesson_id=lesson_id,
                line=line,
                outcome="dropped",
                by="order",
                reason=REASON,
            )
        )
    if not waiting:
        return events
    policy = context.policy_of(account, command)
    payable_on = releasable_on(policy, context, command, holding_days=policy.holding_days)
    for lesson_id, lines in waiting.items():
        events.append(
            LessonDrawn(
                **context.ruled(command, policy, "lesson.deemed_after", "lesson.deemed_holding"),
                lesson_id=lesson_id,
                lines=tuple(lines),
                basis="deemed",
                releasable_on=payable_on,
            )
        )
    earned_fen = sum(line.amount_fen for lines in waiting.values() for line in lines)
    return [*events, *recoup(account, command, context, newly_earned_fen=earned_fen)]


def _pending(account: EscrowAccount) -> Iterator[tuple[Contract, str]]:
    for contract_id in sorted(contract_id for contract_id, contract in account.contracts.items() if contract.pending):
        contract = account.contracts[contract_id]
        for lesson_id in sorted(contract.pending):
            yield contract, lesson_id


def record_claims(account: EscrowAccount, command: Command, context: Context) -> Decision:
    """A page of contracts with something left: all of it is agreed to be refunded, and is the family's claim.

    A request that was open is decided for the family: its quote, and whatever else the contract has left. Refunds that
    were agreed before are claims as they are. Nothing is sent: that is for the distribution to say.
    """
    page = list(islice(_to_claim(account), PAGE))
    if not page:
        return []
    # Refunds are made here that the account does not have yet; everything else is looked at alone.
    working = msgspec.structs.replace(account, refunds=dict(account.refunds))
    agreements = Agreements(working, command, context)
    said = context.ruled(command, agreements.policy, "closure.notice")
    claims: list[Claim] = []
    for contract, owed in page:
        routes = _Routes(contract)
        for refund_id in owed:
            claims.append(_owed_before(account, contract, refund_id, routes))
        refund_id = contract.open_refund
        refund = account.refunds[refund_id] if refund_id else None
        if refund_id is None or refund is None or refund.final:
            if not contract.prepaid_fen:
                continue
            refund_id = _new_refund_id(account, contract)
            refund = working.refunds[refund_id] = _request(contract, refund_id, agreements, said)
        # An open request can have lessons given back: its arithmetic is that of its own quote.
        lines = closure_lines(contract) if refund_id not in account.refunds else ()
        amount_fen = capacity_fen(contract, refund)
        agreements.agree(refund_id, amount_fen, by="order", final=True, send=False)
        claim_fen = refund.agreed_fen - refund.paid_fen + amount_fen
        if claim_fen:
            claims.append(
                Claim(
                    contract_id=contract.contract_id,
                    family_id=contract.family_id,
                    refund_id=refund_id,
                    claim_fen=claim_fen,
                    under_way_fen=refund.promised_fen,
                    lines=lines,
                    routes=routes.take(claim_fen - refund.in_flight_fen),
                )
            )
    if not claims:
        return agreements.events
    return [*agreements.events, ClaimRecorded(**said, claims=tuple(claims))]


def _to_claim(account: EscrowAccount) -> Iterator[tuple[Contract, list[str]]]:
    """Contracts with something that is no claim yet, in order of their ids, each with refunds that were agreed."""
    owed: dict[str, list[str]] = {}
    open_requests: set[str] = set()
    for refund_id in sorted(account.unpaid_refunds):
        refund = account.refunds[refund_id]
        if needs_claim(account, refund_id, refund):
            owed.setdefault(refund.contract_id, []).append(refund_id)
        elif not refund.final:
            open_requests.add(refund.contract_id)
    for contract_id in sorted(account.contracts):
        contract = account.contracts[contract_id]
        if contract.prepaid_fen or contract_id in owed or contract_id in open_requests:
            yield contract, owed.get(contract_id, [])


def _owed_before(account: EscrowAccount, contract: Contract, refund_id: str, routes: "_Routes") -> Claim:
    refund = account.refunds[refund_id]
    claim_fen = refund.agreed_fen - refund.paid_fen
    return Claim(
        contract_id=contract.contract_id,
        family_id=contract.family_id,
        refund_id=refund_id,
        claim_fen=claim_fen,
        under_way_fen=refund.promised_fen,
        routes=routes.take(claim_fen - refund.in_flight_fen),
    )


def _new_refund_id(account: EscrowAccount, contract: Contract) -> str:
    """The id of a refund that the wind-down makes; a contract can need another, for money that comes back to it."""
    name, number = f"{contract.contract_id}.wind-down", 1
    while name in account.refunds:
        number += 1
        name = f"{contract.contract_id}.wind-down-{number}"
    return name


def _request(contract: Contract, refund_id: str, agreements: Agreements, said: dict[str, Any]) -> Refund:
    """The request that nobody has to make, and its quote: full unconsumed."""
    lines = closure_lines(contract)
    amount_fen = sum(line.refund_fen for line in lines)
    agreements.record(
        RefundRequested(
            **said,
            refund_id=refund_id,
            contract_id=contract.contract_id,
            reason=REASON,
            answer_due_on=agreements.command.effective_on,
            ground="closure",
        )
    )
    agreements.record(
        RefundQuoted(**said, refund_id=refund_id, basis="closure", amount_fen=amount_fen, lines=lines, bases=lines)
    )
    quote = [QuotedPackage(refund_fen=line.refund_fen, used_fen=line.drawn_fen) for line in lines]
    return Refund(contract_id=contract.contract_id, state="requested", quoted_fen=amount_fen, quote=quote)


class _Routes:
    """Along which routes a contract's claims go, newest payment first; several claims share its payments."""

    def __init__(self, contract: Contract) -> None:
        self._payments = contract.payments
        self._left = {
            reference: payment.amount_fen - payment.refunded_fen
            for reference, payment in reversed(contract.payments.items())
        }

    def take(self, amount_fen: int) -> tuple[ClaimRoute, ...]:
        """The parts of an amount, which later claims do not take again."""
        taken: list[ClaimRoute] = []
        for reference, left_fen in self._left.items():
            part_fen = min(amount_fen, left_fen)
            if part_fen > 0:
                route = self._payments[reference].route
                taken.append(ClaimRoute(payment_reference=reference, route=route, amount_fen=part_fen))
                self._left[reference] -= part_fen
                amount_fen -= part_fen
        return tuple(taken)
