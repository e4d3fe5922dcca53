"""Evolution of a supervision case and of an inspection draw."""

from collections.abc import Callable
from typing import Any

from ledger.domain.case import DecidedAction, Rectification, RunningStep, SupervisionCase
from ledger.domain.events import (
    CaseActionDecided,
    CaseActionRefused,
    CaseClosed,
    CaseLinked,
    CaseMediated,
    CaseOpened,
    CaseReclassified,
    CaseRectificationAnswered,
    CaseRectificationChecked,
    CaseRectificationOverdue,
    CaseRectificationRequired,
    CaseReopened,
    CaseStepDone,
    CaseStepOverdue,
    CaseStepStarted,
    CaseTransferred,
    Event,
    InspectionDrawAnnounced,
    InspectionDrawn,
)
from ledger.domain.inspection import InspectionDraw


def _opened(c: SupervisionCase, e: CaseOpened) -> None:
    c.kind, c.owner, c.handler, c.pack = e.kind, e.owner, e.owner, e.pack
    c.institution_id, c.about_account_id = e.institution_id, e.about_account_id
    c.contract_id, c.refund_id, c.family_id = e.contract_id, e.refund_id, e.family_id


def _reclassified(c: SupervisionCase, e: CaseReclassified) -> None:
    c.kind = e.kind


def _transferred(c: SupervisionCase, e: CaseTransferred) -> None:
    c.handler = e.to_handler


def _started(c: SupervisionCase, e: CaseStepStarted) -> None:
    c.steps[e.number] = RunningStep(step=e.step, who=e.who, due_on=e.due_on)
    c.steps_started = e.number


def _done(c: SupervisionCase, e: CaseStepDone) -> None:
    del c.steps[e.number]


def _overdue(c: SupervisionCase, e: CaseStepOverdue) -> None:
    c.steps[e.number].overdue = True


def _required(c: SupervisionCase, e: CaseRectificationRequired) -> None:
    for item in e.items:
        c.rectifications[item.item_id] = Rectification(due_on=item.due_on)


def _answered(c: SupervisionCase, e: CaseRectificationAnswered) -> None:
    c.rectifications[e.item_id].answered = True


def _checked(c: SupervisionCase, e: CaseRectificationChecked) -> None:
    if e.due_on is None:
        del c.rectifications[e.item_id]
        c.rectified.append(e.item_id)
    else:
        c.rectifications[e.item_id] = Rectification(due_on=e.due_on)


def _rectification_overdue(c: SupervisionCase, e: CaseRectificationOverdue) -> None:
    c.rectifications[e.item_id].overdue = True


def _mediated(c: SupervisionCase, e: CaseMediated) -> None:
    c.mediated = e.agreed


def _decided(c: SupervisionCase, e: CaseActionDecided) -> None:
    c.actions[e.action_id] = DecidedAction(
        action=e.action,
        about_account_id=e.about_account_id,
        reason=e.reason,
        decided_on=e.effective_on,
        decided_by=e.actor,
        refund_id=e.refund_id,
        amount_fen=e.amount_fen,
        scope=e.scope,
        listing=e.listing,
    )


def _linked(c: SupervisionCase, e: CaseLinked) -> None:
    c.actions.pop(e.action_id, None)
    c.linked.append(e.action_id or f"{e.about_account_id}:{e.version}")


def _refused(c: SupervisionCase, e: CaseActionRefused) -> None:
    c.actions[e.action_id].refused_by = e.code


def _closed(c: SupervisionCase, _: CaseClosed) -> None:
    c.state = "closed"


def _reopened(c: SupervisionCase, _: CaseReopened) -> None:
    c.state = "open"


def _announced(d: InspectionDraw, e: InspectionDrawAnnounced) -> None:
    d.district, d.digest, d.commitment = e.input.district, e.digest, e.commitment
    d.public_source, d.draw_on, d.input = e.public_source, e.draw_on, e.input


def _drawn(d: InspectionDraw, e: InspectionDrawn) -> None:
    d.input = None
    d.drawn = [site.institution_id for site in e.sites]


CASES: dict[type[Event], Callable[[Any, Any], None]] = {
    CaseOpened: _opened,
    CaseReclassified: _reclassified,
    CaseTransferred: _transferred,
    CaseStepStarted: _started,
    CaseStepDone: _done,
    CaseStepOverdue: _overdue,
    CaseRectificationRequired: _required,
    CaseRectificationAnswered: _answered,
    CaseRectificationChecked: _checked,
    CaseRectificationOverdue: _rectification_overdue,
    CaseMediated: _mediated,
    CaseActionDecided: _decided,
    CaseLinked: _linked,
    CaseActionRefused: _refused,
    CaseClosed: _closed,
    CaseReopened: _reopened,
    InspectionDrawAnnounced: _announced,
    InspectionDrawn: _drawn,
}
