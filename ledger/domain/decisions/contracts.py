"""Decisions about contracts."""

from collections.abc import Sequence
from datetime import date, timedelta

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.commands import EndContract, SignContract
from ledger.domain.decisions.charges import Charge, check_model, check_terms, enforce, prices_of
from ledger.domain.decisions.context import Context, Decision, require_not_winding_down, require_traffic
from ledger.domain.errors import LedgerError
from ledger.domain.events import ContractEnded, ContractSigned, Package
from ledger.domain.fee_state import CashReport
from ledger.domain.money import require_fen
from ledger.domain.policy import Policy


def open_contract(account: EscrowAccount, contract_id: str) -> Contract:
    """The contract; raises `contract_not_found` when unknown or ended."""
    contract = account.contracts.get(contract_id)
    if contract is None:
        raise LedgerError("contract_not_found", contract_id=contract_id)
    return contract


def require_not_amended(contract: Contract) -> None:
    """Raises `contract_amended` for one in whose place another contract is."""
    if contract.moved_to:
        raise LedgerError("contract_amended", contract_id=contract.contract_id, new_contract_id=contract.moved_to)


def require_new_contract(
    account: EscrowAccount, *, contract_id: str, contract_no: str, starts_on: date, ends_on: date
) -> None:
    """Raises `contract_exists`, `contract_no_taken`, `contract_dates_reversed`."""
    if contract_id in account.contracts:
        raise LedgerError("contract_exists", contract_id=contract_id)
    if contract_no in account.contract_nos:
        raise LedgerError("contract_no_taken", contract_no=contract_no)
    if ends_on < starts_on:
        raise LedgerError("contract_dates_reversed", starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat())


def require_before_closure(account: EscrowAccount, ends_on: date) -> None:
    """Raises `contract_after_closure` for a contract that would run beyond a closure that was notified."""
    if account.closes_on is not None and ends_on > account.closes_on:
        raise LedgerError(
            "contract_after_closure", ends_on=ends_on.isoformat(), closes_on=account.closes_on.isoformat()
        )


def require_packages(packages: Sequence[Package], policy: Policy) -> None:
    """Raises `contract_without_packages`, `contract_packages_many`, `package_numbers_wrong`, `package_lessons_wrong`,
    `package_price_wrong` and wrong amounts."""
    if not packages:
        raise LedgerError("contract_without_packages")
    if len(packages) > policy.max_packages:
        raise LedgerError("contract_packages_many", limit=policy.max_packages, packages=len(packages))
    for number, package in enumerate(packages, 1):
        if package.number != number:
            raise LedgerError("package_numbers_wrong")
        if package.paid_lessons < 1 or package.gift_lessons < 0:
            raise LedgerError("package_lessons_wrong", limit=policy.max_lessons)
        if package.paid_lessons + package.gift_lessons > policy.max_lessons:
            raise LedgerError("package_lessons_wrong", limit=policy.max_lessons)
        if require_fen(package.price_fen) > require_fen(package.list_price_fen):
            raise LedgerError("package_price_wrong")


def sign_contract(account: EscrowAccount, command: SignContract, context: Context) -> Decision:
    """Refuses `account_frozen`, `account_blacklisted`, `contract_exists`, `contract_no_taken`,
    `contract_dates_reversed`, wrong packages, and a charge that goes beyond what the policy refuses (`fee_*`,
    `contract_not_model`)."""
    require_traffic(account, "contracts")
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    require_new_contract(
        account,
        contract_id=command.contract_id,
        contract_no=command.contract_no,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
    )
    require_before_closure(account, command.ends_on)
    policy = context.policy_of(account, command)
    require_packages(command.packages, policy)
    charge = _charge_of(command)
    findings = enforce(
        [*check_model(command.model_version, policy), *check_terms(account, charge, policy, command.effective_on)],
        policy,
    )
    return [
        ContractSigned(
            **context.ruled(command, policy, "refund.gift", *(finding.rule for finding in findings)),
            contract_id=command.contract_id,
            contract_no=command.contract_no,
            family_id=command.family_id,
            student_id=command.student_id,
            course_id=command.course_id,
            subject=command.subject,
            category=command.category,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            lesson_minutes=command.lesson_minutes,
            packages=command.packages,
            gift_valuation=policy.gift_valuation,
            model_version=command.model_version,
            document_sha256=command.document_sha256,
            billing=command.billing,
            findings=findings,
        )
    ]


def _charge_of(command: SignContract) -> Charge:
    return Charge(
        contract_id=command.contract_id,
        student_id=command.student_id,
        course_id=command.course_id,
        subject=command.subject,
        category=command.category,
        signed_on=command.effective_on,
        charged_from=command.starts_on,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        lesson_minutes=command.lesson_minutes,
        prices=prices_of(command.packages),
        billing=command.billing,
    )


def has_open_refund(account: EscrowAccount, contract: Contract) -> bool:
    """Whether any refund of the contract still waits for an answer or a payment."""
    return any(account.refunds[refund_id].contract_id == contract.contract_id for refund_id in account.unpaid_refunds)


def billed_fen(contract: Contract) -> int:
    """Lessons that are taught and not paid yet, where the family pays after them."""
    return sum(package.billed_fen for package in contract.packages)


def cash_of(account: EscrowAccount, contract_id: str) -> list[CashReport]:
    """Cash taken for the contract that is not in the account yet, oldest first."""
    return [report for report in account.fees.cash_reports.values() if report.contract_id == contract_id]


def require_no_pending_lessons(contract: Contract) -> None:
    """Raises `contract_lessons_open` while a delivered lesson waits for the family's word or a decision."""
    if contract.pending:
        raise LedgerError("contract_lessons_open", contract_id=contract.contract_id)


def kept_until(contract: Contract, policy: Policy) -> date | None:
    """The last day on which the contract's movements may still be undone; None when nothing ever moved."""
    if contract.last_moved_on is None:
        return None
    return contract.last_moved_on + timedelta(days=policy.contract_retention_days)


def end_contract(account: EscrowAccount, command: EndContract, context: Context) -> Decision:
    """Refuses `contract_not_found`, `contract_has_balance`, `contract_bills_open`, `contract_cash_out`,
    `contract_lessons_open`, `contract_refund_open`, `contract_moved_lately`."""
    require_not_winding_down(account)
    contract = open_contract(account, command.contract_id)
    if contract.prepaid_fen:
        raise LedgerError("contract_has_balance", contract_id=command.contract_id, balance_fen=contract.prepaid_fen)
    require_no_pending_lessons(contract)
    due_fen = billed_fen(contract)
    if due_fen:
        raise LedgerError("contract_bills_open", contract_id=command.contract_id, billed_fen=due_fen)
    cash_fen = sum(report.left_fen for report in cash_of(account, command.contract_id))
    if cash_fen:
        raise LedgerError("contract_cash_out", contract_id=command.contract_id, left_fen=cash_fen)
    if has_open_refund(account, contract):
        raise LedgerError("contract_refund_open", contract_id=command.contract_id, refund_id=contract.open_refund or "")
    until = kept_until(contract, context.policy_of(account, command))
    if contract.last_moved_on and until and until >= command.effective_on:
        raise LedgerError(
            "contract_moved_lately",
            contract_id=command.contract_id,
            last_moved_on=contract.last_moved_on.isoformat(),
            until=until.isoformat(),
        )
    return [ContractEnded(**context.envelope(command), contract_id=command.contract_id, reason=command.reason)]
