"""Decisions about the account itself."""

import re

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import (
    AssignPolicy,
    ChangeAuthority,
    FreezeAccount,
    ImportOpeningBalance,
    ListInstitution,
    OpenAccount,
    RateInstitution,
    UnfreezeAccount,
)
from ledger.domain.decisions.alerts import set_detection
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AccountFrozen,
    AccountOpened,
    AccountUnfrozen,
    AuthorityChanged,
    ListingChanged,
    OpeningBalanceImported,
    PolicyAssigned,
    RatingChanged,
)
from ledger.domain.money import require_fen

OPENING_SUSPENSE = "opening-balance"
BANK_CODE = re.compile("[A-Z0-9]{2,20}")
"""No slash, which parts a bank from its reference in a unique key; later commands must name the account's own bank."""


def open_account(account: EscrowAccount, command: OpenAccount, context: Context) -> Decision:
    """Refuses `account_exists`, `bank_code_malformed`, `policy_unknown`.

    That the account number is free is the store's to say.
    """
    if account.version:
        raise LedgerError("account_exists")
    if not BANK_CODE.fullmatch(command.bank):
        raise LedgerError("bank_code_malformed")
    context.policies.of(command.pack, command.effective_on)
    opened = AccountOpened(
        **context.envelope(command),
        institution_id=command.institution_id,
        bank=command.bank,
        account_no=command.account_no,
        district=command.district,
        authorities=command.authorities,
        pack=command.pack,
    )
    return [opened, *set_detection(account, command, context, command.pack)]


def import_opening_balance(account: EscrowAccount, command: ImportOpeningBalance, context: Context) -> Decision:
    """Refuses `opening_balance_late`, `opening_balance_unbalanced` and wrong amounts."""
    if account.movements:
        raise LedgerError("opening_balance_late", movements=account.movements)
    parts = (command.earned_fen, command.reserve_fen, command.suspense_fen)
    require_fen(command.cash_fen)
    if min(parts) < 0:
        raise LedgerError("amount_not_positive", amount_fen=min(parts))
    if sum(parts) != command.cash_fen:
        raise LedgerError("opening_balance_unbalanced", cash_fen=command.cash_fen, sum_fen=sum(parts))
    return [
        OpeningBalanceImported(
            **context.envelope(command),
            cash_fen=command.cash_fen,
            earned_fen=command.earned_fen,
            reserve_fen=command.reserve_fen,
            suspense_fen=command.suspense_fen,
            suspense_id=OPENING_SUSPENSE,
            document=command.document,
        )
    ]


def change_authority(_: EscrowAccount, command: ChangeAuthority, context: Context) -> Decision:
    """Never refuses."""
    return [AuthorityChanged(**context.envelope(command), authorities=command.authorities, reason=command.reason)]


def assign_policy(account: EscrowAccount, command: AssignPolicy, context: Context) -> Decision:
    """Refuses `policy_unknown`."""
    context.policies.of(command.pack, command.effective_on)
    assigned = PolicyAssigned(**context.envelope(command), pack=command.pack, reason=command.reason)
    return [assigned, *set_detection(account, command, context, command.pack)]


def rate_institution(_: EscrowAccount, command: RateInstitution, context: Context) -> Decision:
    """Never refuses."""
    return [RatingChanged(**context.envelope(command), rating=command.rating, reason=command.reason)]


def list_institution(account: EscrowAccount, command: ListInstitution, context: Context) -> Decision:
    """Nothing happens when the institution is on that list already."""
    if account.listing == command.listing:
        return []
    return [ListingChanged(**context.envelope(command), listing=command.listing, reason=command.reason)]


def freeze_account(account: EscrowAccount, command: FreezeAccount, context: Context) -> Decision:
    """Refuses `account_frozen` when that scope is frozen already."""
    if command.scope in account.frozen:
        raise LedgerError("account_frozen", scope=command.scope)
    return [AccountFrozen(**context.envelope(command), scope=command.scope, reason=command.reason)]


def unfreeze_account(account: EscrowAccount, command: UnfreezeAccount, context: Context) -> Decision:
    """Refuses `account_not_frozen`."""
    if command.scope not in account.frozen:
        raise LedgerError("account_not_frozen", scope=command.scope)
    return [AccountUnfrozen(**context.envelope(command), scope=command.scope, reason=command.reason)]
