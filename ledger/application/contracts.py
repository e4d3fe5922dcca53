"""Use cases of contracts: signed, and ended."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import EndContract, SignContract
from ledger.domain.events import Category, Package
from ledger.storage.requests import Outcome


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


async def sign_contract(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, terms: Terms, on: date
) -> Outcome:
    """Record a contract under a new id. Raises `contract_no_taken`, `account_blacklisted`, wrong terms."""
    command = SignContract(account_id=account_id, effective_on=on, contract_id=contract_id, **terms._asdict())
    return await record(ledger, caller, command)


async def end_contract(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, reason: str, on: date
) -> Outcome:
    """End a contract on which nothing is owed. Raises `contract_has_balance`, `contract_refund_open`."""
    command = EndContract(account_id=account_id, effective_on=on, contract_id=contract_id, reason=reason)
    return await record(ledger, caller, command)
