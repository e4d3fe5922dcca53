"""Commands on made-up accounts, and a ledger to put them to."""

from datetime import date
from hashlib import blake2b
from uuid import UUID, uuid4

from ledger.application.ledger import Ledger
from ledger.domain.commands import OpenAccount, PostDeposit, SignContract
from ledger.domain.events import Package
from ledger.storage.requests import Outcome, Request
from tests.conftest import PARTITIONS

DAY = date(2026, 9, 1)
BANK = "ICBC"
PRICE_FEN = 10**12


def new_ledger(url: str) -> Ledger:
    return Ledger(url, PARTITIONS)


def opening(account_id: UUID) -> OpenAccount:
    return OpenAccount(
        account_id=account_id,
        effective_on=DAY,
        institution_id=f"inst-{account_id}",
        bank=BANK,
        account_no=account_id.hex,
        district="330702",
        authorities=("education",),
    )


def signing(account_id: UUID, contract_id: str) -> SignContract:
    return SignContract(
        account_id=account_id,
        effective_on=DAY,
        contract_id=contract_id,
        contract_no=f"no-{contract_id}",
        family_id="family",
        student_id="student",
        course_id="course",
        subject="music",
        category="arts",
        starts_on=DAY,
        ends_on=date(2027, 2, 28),
        lesson_minutes=45,
        packages=(Package(number=1, price_fen=PRICE_FEN, paid_lessons=40, list_price_fen=PRICE_FEN),),
    )


def deposit(account_id: UUID, reference: str, amount_fen: int = 100, contract: str = "c") -> PostDeposit:
    return PostDeposit(
        account_id=account_id,
        effective_on=DAY,
        bank=BANK,
        bank_reference=reference,
        amount_fen=amount_fen,
        contract_reference=contract,
        payer_route="route",
        suspense_id=f"s-{reference}",
        digest=f"{account_id.hex}{amount_fen}{contract}",
    )


def key_of(text: str) -> UUID:
    return UUID(bytes=blake2b(text.encode(), digest_size=16).digest())


def keyed(command: PostDeposit, actor: str = "bank:test") -> Request:
    """The deposit under an idempotency key that its reference gives."""
    return Request(command, actor, key_of(command.bank_reference), command.digest.encode())


async def open_accounts(ledger: Ledger, count: int) -> list[UUID]:
    """New accounts with one contract `c` each."""
    ids = [uuid4() for _ in range(count)]
    await ledger.execute_all([Request(opening(account_id), "regulator:test") for account_id in ids])
    await ledger.execute_all([Request(signing(account_id, "c"), "institution:test") for account_id in ids])
    return ids


def only(outcome: Outcome) -> str:
    """The class name of the only event."""
    (event,) = outcome.events
    return type(event).__name__
