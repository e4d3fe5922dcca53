"""Commands to a supervision case. `account_id` is the id of the case's own stream; `about_account_id` the account."""

from datetime import date
from typing import ClassVar

import msgspec

from ledger.domain.case import SupervisionCase
from ledger.domain.commands.base import Command
from ledger.domain.events import CaseAction, CaseKind, CaseOutcome, CaseSource, CaseStep, FreezeScope, Listing


class CaseCommand(Command, frozen=True, kw_only=True, gc=False):
    """A request to one case. `acting` are the codes of the authorities that the caller acts for."""

    aggregate: ClassVar[type[msgspec.Struct]] = SupervisionCase

    acting: tuple[str, ...] = ()


class Demand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to be put right; the policy's period if no day is named."""

    item_id: str
    demand: str
    due_on: date | None = None


class OpenCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Open a case. `due_on` is the last day of its first step, if the policy's period is not meant."""

    kind: CaseKind
    source: CaseSource
    owner: str
    institution_id: str
    reason: str
    pack: str = "default"
    about_account_id: str = ""
    contract_id: str = ""
    refund_id: str = ""
    family_id: str = ""
    alert_id: str = ""
    draw_id: str = ""
    officers: tuple[str, ...] = ()
    due_on: date | None = None


class ReclassifyCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Say what a clue turned out to be."""

    kind: CaseKind
    reason: str


class TransferCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Let another authority work on the case."""

    to_handler: str
    reason: str


class AssignCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Name the officers who work on the case."""

    officers: tuple[str, ...]


class StartCaseStep(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Begin a step; `who` is the handler if empty, the last day that of the policy if none is named."""

    step: CaseStep
    who: str = ""
    due_on: date | None = None


class FinishCaseStep(CaseCommand, frozen=True, kw_only=True, gc=False):
    """End a step."""

    number: int
    note: str = ""


class NoteCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Keep what was found or said, without personal data."""

    note: str
    document_sha256: str = ""


class RecordCaseInspection(CaseCommand, frozen=True, kw_only=True, gc=False):
    """The institution was inspected on the effective day."""

    passed: bool
    findings: int
    head_count: int | None = None
    note: str = ""


class RequireRectification(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Demand that the institution puts these right."""

    demands: tuple[Demand, ...]


class AnswerRectification(CaseCommand, frozen=True, kw_only=True, gc=False):
    """The institution says what it did."""

    item_id: str
    answer: str
    document_sha256: str = ""


class CheckRectification(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Look at it again; if not passed it is due again, on the policy's day if none is named."""

    item_id: str
    passed: bool
    due_on: date | None = None
    note: str = ""


class RecordMediation(CaseCommand, frozen=True, kw_only=True, gc=False):
    """How a mediation ended. `amount_fen` is what the two agreed on, 0 for none."""

    agreed: bool
    terms: str
    amount_fen: int = 0


class DecideCaseAction(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Decide what happens to the account that the case is about; the account records it next."""

    action_id: str
    action: CaseAction
    reason: str
    refund_id: str = ""
    amount_fen: int = 0
    scope: FreezeScope | None = None
    listing: Listing | None = None


class LinkCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Tie an event of an account's stream to the case; with `action_id`, as what carried that decision out."""

    about_account_id: str
    partition: int
    position: int
    version: int
    topic_of: str = ""
    action_id: str = ""


class RefuseCaseAction(CaseCommand, frozen=True, kw_only=True, gc=False):
    """The account refused what was decided."""

    action_id: str
    code: str
    figures: dict[str, int | str]


class CloseCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """End the case; the first receiver's to do."""

    outcome: CaseOutcome
    reason: str


class ReopenCase(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Let a closed case go on; the first receiver's to do."""

    reason: str


class CloseCaseDay(CaseCommand, frozen=True, kw_only=True, gc=False):
    """Mark what is overdue on `effective_on`."""
