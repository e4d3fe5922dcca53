"""Use cases of contracts: signed, amended with the family's acceptance, and ended."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.application.caller import Caller, Visible
from ledger.application.dry_run import DryRun
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import (
    AcceptAmendment,
    DeclineAmendment,
    EndContract,
    ProposeAmendment,
    SignContract,
    WithdrawAmendment,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import AmendedTerms, Billing, Category, Package
from ledger.storage.requests import Outcome, Request


class Terms(NamedTuple):
    """What a family and an institution agreed; family and student are opaque ids."""

    contract_no: str
    family_id: str
    student_id: str
    course_id: str
    subject: str
    category: Category
    starts_on: date
    ends_on: date
    lesson_minutes: int
    packages: tuple[Package, ...]
    model_version: str = ""
    document_sha256: str = ""
    billing: Billing = "prepaid"


async def sign_contract(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, terms: Terms, on: date
) -> Outcome:
    """Record a contract under a new id. Raises `contract_no_taken`, `account_blacklisted`, wrong terms."""
    command = SignContract(account_id=account_id, effective_on=on, contract_id=contract_id, **terms._asdict())
    return await record(ledger, caller, command)


async def try_contracts(
    ledger: Ledger, commands: Sequence[SignContract], *, actor: str, visible: Visible
) -> list[LedgerError | None]:
    """What each contract would be refused for, were they signed in this order now; None: taken. Nothing is recorded."""
    trial = DryRun(ledger)
    requests = [Request(command, actor, visible=visible) for command in commands]
    results = await asyncio.to_thread(lambda: [trial.try_request(request) for request in requests])
    return [result if isinstance(result, LedgerError) else None for result in results]


async def end_contract(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, reason: str, on: date
) -> Outcome:
    """End a contract on which nothing is owed. Raises `contract_has_balance`, `contract_refund_open`."""
    command = EndContract(account_id=account_id, effective_on=on, contract_id=contract_id, reason=reason)
    return await record(ledger, caller, command)


async def propose_amendment(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    contract_id: str,
    amendment_id: str,
    terms: AmendedTerms,
    reason: str,
    on: date,
) -> Outcome:
    """Propose another contract in this one's place. Raises `amendment_outdated`, wrong terms, what breaks a cap."""
    command = ProposeAmendment(
        account_id=account_id,
        effective_on=on,
        contract_id=contract_id,
        amendment_id=amendment_id,
        terms=terms,
        reason=reason,
    )
    return await record(ledger, caller, command)


async def accept_amendment(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, amendment_id: str, on: date
) -> Outcome:
    """Accept what was proposed: what is left goes on. Raises `amendment_not_found`, `amendment_outdated`."""
    command = AcceptAmendment(
        account_id=account_id, effective_on=on, contract_id=contract_id, amendment_id=amendment_id
    )
    return await record(ledger, caller, command)


async def decline_amendment(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, amendment_id: str, reason: str, on: date
) -> Outcome:
    """Turn down what was proposed: the contract goes on as it is. Raises `amendment_not_found`."""
    command = DeclineAmendment(
        account_id=account_id, effective_on=on, contract_id=contract_id, amendment_id=amendment_id, reason=reason
    )
    return await record(ledger, caller, command)


async def withdraw_amendment(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, amendment_id: str, reason: str, on: date
) -> Outcome:
    """Take a proposal back before the family answered. Raises `amendment_not_found`."""
    command = WithdrawAmendment(
        account_id=account_id, effective_on=on, contract_id=contract_id, amendment_id=amendment_id, reason=reason
    )
    return await record(ledger, caller, command)
