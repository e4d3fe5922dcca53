"""Decisions about continuity: offered, accepted, and moved in two halves that are recorded together or not at all."""

from typing import Any

from ledger.domain.account import Contract, EscrowAccount, Suspense
from ledger.domain.commands import (
    AcceptContinuity,
    Command,
    InstructTransfer,
    MatchSuspense,
    OfferContinuity,
    PostDeposit,
    ReceiveContinuity,
    RevokeContinuity,
    TransferContinuity,
)
from ledger.domain.continuity import plan_continuity
from ledger.domain.continuity_state import ContinuityOffer, TransferIn, TransferOut
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.decisions.contracts import open_contract, require_new_contract
from ledger.domain.decisions.refund_clocks import AUTOMATIC_RETURNS
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    ContinuityAccepted,
    ContinuityArrived,
    ContinuityMatched,
    ContinuityOffered,
    ContinuityReceived,
    ContinuityRevoked,
    ContinuityTransferred,
    ContractSigned,
    TransferInstructed,
)
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.money import require_total

CLOSURE = "closure.notice"


def offer_continuity(account: EscrowAccount, command: OfferContinuity, context: Context) -> Decision:
    """Refuses `account_winding_down`, `account_frozen`, `account_blacklisted`, `account_closing`, `continuity_self`,
    `continuity_offered`, `continuity_dates_wrong`."""
    _require_going_on(account)
    if command.from_account_id == str(account.id):
        raise LedgerError("continuity_self")
    if command.offer_id in account.offers:
        raise LedgerError("continuity_offered", offer_id=command.offer_id)
    if not command.effective_on <= command.until_on <= command.ends_on:
        raise LedgerError(
            "continuity_dates_wrong", until_on=command.until_on.isoformat(), ends_on=command.ends_on.isoformat()
        )
    return [
        ContinuityOffered(
            **context.envelope(command),
            offer_id=command.offer_id,
            from_account_id=command.from_account_id,
            course_id=command.course_id,
            lesson_minutes=command.lesson_minutes,
            ends_on=command.ends_on,
            until_on=command.until_on,
        )
    ]


def _require_going_on(account: EscrowAccount) -> None:
    """Who takes families over must itself be allowed to sign contracts, and stay."""
    require_traffic(account, "contracts")
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    if account.closes_on is not None:
        raise LedgerError("account_closing", closes_on=account.closes_on.isoformat())


def accept_continuity(account: EscrowAccount, command: AcceptContinuity, context: Context) -> Decision:
    """The family's own act; another choice takes the place of an earlier one.

    Refuses `contract_not_found`, `continuity_not_open` while the institution goes on, and `continuity_too_late` once
    everything is on its way to the family or paid.
    """
    contract = open_contract(account, command.contract_id)
    if account.closes_on is None and account.wind_down is None:
        raise LedgerError("continuity_not_open")
    if not contract.prepaid_fen and not _is_owed(account, contract):
        raise LedgerError("continuity_too_late", contract_id=command.contract_id)
    return [
        ContinuityAccepted(
            **context.envelope(command),
            contract_id=command.contract_id,
            offer_id=command.offer_id,
            to_account_id=command.to_account_id,
        )
    ]


def _is_owed(account: EscrowAccount, contract: Contract) -> bool:
    """Whether a refund of the contract is not wholly on its way."""
    return any(
        refund.contract_id == contract.contract_id and refund.agreed_fen > refund.in_flight_fen + refund.paid_fen
        for refund in (account.refunds[refund_id] for refund_id in account.unpaid_refunds)
    )


def revoke_continuity(account: EscrowAccount, command: RevokeContinuity, context: Context) -> Decision:
    """Refuses `contract_not_found`, `continuity_not_accepted`."""
    contract = open_contract(account, command.contract_id)
    if contract.continuity is None:
        raise LedgerError("continuity_not_accepted", contract_id=command.contract_id)
    return [
        ContinuityRevoked(
            **context.envelope(command),
            contract_id=command.contract_id,
            offer_id=contract.continuity.offer_id,
            reason=command.reason,
        )
    ]


def transfer_continuity(account: EscrowAccount, command: TransferContinuity, context: Context) -> Decision:
    """The half of the account that is left.

    Refuses `contract_not_found`, `continuity_not_accepted`, what `plan_continuity` refuses, and `continuity_changed`
    when the contract is not as it was planned: then nothing happens in the other account either.
    """
    contract = open_contract(account, command.contract_id)
    choice = contract.continuity
    if choice is None or (choice.offer_id, choice.to_account_id) != (command.offer_id, command.to_account_id):
        raise LedgerError("continuity_not_accepted", contract_id=command.contract_id)
    plan = plan_continuity(account, contract)
    if (plan.lines, plan.refunds, plan.payments) != (command.lines, command.refunds, command.payments):
        raise LedgerError("continuity_changed", contract_id=command.contract_id)
    policy = context.policy_of(account, command)
    instruction_id = f"{command.transfer_id}.{account.version}"
    rules = (CLOSURE, *control_rules(policy, "transfer"))
    return [
        ContinuityTransferred(
            **context.ruled(command, policy, *rules),
            transfer_id=command.transfer_id,
            contract_id=command.contract_id,
            offer_id=command.offer_id,
            to_account_id=command.to_account_id,
            to_contract_id=command.to_contract_id,
            amount_fen=plan.amount_fen,
            lines=plan.lines,
            refunds=plan.refunds,
            payments=plan.payments,
            instruction_id=instruction_id,
            end_to_end_id=end_to_end_id(instruction_id),
            route=command.route,
            needs_approval=needs_approval(policy, "transfer"),
        )
    ]


