"""Cases: one row a supervision case, one a thing to be put right, one an inspection that took place."""

from typing import Any, ClassVar

from ledger.domain.authorities import seen_as
from ledger.domain.events import (
    CaseActionDecided,
    CaseActionRefused,
    CaseAssigned,
    CaseClosed,
    CaseInspectionRecorded,
    CaseLinked,
    CaseMediated,
    CaseNoted,
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
)
from ledger.projections.case_rows import (
    ActionRow,
    CaseRow,
    InspectionRow,
    LinkRow,
    MediationRow,
    NoteRow,
    RectificationRow,
    StepRow,
    TransferRow,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

TABLE = Table(
    "cases",
    CaseRow,
    key=("case_id",),
    json=("steps", "transfers", "notes", "actions", "links", "mediation"),
)
RECTIFICATIONS = Table("rectifications", RectificationRow, key=("case_id", "item_id"))
INSPECTIONS = Table("inspections", InspectionRow, key=("case_id", "position"))
_OfItem = CaseRectificationAnswered | CaseRectificationChecked | CaseRectificationOverdue


class Cases(View):
    """Follows every event of a case; a case's id is its stream's."""

    name = "cases"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, RECTIFICATIONS, INSPECTIONS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._cases: Rows[str, CaseRow] = self.rows[0]
        self._items: Rows[tuple[str, str], RectificationRow] = self.rows[1]
        self._inspections: Rows[tuple[str, int], InspectionRow] = self.rows[2]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            CaseOpened: self._opened,
            CaseReclassified: self._reclassified,
            CaseTransferred: self._transferred,
            CaseAssigned: self._assigned,
            CaseStepStarted: self._step_started,
            CaseStepDone: self._step_done,
            CaseStepOverdue: self._step_overdue,
            CaseNoted: self._noted,
            CaseInspectionRecorded: self._inspected,
            CaseRectificationRequired: self._required,
            CaseRectificationAnswered: self._answered,
            CaseRectificationChecked: self._checked,
            CaseRectificationOverdue: self._rectification_overdue,
            CaseMediated: self._mediated,
            CaseActionDecided: self._decided,
            CaseLinked: self._linked,
            CaseActionRefused: self._refused,
            CaseClosed: self._closed,
            CaseReopened: self._reopened,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {cls: self._look for cls in self.folds() if cls is not CaseOpened}

    def _look(self, at: LoggedEvent, e: Event) -> None:
        self._cases.want(at.account_id)
        if isinstance(e, _OfItem):
            self._items.want((at.account_id, e.item_id))

    def _change(self, at: LoggedEvent) -> CaseRow:
        row = self._cases.change(at.account_id)
        row.version = at.version
        row.updated_position = at.position
        row.updated_at = at.event.recorded_at
        return row

    def _opened(self, at: LoggedEvent, e: CaseOpened) -> None:
        self._cases.put(
            at.account_id,
            CaseRow(
                case_id=at.account_id,
                partition=at.partition,
                position=at.position,
                kind=e.kind,
                source=e.source,
                owner=e.owner,
                handler=e.owner,
                seen_by=list(seen_as([e.owner])),
                institution_id=e.institution_id,
                about_account_id=e.about_account_id,
                contract_id=e.contract_id,
                refund_id=e.refund_id,
                family_id=e.family_id,
                alert_id=e.alert_id,
                draw_id=e.draw_id,
                reason=e.reason,
                opened_on=e.effective_on,
                opened_at=e.recorded_at,
                version=at.version,
                updated_position=at.position,
                updated_at=e.recorded_at,
            ),
        )

    def _reclassified(self, at: LoggedEvent, e: CaseReclassified) -> None:
        self._change(at).kind = e.kind

    def _transferred(self, at: LoggedEvent, e: CaseTransferred) -> None:
        row = self._change(at)
        row.handler = e.to_handler
        row.seen_by = list(seen_as([row.owner, e.to_handler]))
        row.transfers.append(
            TransferRow(on=e.effective_on, from_handler=e.from_handler, to_handler=e.to_handler, reason=e.reason)
        )

    def _assigned(self, at: LoggedEvent, e: CaseAssigned) -> None:
        self._change(at).officers = list(e.officers)

    def _step_started(self, at: LoggedEvent, e: CaseStepStarted) -> None:
        row = self._change(at)
        row.steps.append(
            StepRow(
                number=e.number,
                step=e.step,
                who=e.who,
                started_on=e.effective_on,
                due_on=e.due_on,
                policy=e.policy,
                rules=e.rules,
            )
        )
        row.look_at_clocks()

    def _step_done(self, at: LoggedEvent, e: CaseStepDone) -> None:
        row = self._change(at)
        step = row.steps[e.number - 1]
        step.done_on, step.note = e.effective_on, e.note
        row.look_at_clocks()

    def _step_overdue(self, at: LoggedEvent, e: CaseStepOverdue) -> None:
        row = self._change(at)
        row.steps[e.number - 1].overdue = True
        row.look_at_clocks()

    def _noted(self, at: LoggedEvent, e: CaseNoted) -> None:
        note = NoteRow(on=e.effective_on, actor=e.actor, note=e.note, document_sha256=e.document_sha256)
        self._change(at).notes.append(note)

    def _inspected(self, at: LoggedEvent, e: CaseInspectionRecorded) -> None:
        row = self._change(at)
        self._inspections.put(
            (at.account_id, at.position),
            InspectionRow(
                case_id=at.account_id,
                position=at.position,
                partition=at.partition,
                institution_id=row.institution_id,
                inspected_on=e.effective_on,
                passed=e.passed,
                findings=e.findings,
                head_count=e.head_count,
            ),
        )

    def _required(self, at: LoggedEvent, e: CaseRectificationRequired) -> None:
        row = self._change(at)
        for ordinal, item in enumerate(e.items):
            self._items.put(
                (at.account_id, item.item_id),
                RectificationRow(
                    case_id=at.account_id,
                    item_id=item.item_id,
                    partition=at.partition,
                    position=at.position,
                    ordinal=ordinal,
                    institution_id=row.institution_id,
                    demand=item.demand,
                    required_on=e.effective_on,
                    due_on=item.due_on,
                    updated_position=at.position,
                    updated_at=e.recorded_at,
                ),
            )

    def _item(self, at: LoggedEvent, e: _OfItem) -> RectificationRow:
        self._change(at)
        item = self._items.change((at.account_id, e.item_id))
        item.updated_position = at.position
        item.updated_at = e.recorded_at
        return item

    def _answered(self, at: LoggedEvent, e: CaseRectificationAnswered) -> None:
        item = self._item(at, e)
        item.state, item.answered_on = "answered", e.effective_on
        item.answer, item.document_sha256 = e.answer, e.document_sha256

    def _checked(self, at: LoggedEvent, e: CaseRectificationChecked) -> None:
        item = self._item(at, e)
        item.checks += 1
        item.checked_on, item.check_note, item.overdue = e.effective_on, e.note, False
        item.state = "passed" if e.passed else "failed"
        if e.due_on is not None:
            item.due_on = e.due_on

    def _rectification_overdue(self, at: LoggedEvent, e: CaseRectificationOverdue) -> None:
        self._item(at, e).overdue = True

    def _mediated(self, at: LoggedEvent, e: CaseMediated) -> None:
        self._change(at).mediation = MediationRow(
            on=e.effective_on, agreed=e.agreed, amount_fen=e.amount_fen, terms=e.terms
        )

    def _decided(self, at: LoggedEvent, e: CaseActionDecided) -> None:
        row = self._change(at)
        row.actions.append(
            ActionRow(
                action_id=e.action_id,
                action=e.action,
                reason=e.reason,
                decided_on=e.effective_on,
                decided_by=e.actor,
                refund_id=e.refund_id,
                amount_fen=e.amount_fen,
                scope=e.scope,
                listing=e.listing,
            )
        )
        row.count_actions()

    def _linked(self, at: LoggedEvent, e: CaseLinked) -> None:
        row = self._change(at)
        row.links.append(
            LinkRow(
                about_account_id=e.about_account_id,
                partition=e.partition,
                position=e.position,
                version=e.version,
                topic=e.topic_of,
                linked_on=e.effective_on,
                action_id=e.action_id,
            )
        )
        for action in row.actions:
            if action.action_id == e.action_id:
                action.state = "done"
        row.count_actions()

    def _refused(self, at: LoggedEvent, e: CaseActionRefused) -> None:
        row = self._change(at)
        for action in row.actions:
            if action.action_id == e.action_id:
                action.state, action.code, action.figures = "refused", e.code, e.figures
        row.count_actions()

    def _closed(self, at: LoggedEvent, e: CaseClosed) -> None:
        row = self._change(at)
        row.state, row.outcome, row.closed_on, row.close_reason = "closed", e.outcome, e.effective_on, e.reason

    def _reopened(self, at: LoggedEvent, _: CaseReopened) -> None:
        row = self._change(at)
        row.state, row.outcome, row.closed_on, row.close_reason = "open", None, None, ""
