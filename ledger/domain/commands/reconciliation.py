"""Commands of reconciliation: what a comparison with the bank found, and what people do about breaks."""

from ledger.domain.commands.base import Command
from ledger.domain.reconciliation.findings import BookFigures, DayFigures, Difference


class ReconcileAccount(Command, frozen=True, kw_only=True, gc=False):
    """Record how the account agrees with its bank through the effective day.

    `differences` are all that there are now, apart from those that people explained. `seen_version` is the account's
    version when they were looked for: a later word of the bank, or about a break, is not overruled by them.
    """

    seen_version: int
    differences: tuple[Difference, ...] = ()
    days: tuple[DayFigures, ...] = ()
    views: BookFigures | None = None


class AssignBreak(Command, frozen=True, kw_only=True, gc=False):
    """Say who sees to an open break."""

    break_id: str
    assignee: str
    note: str


class ResolveBreak(Command, frozen=True, kw_only=True, gc=False):
    """Explain an open break; `link` leads to the proof."""

    break_id: str
    reason: str
    link: str
