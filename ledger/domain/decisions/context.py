"""What a decision is told from outside: who, when, under which policy and calendar."""

from datetime import date, datetime
from typing import Any

import msgspec

from ledger.domain.account import EscrowAccount
from ledger.domain.calendar import WEEKENDS_ONLY, WorkingCalendar
from ledger.domain.clocks import counted
from ledger.domain.commands import Command
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event, Term
from ledger.domain.policy import DEFAULT_POLICIES, Period, Policies, Policy

Decision = list[Event]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """`recorded_at` is the UTC instant of the decision and `today` its date in China."""

    recorded_at: datetime
    today: date
    actor: str
    policies: Policies = DEFAULT_POLICIES
    calendar: WorkingCalendar = WEEKENDS_ONLY

    def policy_of(self, account: EscrowAccount, command: Command) -> Policy:
        """What the account's pack says on the day that the command counts for; raises `policy_unknown`."""
        return self.policies.of(account.pack, command.effective_on)

    def envelope(self, command: Command) -> dict[str, Any]:
        """The fields that every event of this command carries."""
        return {
            "recorded_at": self.recorded_at,
            "effective_on": command.effective_on,
            "actor": self.actor,
            "cause": command.cause,
        }

    def clock_starts_on(self, command: Command) -> date:
        """The day from which a period runs: a fact told late leaves nobody less time to act on it."""
        return max(command.effective_on, self.today)

    def deadline(self, command: Command, period: Period) -> date:
        """The last day of a period that runs from this command."""
        return self.clock(command, period)[0]

    def clock(self, command: Command, period: Period) -> tuple[date, Term]:
        """The same deadline, and how it was counted: what an event records to have it counted anew."""
        return counted(self.clock_starts_on(command), period.count, period.unit, self.calendar)

    def ruled(self, command: Command, policy: Policy, *rules: str) -> dict[str, Any]:
        """The same for an event that rules decided."""
        return self.envelope(command) | {"policy": policy.name, "rules": rules}


def require_open(account: EscrowAccount) -> None:
    """Raises `account_not_found` for an account that was never opened."""
    if account.version == 0:
        raise LedgerError("account_not_found")


def require_traffic(account: EscrowAccount, scope: str) -> None:
    """Raises `account_frozen` when a freeze stops this kind of traffic, and `account_winding_down` (for payouts
    `families_not_whole`) when a wind-down does."""
    if account.wind_down is not None:
        if scope != "payouts":
            require_not_winding_down(account)
        if account.buckets.obligation_fen:
            raise LedgerError("families_not_whole", owed_fen=account.buckets.obligation_fen)
    if account.is_frozen(scope):
        raise LedgerError("account_frozen", scope=scope)


def require_not_winding_down(account: EscrowAccount) -> None:
    """Raises `account_winding_down` once the institution is wound up."""
    if account.wind_down is not None:
        raise LedgerError("account_winding_down", since=account.wind_down.started_on.isoformat())


def require_new_instruction(account: EscrowAccount, instruction_id: str) -> None:
    """Raises `instruction_exists` for an id that an order to the bank has already."""
    if instruction_id in account.instructions:
        raise LedgerError("instruction_exists", instruction_id=instruction_id)


def require_bank(account: EscrowAccount, bank: str) -> None:
    """Raises `bank_mismatch` when another bank than the custodian speaks about the account."""
    if account.bank != bank:
        raise LedgerError("bank_mismatch")
