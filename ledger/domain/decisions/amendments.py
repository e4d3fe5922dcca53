"""Decisions about amended contracts (转课): proposed by the institution, accepted or turned down by the family.

The old contract is left with what was taught of it, the new one has the rest, package by package, and the payments that
it came by. What is left is worked out when the family accepts; a proposal that says otherwise is out of date.
"""

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.carried_payments import carried_payments, remaining_lines
from ledger.domain.commands import AcceptAmendment, DeclineAmendment, ProposeAmendment, WithdrawAmendment
from ledger.domain.decisions.charges import amended_charge, check_model, check_terms, enforce
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.decisions.contracts import (
    has_open_refund,
    open_contract,
    require_before_closure,
    require_new_contract,
    require_no_pending_lessons,
    require_not_amended,
    require_packages,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AmendedTerms,
    ChargeFinding,
    ContractAmended,
    ContractAmendmentDeclined,
    ContractAmendmentProposed,
    ContractAmendmentWithdrawn,
)
from ledger.domain.fee_state import ProposedAmendment
from ledger.domain.policy import Policy


def propose_amendment(account: EscrowAccount, command: ProposeAmendment, context: Context) -> Decision:
    """Refuses what `accept_amendment` would refuse now."""
    contract = open_contract(account, command.contract_id)
    policy = context.policy_of(account, command)
    _require_amendable(account, contract, command.terms, policy)
    _findings(account, contract, command.terms, policy, command)
    return [
        ContractAmendmentProposed(
            **context.envelope(command),
            contract_id=command.contract_id,
            amendment_id=command.amendment_id,
            terms=command.terms,
            reason=command.reason,
        )
    ]


def accept_amendment(account: EscrowAccount, command: AcceptAmendment, context: Context) -> Decision:
    """Refuses `contract_not_found`, `amendment_not_found`, `amendment_of_bills`, `contract_amended`,
    `contract_lessons_open`, `contract_refund_open`, `amendment_outdated`, `amendment_value_lost`, wrong terms as for a
    new contract, and what the new charge goes beyond where the policy refuses it."""
    contract = open_contract(account, command.contract_id)
    terms = _proposed(contract, command.amendment_id).terms
    policy = context.policy_of(account, command)
    _require_amendable(account, contract, terms, policy)
    findings = _findings(account, contract, terms, policy, command)
    charge = amended_charge(contract, terms)
    lines = remaining_lines(contract)
    return [
        ContractAmended(
            **context.ruled(command, policy, "refund.original_route", *(finding.rule for finding in findings)),
            contract_id=command.contract_id,
            amendment_id=command.amendment_id,
            terms=terms,
            amount_fen=sum(line.amount_fen for line in lines),
            lines=lines,
            payments=carried_payments(contract, lines),
            family_id=contract.family_id,
            student_id=contract.student_id,
            gift_valuation=policy.gift_valuation,
            signed_on=contract.signed_on,
            charged_from=contract.charged_from,
            charged_lessons=charge.charged_lessons,
            charged_fen=charge.charged_fen,
            findings=findings,
        )
    ]


def decline_amendment(account: EscrowAccount, command: DeclineAmendment, context: Context) -> Decision:
    """Refuses `contract_not_found`, `amendment_not_found`; nothing else: a family may always say no."""
    _proposed(open_contract(account, command.contract_id), command.amendment_id)
    return [
        ContractAmendmentDeclined(
            **context.envelope(command),
            contract_id=command.contract_id,
            amendment_id=command.amendment_id,
            reason=command.reason,
        )
    ]


def withdraw_amendment(account: EscrowAccount, command: WithdrawAmendment, context: Context) -> Decision:
    """Refuses `contract_not_found`, and `amendment_not_found` once the family has answered."""
    _proposed(open_contract(account, command.contract_id), command.amendment_id)
    return [
        ContractAmendmentWithdrawn(
            **context.envelope(command),
            contract_id=command.contract_id,
            amendment_id=command.amendment_id,
            reason=command.reason,
        )
    ]


def _proposed(contract: Contract, amendment_id: str) -> ProposedAmendment:
    """The proposal of that id, if it is the one that waits for the family."""
    proposed = contract.amendment
    if proposed is None or proposed.amendment_id != amendment_id:
        raise LedgerError("amendment_not_found", contract_id=contract.contract_id, amendment_id=amendment_id)
    return proposed


def _require_amendable(account: EscrowAccount, contract: Contract, terms: AmendedTerms, policy: Policy) -> None:
    require_traffic(account, "contracts")
    require_before_closure(account, terms.ends_on)
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    require_not_amended(contract)
    if contract.billing != "prepaid":
        raise LedgerError("amendment_of_bills", contract_id=contract.contract_id)
    require_no_pending_lessons(contract)
    if has_open_refund(account, contract):
        raise LedgerError(
            "contract_refund_open", contract_id=contract.contract_id, refund_id=contract.open_refund or ""
        )
    require_new_contract(
        account,
        contract_id=terms.contract_id,
        contract_no=terms.contract_no,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
    )
    require_packages(terms.packages, policy)
    _require_value(contract, terms)


def _require_value(contract: Contract, terms: AmendedTerms) -> None:
    """Every fen that is left goes on, each package's to one package that costs at least as much."""
    left = {package.number: package.prepaid_fen for package in contract.packages}
    carried: dict[int, int] = {}
    for package in terms.packages:
        if package.from_package:
            if package.from_package not in left or package.from_package in carried:
                raise LedgerError("package_not_found", contract_id=contract.contract_id, package=package.from_package)
            carried[package.from_package] = package.carried_fen
        elif package.carried_fen:
            raise LedgerError("package_not_found", contract_id=contract.contract_id, package=0)
        if package.carried_fen > package.price_fen:
            raise LedgerError(
                "amendment_value_lost",
                package=package.number,
                price_fen=package.price_fen,
                carried_fen=package.carried_fen,
            )
    for number, left_fen in left.items():
        if carried.get(number, 0) != left_fen:
            raise LedgerError(
                "amendment_outdated", package=number, left_fen=left_fen, carried_fen=carried.get(number, 0)
            )


def _findings(
    account: EscrowAccount,
    contract: Contract,
    terms: AmendedTerms,
    policy: Policy,
    command: ProposeAmendment | AcceptAmendment,
) -> tuple[ChargeFinding, ...]:
    charge = amended_charge(contract, terms)
    return enforce(
        [*check_model(terms.model_version, policy), *check_terms(account, charge, policy, command.effective_on)], policy
    )
