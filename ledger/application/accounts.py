"""Use cases of the regulator over accounts: opening, policy, rating, listing, freezes, authorities, opening balance."""

from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import (
    AssignPolicy,
    ChangeAuthority,
    FreezeAccount,
    ImportOpeningBalance,
    ListInstitution,
    OpenAccount,
    RateInstitution,
    ReleaseReserve,
    UnfreezeAccount,
)
from ledger.domain.events import FreezeScope, Listing
from ledger.storage.requests import Outcome


async def open_account(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    institution_id: str,
    bank: str,
    account_no: str,
    district: str,
    authorities: tuple[str, ...],
    pack: str,
    on: date,
) -> Outcome:
    """Open the account under a new id. Raises `account_no_taken`, `policy_unknown`."""
    command = OpenAccount(
        account_id=account_id,
        effective_on=on,
        institution_id=institution_id,
        bank=bank,
        account_no=account_no,
        district=district,
        authorities=authorities,
        pack=pack,
    )
    return await record(ledger, caller, command)


async def import_opening_balance(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    cash_fen: int,
    earned_fen: int,
    reserve_fen: int,
    suspense_fen: int,
    document: str,
    on: date,
) -> Outcome:
    """Take over what is at the bank already. Raises `opening_balance_late`, `opening_balance_unbalanced`."""
    command = ImportOpeningBalance(
        account_id=account_id,
        effective_on=on,
        cash_fen=cash_fen,
        earned_fen=earned_fen,
        reserve_fen=reserve_fen,
        suspense_fen=suspense_fen,
        document=document,
    )
    return await record(ledger, caller, command)


async def change_authority(
    ledger: Ledger, caller: Caller, *, account_id: UUID, authorities: tuple[str, ...], reason: str, on: date
) -> Outcome:
    """Name the supervising authorities anew."""
    command = ChangeAuthority(account_id=account_id, effective_on=on, authorities=authorities, reason=reason)
    return await record(ledger, caller, command)


async def assign_policy(
    ledger: Ledger, caller: Caller, *, account_id: UUID, pack: str, reason: str, on: date
) -> Outcome:
    """Put the account under another pack. Raises `policy_unknown`."""
    return await record(ledger, caller, AssignPolicy(account_id=account_id, effective_on=on, pack=pack, reason=reason))


async def rate_institution(
    ledger: Ledger, caller: Caller, *, account_id: UUID, rating: str, reason: str, on: date
) -> Outcome:
    """Record the institution's credit grade."""
    command = RateInstitution(account_id=account_id, effective_on=on, rating=rating, reason=reason)
    return await record(ledger, caller, command)


async def list_institution(
    ledger: Ledger, caller: Caller, *, account_id: UUID, listing: Listing, reason: str, on: date
) -> Outcome:
    """Put the institution on a list; nothing happens when it is there already."""
    command = ListInstitution(account_id=account_id, effective_on=on, listing=listing, reason=reason)
    return await record(ledger, caller, command)


async def freeze_account(
    ledger: Ledger, caller: Caller, *, account_id: UUID, scope: FreezeScope, reason: str, on: date
) -> Outcome:
    """Stop a kind of traffic. Raises `account_frozen`."""
    return await record(
        ledger, caller, FreezeAccount(account_id=account_id, effective_on=on, scope=scope, reason=reason)
    )


async def unfreeze_account(
    ledger: Ledger, caller: Caller, *, account_id: UUID, scope: FreezeScope, reason: str, on: date
) -> Outcome:
    """End a freeze. Raises `account_not_frozen`."""
    return await record(
        ledger, caller, UnfreezeAccount(account_id=account_id, effective_on=on, scope=scope, reason=reason)
    )


async def release_reserve(
    ledger: Ledger, caller: Caller, *, account_id: UUID, amount_fen: int, reason: str, on: date
) -> Outcome:
    """Let the institution have part of its reserve. Raises `reserve_too_small`."""
    command = ReleaseReserve(account_id=account_id, effective_on=on, amount_fen=amount_fen, reason=reason)
    return await record(ledger, caller, command)
