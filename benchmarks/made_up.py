"""Accounts, contracts and deposits for measuring."""

from datetime import date
from hashlib import blake2b
from uuid import UUID, uuid4

from ledger.application.ledger import Ledger
from ledger.domain.commands import OpenAccount, PostDeposit, SignContract
from ledger.domain.errors import LedgerError
from ledger.domain.events import Package
from ledger.storage.requests import Outcome, Request

DAY = date(2026, 9, 1)
BANK = "ICBC"
_PRICE_FEN = 10**14


def opening(account_id: UUID) -> OpenAccount:
    """An account whose number is its id in hex."""
    return OpenAccount(
        account_id=account_id,
        effective_on=DAY,
        institution_id=str(account_id),
        bank=BANK,
        account_no=account_id.hex,
        district="330702",
        authorities=("education",),
    )


def signing(account_id: UUID, contract: str) -> SignContract:
    """A contract so dear that it is never paid up."""
    return SignContract(
        account_id=account_id,
        effective_on=DAY,
        contract_id=f"{account_id}-{contract}",
        contract_no=contract,
        family_id="family",
        student_id="student",
        course_id="course",
        subject="music",
        category="arts",
        starts_on=DAY,
        ends_on=date(2027, 2, 28),
        lesson_minutes=45,
        packages=(Package(number=1, price_fen=_PRICE_FEN, paid_lessons=40, list_price_fen=_PRICE_FEN),),
    )


def depositing(account_id: UUID, reference: str, contract: str = "c0") -> Request:
    """A deposit with the idempotency key that its reference gives."""
    digest = blake2b(reference.encode(), digest_size=16)
    command = PostDeposit(
        account_id=account_id,
        effective_on=DAY,
        bank=BANK,
        bank_reference=reference,
        amount_fen=100,
        contract_reference=contract,
        payer_route="route-of-the-payer",
        suspense_id=reference,
        digest=digest.hexdigest(),
    )
    return Request(command, "bank:bench", UUID(bytes=digest.digest()), digest.digest())


async def execute_all(ledger: Ledger, requests: list[Request]) -> list[Outcome]:
    """Record all of them; a refusal ends the measurement."""
    outcomes: list[Outcome] = []
    for outcome in await ledger.execute_all(requests):
        if isinstance(outcome, LedgerError):
            raise outcome
        outcomes.append(outcome)
    return outcomes


async def open_accounts(ledger: Ledger, count: int, contracts: int = 1) -> list[UUID]:
    """New accounts with contracts `c0`, `c1` ..."""
    ids = [uuid4() for _ in range(count)]
    await execute_all(ledger, [Request(opening(account_id), "regulator:bench") for account_id in ids])
    for n in range(contracts):
        signings = [Request(signing(account_id, f"c{n}"), "institution:bench") for account_id in ids]
        await execute_all(ledger, signings)
    return ids
