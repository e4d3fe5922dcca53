"""Decisions about money coming in: fees fill their contract's packages, the rest waits in suspense."""

from typing import Any

from ledger.domain.account import Contract, EscrowAccount, Suspense
from ledger.domain.commands import (
    MatchSuspense,
    PostDeposit,
    ReleaseReserve,
    ReturnSuspense,
)
from ledger.domain.decisions.cash import sweep
from ledger.domain.decisions.context import (
    Context,
    Decision,
    require_bank,
    require_new_instruction,
    require_not_winding_down,
)
from ledger.domain.decisions.continuity import arrived, match_transfer
from ledger.domain.decisions.contracts import open_contract, require_not_amended
from ledger.domain.decisions.late_money import take_late_money
from ledger.domain.decisions.receipts import ACCEPTED, judge_receipt, require_payable
from ledger.domain.decisions.recoupment import recoup, recoup_advance
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    DepositHeldInSuspense,
    FeePaid,
    PackageAmount,
    ReserveDeposited,
    ReserveReleased,
    SuspenseMatched,
    SuspenseReason,
    SuspenseReturnInstructed,
)
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.money import require_fen, require_total
from ledger.domain.original_route import unpromised_cash_fen


def fill_packages(contract: Contract, amount_fen: int) -> tuple[PackageAmount, ...]:
    """Spread a payment over the contract's packages, first package first; at most what is due is spread: the price,
    or what was billed for lessons taught."""
    lines: list[PackageAmount] = []
    for package in contract.packages:
        part = min(amount_fen, contract.owed_fen(package))
        if part > 0:
            lines.append(PackageAmount(package=package.number, amount_fen=part))
            amount_fen -= part
    return tuple(lines)


def _find_contract(account: EscrowAccount, reference: str) -> Contract | None:
    contract_id = reference if reference in account.contracts else account.contract_nos.get(reference)
    contract = account.contracts[contract_id] if contract_id else None
    while contract is not None and contract.moved_to:  # a payer may still name the contract that was amended
        contract = account.contracts.get(contract.moved_to)
    return contract


def _entry(command: PostDeposit, context: Context) -> dict[str, Any]:
    """The fields of every event that the entry makes."""
    return context.envelope(command) | {
        "bank": command.bank,
        "bank_reference": command.bank_reference,
        "digest": command.digest,
        "payer_route": command.payer_route,
    }


def _held(
    account: EscrowAccount,
    command: PostDeposit,
    context: Context,
    amount_fen: int,
    reason: SuspenseReason,
    **found: Any,
) -> DepositHeldInSuspense:
    """So much of the receipt waits in suspense. Refuses `suspense_exists`."""
    if command.suspense_id in account.suspense:
        raise LedgerError("suspense_exists", suspense_id=command.suspense_id)
    return DepositHeldInSuspense(
        **_entry(command, context),
        **found,
        suspense_id=command.suspense_id,
        amount_fen=amount_fen,
        reason=reason,
        contract_reference=command.contract_reference,
        payment_source=command.payment_source,
    )


def post_deposit(account: EscrowAccount, command: PostDeposit, context: Context) -> Decision:
    """Every receipt is recorded: to its contract, to the reserve, or to suspense with the reason.

    Refuses only `bank_mismatch`, `suspense_exists`, wrong amounts and `total_too_large`. An overpayment becomes two
    events of one entry. What the policy refuses about the charge waits in suspense as a whole.
    """
    require_bank(account, command.bank)
    require_total(account.buckets.assets_fen + require_fen(command.amount_fen))
    if account.transfers_in:
        transfer = arrived(account, command, _entry(command, context))
        if transfer:
            return transfer
    if account.wind_down is not None:
        return take_late_money(account, command, context, _entry(command, context))
    if command.purpose == "reserve":
        return [ReserveDeposited(**_entry(command, context), amount_fen=command.amount_fen)]
    if not command.contract_reference:
        return [_held(account, command, context, command.amount_fen, "no_reference")]
    contract = _find_contract(account, command.contract_reference)
    if contract is None:
        return [_held(account, command, context, command.amount_fen, "unknown_contract")]
    if account.listing == "black":
        return [_held(account, command, context, command.amount_fen, "blacklisted")]
    policy = context.policy_of(account, command)
    verdict = ACCEPTED
    by_policy: str | None = None
    by_rules: tuple[str, ...] = ()
    if policy.judges_receipts:
        verdict = judge_receipt(
            account,
            contract,
            policy,
            on=command.effective_on,
            amount_fen=command.amount_fen,
            source=command.payment_source,
        )
        if verdict.findings:
            by_policy, by_rules = policy.name, tuple(finding.rule for finding in verdict.findings)
            if verdict.held is not None:
                ruled: dict[str, Any] = {"policy": by_policy, "rules": by_rules, "findings": verdict.findings}
                return [_held(account, command, context, command.amount_fen, verdict.held, **ruled)]
    pays_bill = contract.billing != "prepaid"
    if (
        len(contract.packages) == 1
        and not pays_bill
        and command.amount_fen <= contract.packages[0].price_fen - contract.packages[0].paid_fen
    ):
        accepted = command.amount_fen
        lines: tuple[PackageAmount, ...] = (PackageAmount(package=1, amount_fen=accepted),)
    else:
        lines = fill_packages(contract, command.amount_fen)
        accepted = sum(line.amount_fen for line in lines)
    if accepted == 0:
        return [_held(account, command, context, command.amount_fen, "overpayment")]
    paid = FeePaid(  # field by field, because this is the load
        recorded_at=context.recorded_at,
        effective_on=command.effective_on,
        actor=context.actor,
        cause=command.cause,
        policy=by_policy,
        rules=by_rules,
        bank=command.bank,
        bank_reference=command.bank_reference,
        digest=command.digest,
        contract_id=contract.contract_id,
        amount_fen=accepted,
        lines=lines,
        payer_route=command.payer_route,
        payment_source=command.payment_source,
        pays_bill=pays_bill,
        findings=verdict.findings,
    )
    events: Decision = [paid]
    if accepted < command.amount_fen:
        rest_fen = command.amount_fen - accepted
        events.append(_held(account, command, context, rest_fen, "overpayment", policy=by_policy, rules=by_rules))
    if account.fees.cash_reports:
        swept = {"contract_id": contract.contract_id, "bank_reference": command.bank_reference}
        events += sweep(account, command, context, amount_fen=accepted, **swept)
    if pays_bill:
        events += recoup(account, command, context, newly_earned_fen=accepted)
    return events


