"""Events of a supervision case: opened, worked on in steps with clocks, tied to what was done to accounts, closed.

A case is a stream of its own. It owns no money: `about_account_id`, `contract_id` and `refund_id` name its subject.
"""

from datetime import date
from typing import Literal

from ledger.domain.events.account import FreezeScope, Listing
from ledger.domain.events.base import Event, Value, topic

CaseKind = Literal["complaint", "clue", "inspection", "refund_dispute", "order"]
CaseSource = Literal["parent", "regulator", "clock"]
CaseStep = Literal["acceptance", "investigation", "inspection", "mediation", "decision"]
CaseAction = Literal["order_refund", "freeze", "unfreeze", "list"]
CaseOutcome = Literal["resolved", "mediated", "dismissed"]


class RectificationItem(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One thing that the institution has to put right, and until when."""

    item_id: str
    demand: str
    due_on: date


@topic("case.opened")
class CaseOpened(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody complained, told of something, or was sent to look; `owner` received it first and owns it to the end.

    `owner` is the code of an authority (`ledger.domain.authorities`). `pack` names the rules that the clocks follow.
    """

    kind: CaseKind
    source: CaseSource
    owner: str
    institution_id: str
    reason: str
    pack: str
    about_account_id: str = ""
    contract_id: str = ""
    refund_id: str = ""
    family_id: str = ""
    alert_id: str = ""
    draw_id: str = ""


@topic("case.reclassified")
class CaseReclassified(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A clue turned out to be a case of another kind."""

    kind: CaseKind
    reason: str


@topic("case.transferred")
class CaseTransferred(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Another authority works on the case from now on; the first receiver still owns it."""

    from_handler: str
    to_handler: str
    reason: str


@topic("case.assigned")
class CaseAssigned(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The officers who work on the case, by opaque ids."""

    officers: tuple[str, ...]


@topic("case.step_started")
class CaseStepStarted(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A step began; `who` (an authority's code) has until `due_on`. Steps of a case are numbered from 1."""

    number: int
    step: CaseStep
    who: str
    due_on: date


@topic("case.step_done")
class CaseStepDone(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A step ended."""

    number: int
    note: str = ""


@topic("case.step_overdue")
class CaseStepOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The last day of a step went by."""

    number: int
    due_on: date


@topic("case.noted")
class CaseNoted(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something was found or said; a document by its SHA-256 (hex)."""

    note: str
    document_sha256: str = ""


@topic("case.inspection_recorded")
class CaseInspectionRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution was inspected on the effective day; `head_count` are the pupils who were there, if counted."""

    passed: bool
    findings: int
    head_count: int | None = None
    note: str = ""


@topic("case.rectification_required")
class CaseRectificationRequired(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution has to put these right."""

    items: tuple[RectificationItem, ...]


@topic("case.rectification_answered")
class CaseRectificationAnswered(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution says what it did."""

    item_id: str
    answer: str
    document_sha256: str = ""


@topic("case.rectification_checked")
class CaseRectificationChecked(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """It was looked at again. Not passed: it is due again, on `due_on`."""

    item_id: str
    passed: bool
    due_on: date | None = None
    note: str = ""


@topic("case.rectification_overdue")
class CaseRectificationOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The last day of a rectification went by and it was not passed."""

    item_id: str
    due_on: date


@topic("case.mediated")
class CaseMediated(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How a mediation ended: agreed on an amount (fen, 0 for none) and terms, or not agreed."""

    agreed: bool
    terms: str
    amount_fen: int = 0


@topic("case.action_decided")
class CaseActionDecided(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The authority decided what happens to the account; the account records it next, under a key made of the two ids.

    `refund_id` and `amount_fen` (fen in all) of an ordered refund, `scope` of a freeze, `listing` of a listing.
    """

    action_id: str
    action: CaseAction
    about_account_id: str
    reason: str
    refund_id: str = ""
    amount_fen: int = 0
    scope: FreezeScope | None = None
    listing: Listing | None = None


@topic("case.linked")
class CaseLinked(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An outcome in an account's stream: the `version` of its last event, which stands at `position` of `partition`.

    `action_id` names the decision that it carries out; empty for an event that the authority pointed to. Without a
    topic the account needed no event: it was as decided already.
    """

    about_account_id: str
    partition: int
    position: int
    version: int
    topic_of: str = ""
    action_id: str = ""


@topic("case.action_refused")
class CaseActionRefused(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The account refused what was decided, by this code with these figures."""

    action_id: str
    code: str
    figures: dict[str, int | str]


@topic("case.closed")
class CaseClosed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The owner closed the case."""

    outcome: CaseOutcome
    reason: str


@topic("case.reopened")
class CaseReopened(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A closed case goes on."""

    reason: str
