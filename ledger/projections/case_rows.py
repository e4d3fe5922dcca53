"""The rows of the view `cases`: a case with its steps, what has to be put right, and inspections."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.domain.case import CaseState
from ledger.domain.events import CaseAction, CaseKind, CaseOutcome, CaseSource, CaseStep, FreezeScope, Listing

RectificationState = Literal["required", "answered", "failed", "passed"]


class StepRow(msgspec.Struct, kw_only=True):
    """A step: since when, until when, who has to act, by which rules of which pack."""

    number: int
    step: CaseStep
    who: str
    started_on: date
    due_on: date
    done_on: date | None = None
    overdue: bool = False
    note: str = ""
    policy: str | None = None
    rules: tuple[str, ...] = ()


class TransferRow(msgspec.Struct, kw_only=True):
    """A transfer to another authority; the owner stayed."""

    on: date
    from_handler: str
    to_handler: str
    reason: str


class NoteRow(msgspec.Struct, kw_only=True):
    """Something that was found or said."""

    on: date
    actor: str
    note: str
    document_sha256: str = ""


class ActionRow(msgspec.Struct, kw_only=True):
    """What was decided about the account: `decided`, then `done` (linked) or `refused` by a code with figures."""

    action_id: str
    action: CaseAction
    reason: str
    decided_on: date
    decided_by: str
    refund_id: str = ""
    amount_fen: int = 0
    scope: FreezeScope | None = None
    listing: Listing | None = None
    state: Literal["decided", "done", "refused"] = "decided"
    code: str = ""
    figures: dict[str, int | str] = {}


class LinkRow(msgspec.Struct, kw_only=True):
    """An event of an account that came of the case."""

    about_account_id: str
    partition: int
    position: int
    version: int
    topic: str
    linked_on: date
    action_id: str = ""


class MediationRow(msgspec.Struct, kw_only=True):
    """How the last mediation ended; the amount in fen."""

    on: date
    agreed: bool
    amount_fen: int
    terms: str


class CaseRow(msgspec.Struct, kw_only=True, gc=False):
    """A case as of its event `version`. `position` is where it was opened (its place in lists).

    `next_due_on` is the earliest last day of what runs; `overdue` says whether one went by. `seen_by` are the codes of
    authorities that see it as its owner or handler.
    """

    case_id: str
    partition: int
    position: int
    kind: CaseKind
    source: CaseSource
    owner: str
    handler: str
    seen_by: list[str]
    institution_id: str
    about_account_id: str
    contract_id: str
    refund_id: str
    family_id: str
    alert_id: str
    draw_id: str
    reason: str
    opened_on: date
    opened_at: datetime
    version: int
    updated_position: int
    updated_at: datetime
    state: CaseState = "open"
    outcome: CaseOutcome | None = None
    closed_on: date | None = None
    close_reason: str = ""
    next_due_on: date | None = None
    overdue: bool = False
    actions_pending: int = 0
    officers: list[str] = msgspec.field(default_factory=list[str])
    steps: list[StepRow] = msgspec.field(default_factory=list[StepRow])
    transfers: list[TransferRow] = msgspec.field(default_factory=list[TransferRow])
    notes: list[NoteRow] = msgspec.field(default_factory=list[NoteRow])
    actions: list[ActionRow] = msgspec.field(default_factory=list[ActionRow])
    links: list[LinkRow] = msgspec.field(default_factory=list[LinkRow])
    mediation: MediationRow | None = None

    def look_at_clocks(self) -> None:
        """Work out `next_due_on` and `overdue` from the steps that run."""
        running = [step for step in self.steps if step.done_on is None]
        self.next_due_on = min((step.due_on for step in running), default=None)
        self.overdue = any(step.overdue for step in running)

    def count_actions(self) -> None:
        """Work out how many decided actions wait for the account."""
        self.actions_pending = sum(1 for action in self.actions if action.state == "decided")


class RectificationRow(msgspec.Struct, kw_only=True, gc=False):
    """Something to be put right. `due_on` is the present last day, `checks` how often it was looked at again."""

    case_id: str
    item_id: str
    partition: int
    position: int
    ordinal: int
    institution_id: str
    demand: str
    required_on: date
    due_on: date
    updated_position: int
    updated_at: datetime
    state: RectificationState = "required"
    overdue: bool = False
    answer: str = ""
    answered_on: date | None = None
    document_sha256: str = ""
    checks: int = 0
    checked_on: date | None = None
    check_note: str = ""


class InspectionRow(msgspec.Struct, kw_only=True, gc=False):
    """An inspection that took place."""

    case_id: str
    position: int
    partition: int
    institution_id: str
    inspected_on: date
    passed: bool
    findings: int
    head_count: int | None
