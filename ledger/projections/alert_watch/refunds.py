"""Refunds: overdue steps, offers below the quote, and payments that go back around a reporting date."""

from typing import Any

from ledger.domain.events import (
    Event,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundOverdue,
    RefundQuoted,
    RefundRequested,
    RefundWithdrawn,
)
from ledger.projections.alert_records import AlertRefund
from ledger.projections.alert_rules import Figures
from ledger.projections.alert_rules.movement import ROUND_TRIP, reporting_date_between
from ledger.projections.alert_rules.refunds import REFUND_LOWBALL, REFUND_OVERDUE, lowball_figures, overdue_figures
from ledger.projections.alert_watch.watch import MOVING, Watch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

_PAYING = tuple(cls for cls in MOVING if "refund_id" in cls.__struct_fields__ and cls is not RefundAgreed)


class RefundWatch(Watch):
    """Keeps what is owed on each refund."""

    def folds(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(_PAYING, self._paid),
            RefundRequested: self._requested,
            RefundQuoted: self._quoted,
            RefundContested: self._contested,
            RefundAgreed: self._agreed,
            RefundInstructed: self._instructed,
            RefundOverdue: self._overdue,
            RefundWithdrawn: self._withdrawn,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(self.folds(), self._look) | {RefundInstructed: self._look_at_legs}

    def _look(self, at: LoggedEvent, e: Any) -> None:
        self.rows.refunds.want((at.account_id, e.refund_id))

    def _look_at_legs(self, at: LoggedEvent, e: RefundInstructed) -> None:
        self.rows.accounts.want(at.account_id)
        for leg in e.legs:
            self.rows.subjects.want((at.account_id, "payment", leg.payment_reference))

    def _refund(self, at: LoggedEvent, refund_id: str) -> AlertRefund:
        return self.rows.refunds.change((at.account_id, refund_id))

    def _requested(self, at: LoggedEvent, e: RefundRequested) -> None:
        self.rows.refunds.put((at.account_id, e.refund_id), AlertRefund(at.account_id, e.refund_id, at.partition))

    def _quoted(self, at: LoggedEvent, e: RefundQuoted) -> None:
        self._refund(at, e.refund_id).quoted_fen = e.amount_fen

    def _contested(self, at: LoggedEvent, e: RefundContested) -> None:
        refund = self._refund(at, e.refund_id)
        if REFUND_LOWBALL.id in e.rules:
            figures = lowball_figures(e.refund_id, offered_fen=e.offered_fen, quoted_fen=refund.quoted_fen)
            self.life.trip(at, refund, REFUND_LOWBALL, e.refund_id, figures)

    def _agreed(self, at: LoggedEvent, e: RefundAgreed) -> None:
        refund = self._refund(at, e.refund_id)
        refund.agreed_fen += e.amount_fen
        self._owe(at, refund)
        if e.final:
            self._decided(at, refund)

    def _withdrawn(self, at: LoggedEvent, e: RefundWithdrawn) -> None:
        self._decided(at, self._refund(at, e.refund_id))

    def _decided(self, at: LoggedEvent, refund: AlertRefund) -> None:
        figures: Figures = {
            "refund_id": refund.refund_id,
            "agreed_fen": refund.agreed_fen,
            "quoted_fen": refund.quoted_fen,
        }
        self.life.recover(at, refund, REFUND_LOWBALL, figures)
        self._done(at, refund, "decision")

    def _paid(self, at: LoggedEvent, e: Any) -> None:
        refund = self._refund(at, e.refund_id)
        self._owe(at, refund)
        if refund.payable_fen == 0:
            self._done(at, refund, "payment")

    @staticmethod
    def _owe(at: LoggedEvent, refund: AlertRefund) -> None:
        for posting in at.postings:
            if posting.bucket == "refund_payable":
                refund.payable_fen += posting.amount_fen

    def _overdue(self, at: LoggedEvent, e: RefundOverdue) -> None:
        refund = self._refund(at, e.refund_id)
        refund.overdue[e.step] = e.due_on.isoformat()
        self._trip(at, refund, e.step)

    def _trip(self, at: LoggedEvent, refund: AlertRefund, step: str) -> None:
        figures = overdue_figures(
            refund.refund_id, step=step, due_on=refund.overdue[step], payable_fen=refund.payable_fen
        )
        self.life.trip(at, refund, REFUND_OVERDUE, refund.refund_id, figures)

    def _done(self, at: LoggedEvent, refund: AlertRefund, step: str) -> None:
        """The step is not overdue any more; another one that still is has an alert of its own then."""
        if refund.overdue.pop(step, None) is None:
            return
        slot = refund.slots.get(REFUND_OVERDUE.id)
        if slot is not None and slot.open is not None and slot.open.figures["step"] == step:
            self.life.recover(at, refund, REFUND_OVERDUE, {"payable_fen": refund.payable_fen})
            for other in refund.overdue:
                self._trip(at, refund, other)

    def _instructed(self, at: LoggedEvent, e: RefundInstructed) -> None:
        account = self.rows.accounts.get(at.account_id)
        assert account is not None
        days = account.detection.round_trip_days
        for leg in e.legs:
            month_end = None if leg.paid_on is None else reporting_date_between(leg.paid_on, e.effective_on, days)
            if leg.paid_on is None or month_end is None:
                continue
            figures: Figures = {
                "payment": leg.payment_reference,
                "paid_on": leg.paid_on.isoformat(),
                "refunded_on": e.effective_on.isoformat(),
                "amount_fen": leg.amount_fen,
                "days": days,
                "month_end": month_end.isoformat(),
            }
            payment = self.subject(at, "payment", leg.payment_reference)
            self.life.trip(at, payment, ROUND_TRIP, leg.payment_reference, figures)