def _open_suspense(account: EscrowAccount, suspense_id: str) -> Suspense:
    item = account.suspense.get(suspense_id)
    if item is None:
        raise LedgerError("suspense_not_found", suspense_id=suspense_id)
    if item.returning:
        raise LedgerError("suspense_return_pending", suspense_id=suspense_id)
    return item


def match_suspense(account: EscrowAccount, command: MatchSuspense, context: Context) -> Decision:
    """Refuses `account_blacklisted` (a receipt for such a contract stays in suspense), `suspense_not_found`,
    `suspense_return_pending`, `contract_not_found`, `contract_amended`, `suspense_too_small`, `contract_overpaid`, and
    what the charge goes beyond where the policy refuses it (`fee_*`). To a transfer: what `match_transfer` refuses."""
    if command.transfer_id:
        return match_transfer(account, command, context, _open_suspense(account, command.suspense_id))
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    item = _open_suspense(account, command.suspense_id)
    if item.after_wind_down:
        require_not_winding_down(account)
    contract = open_contract(account, command.contract_id)
    require_not_amended(contract)
    require_fen(command.amount_fen)
    if command.amount_fen > item.amount_fen:
        raise LedgerError(
            "suspense_too_small",
            suspense_id=command.suspense_id,
            held_fen=item.amount_fen,
            amount_fen=command.amount_fen,
        )
    lines = fill_packages(contract, command.amount_fen)
    due_fen = sum(line.amount_fen for line in lines)
    if due_fen < command.amount_fen:
        raise LedgerError("contract_overpaid", due_fen=due_fen, amount_fen=command.amount_fen)
    policy = context.policy_of(account, command)
    findings = require_payable(account, contract, policy, on=command.effective_on, from_loan=item.from_loan)
    said = context.ruled(command, policy, *(one.rule for one in findings)) if findings else context.envelope(command)
    pays_bill = contract.billing != "prepaid"
    matched: Decision = [
        SuspenseMatched(
            **said,
            suspense_id=command.suspense_id,
            contract_id=command.contract_id,
            amount_fen=command.amount_fen,
            lines=lines,
            payment_reference=item.reference,
            payer_route=item.route,
            reason=command.reason,
            pays_bill=pays_bill,
            findings=findings,
        )
    ]
    if account.fees.cash_reports:
        swept = {"contract_id": command.contract_id, "bank_reference": item.reference}
        matched += sweep(account, command, context, amount_fen=command.amount_fen, **swept)
    if pays_bill:
        matched += recoup(account, command, context, newly_earned_fen=command.amount_fen)
    return matched


def return_suspense(account: EscrowAccount, command: ReturnSuspense, context: Context) -> Decision:
    """Refuses `suspense_not_found`, `suspense_return_pending`, `instruction_exists`, and `cash_short` when the
    cash is not there (any more) or is promised to others."""
    item = _open_suspense(account, command.suspense_id)
    require_new_instruction(account, command.instruction_id)
    cash_fen = unpromised_cash_fen(account)
    if item.amount_fen > cash_fen:
        raise LedgerError("cash_short", amount_fen=item.amount_fen, cash_fen=cash_fen)
    policy = context.policy_of(account, command)
    rules = control_rules(policy, "suspense_return")
    return [
        SuspenseReturnInstructed(
            **(context.ruled(command, policy, *rules) if rules else context.envelope(command)),
            suspense_id=command.suspense_id,
            instruction_id=command.instruction_id,
            end_to_end_id=end_to_end_id(command.instruction_id),
            route=item.route,
            amount_fen=item.amount_fen,
            reason=command.reason,
            needs_approval=needs_approval(policy, "suspense_return"),
        )
    ]


def release_reserve(account: EscrowAccount, command: ReleaseReserve, context: Context) -> Decision:
    """Refuses `reserve_too_small`, and in a wind-down `families_not_whole`: the reserve stands in for families."""
    if account.wind_down is not None and account.buckets.obligation_fen:
        raise LedgerError("families_not_whole", owed_fen=account.buckets.obligation_fen)
    require_fen(command.amount_fen)
    if command.amount_fen > account.buckets.reserve:
        raise LedgerError("reserve_too_small", reserve_fen=account.buckets.reserve, amount_fen=command.amount_fen)
    released = ReserveReleased(**context.envelope(command), amount_fen=command.amount_fen, reason=command.reason)
    return [released, *recoup_advance(account, command, context, newly_earned_fen=command.amount_fen)]
