"""Decisions about contracts."""

from datetime import date, timedelta

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.commands import EndContract, SignContract
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.errors import LedgerError
from ledger.domain.events import ContractEnded, ContractSigned, Package
from ledger.domain.money import require_fen
from ledger.domain.policy import Policy


def open_contract(account: EscrowAccount, contract_id: str) -> Contract:
    """The contract; raises `contract_not_found` when unknown or ended."""
    contract = account.contracts.get(contract_id)
    if contract is None:
        raise LedgerError("contract_not_found", contract_id=contract_id)
    return contract


def _require_terms(packages: tuple[Package, ...], policy: Policy) -> None:
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
    `contract_dates_reversed` and wrong packages."""
    require_traffic(account, "contracts")
    if account.listing == "black":
        raise LedgerError("account_blacklisted")
    if command.contract_id in account.contracts:
        raise LedgerError("contract_exists", contract_id=command.contract_id)
    if command.contract_no in account.contract_nos:
        raise LedgerError("contract_no_taken", contract_no=command.contract_no)
    if command.ends_on < command.starts_on:
        raise LedgerError(
            "contract_dates_reversed", starts_on=command.starts_on.isoformat(), ends_on=command.ends_on.isoformat()
        )
    policy = context.policy_of(account, command)
    _require_terms(command.packages, policy)
    return [
        ContractSigned(
            **context.ruled(command, policy, "refund.gift"),
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
        )
    ]


def has_open_refund(account: EscrowAccount, contract: Contract) -> bool:
    """Whether any refund of the contract still waits for an answer or a payment."""
    return any(account.refunds[refund_id].contract_id == contract.contract_id for refund_id in account.unpaid_refunds)


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
    """Refuses `contract_not_found`, `contract_has_balance`, `contract_lessons_open`, `contract_refund_open`,
    `contract_moved_lately`."""
    contract = open_contract(account, command.contract_id)
    if contract.prepaid_fen:
        raise LedgerError("contract_has_balance", contract_id=command.contract_id, balance_fen=contract.prepaid_fen)
    require_no_pending_lessons(contract)
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