def receive_continuity(account: EscrowAccount, command: ReceiveContinuity, context: Context) -> Decision:
    """The half of the account that takes over: a contract at the remaining value, paid by money in transit.

    Caps on charges are not asked again: nothing new is charged. Refuses `account_winding_down`, `account_frozen`,
    `account_blacklisted`, `account_closing`, `continuity_not_offered`, `contract_exists`, `contract_no_taken`.
    """
    _require_going_on(account)
    offer = _open_offer(account, command)
    require_new_contract(
        account,
        contract_id=command.contract_id,
        contract_no=command.contract_no,
        starts_on=command.effective_on,
        ends_on=offer.ends_on,
    )
    amount_fen = sum(line.amount_fen for line in command.lines)
    require_total(account.buckets.assets_fen + amount_fen)
    said = context.ruled(command, context.policy_of(account, command), CLOSURE)
    return [
        ContractSigned(
            **said,
            contract_id=command.contract_id,
            contract_no=command.contract_no,
            family_id=command.family_id,
            student_id=command.student_id,
            course_id=offer.course_id,
            subject=command.subject,
            category=command.category,
            starts_on=command.effective_on,
            ends_on=offer.ends_on,
            lesson_minutes=offer.lesson_minutes,
            packages=command.packages,
            gift_valuation=command.gift_valuation,
        ),
        ContinuityReceived(
            **said,
            transfer_id=command.transfer_id,
            contract_id=command.contract_id,
            offer_id=command.offer_id,
            from_account_id=command.from_account_id,
            from_contract_id=command.from_contract_id,
            amount_fen=amount_fen,
            lines=command.lines,
            payments=command.payments,
        ),
    ]


def _open_offer(account: EscrowAccount, command: ReceiveContinuity) -> ContinuityOffer:
    offer = account.offers.get(command.offer_id)
    if offer is None or offer.from_account_id != command.from_account_id or offer.until_on < command.effective_on:
        raise LedgerError("continuity_not_offered", offer_id=command.offer_id)
    return offer


def arrived(account: EscrowAccount, command: PostDeposit, entry: dict[str, Any]) -> Decision:
    """A receipt that names a transfer on its way, or its contract, and is of its amount, is that transfer's money; any
    other is none."""
    if command.purpose != "fee" or not account.transfers_in:
        return []
    transfer_id, transfer = _expected(account, command.contract_reference)
    if transfer is None or transfer.amount_fen != command.amount_fen:
        return []
    return [
        ContinuityArrived(
            **{name: value for name, value in entry.items() if name in _ENTRY},
            transfer_id=transfer_id,
            contract_id=transfer.contract_id,
            amount_fen=command.amount_fen,
        )
    ]


def _expected(account: EscrowAccount, reference: str) -> tuple[str, TransferIn | None]:
    """The transfer of that id, or the one that is on its way to that contract."""
    if reference in account.transfers_in:
        return reference, account.transfers_in[reference]
    for transfer_id, transfer in account.transfers_in.items():
        if transfer.contract_id == reference:
            return transfer_id, transfer
    return "", None


def match_transfer(account: EscrowAccount, command: MatchSuspense, context: Context, item: Suspense) -> Decision:
    """The receipt in suspense is the money of a transfer to the contract: like what arrived by its text it is of the
    transfer's amount, and asks neither whether the account is listed nor whether it is wound up.

    Refuses `transfer_not_found` (also when its money is here already), `transfer_amount_differs`.
    """
    transfer = account.transfers_in.get(command.transfer_id)
    if transfer is None or transfer.contract_id != command.contract_id:
        raise LedgerError("transfer_not_found", transfer_id=command.transfer_id)
    if not transfer.amount_fen == item.amount_fen == command.amount_fen:
        raise LedgerError(
            "transfer_amount_differs",
            transfer_id=command.transfer_id,
            transfer_fen=transfer.amount_fen,
            held_fen=item.amount_fen,
            amount_fen=command.amount_fen,
        )
    return [
        ContinuityMatched(
            **context.envelope(command),
            suspense_id=command.suspense_id,
            transfer_id=command.transfer_id,
            contract_id=transfer.contract_id,
            amount_fen=transfer.amount_fen,
            payment_reference=item.reference,
            reason=command.reason,
        )
    ]


_ENTRY = frozenset(ContinuityArrived.__struct_fields__)


def instruct_transfer(account: EscrowAccount, command: InstructTransfer, context: Context) -> Decision:
    """Refuses `transfer_not_found`, `transfer_under_way`."""
    transfer = account.transfers_out.get(command.transfer_id)
    if transfer is None:
        raise LedgerError("transfer_not_found", transfer_id=command.transfer_id)
    if transfer.instruction_id:
        raise LedgerError("transfer_under_way", transfer_id=command.transfer_id)
    return [_again(account, command, context, command.transfer_id, transfer)]


def send_transfers_again(account: EscrowAccount, command: Command, context: Context) -> Decision:
    """At the daily close: transfers that the bank could not send, each once; then people have to act."""
    return [
        _again(account, command, context, transfer_id, transfer)
        for transfer_id, transfer in sorted(account.transfers_out.items())
        if not transfer.instruction_id and transfer.returns <= AUTOMATIC_RETURNS
    ]


def _again(
    account: EscrowAccount, command: Command, context: Context, transfer_id: str, transfer: TransferOut
) -> TransferInstructed:
    policy = context.policy_of(account, command)
    instruction_id = f"{transfer_id}.{account.version}"
    return TransferInstructed(
        **context.ruled(command, policy, CLOSURE, *control_rules(policy, "transfer")),
        transfer_id=transfer_id,
        instruction_id=instruction_id,
        end_to_end_id=end_to_end_id(instruction_id),
        route=transfer.route,
        amount_fen=transfer.amount_fen,
        needs_approval=needs_approval(policy, "transfer"),
    )
