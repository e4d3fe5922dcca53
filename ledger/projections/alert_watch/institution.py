"""Institutions: signs of a runaway, and fees that bypass the account."""

from datetime import date
from typing import Any

from ledger.domain.events import (
    ContinuityArrived,
    ContinuityMatched,
    Event,
    FeePaid,
    InstitutionFactRecorded,
    SuspenseMatched,
    TimetableRecorded,
)
from ledger.projections.alert_records import AlertAccount, Sign
from ledger.projections.alert_rules import Figures
from ledger.projections.alert_rules.fees import OFF_BOOK, is_off_book, off_book_figures
from ledger.projections.alert_rules.institution import RUNAWAY, SAMPLES, cover_days, falls, rises, signs_together
from ledger.projections.alert_watch.watch import MOVING, Watch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

COVER_DAYS = 14
"""The days whose outflows say for how long cash lasts."""
KEPT_MONTHS = 15
_RECEIVING = (FeePaid, SuspenseMatched, ContinuityArrived, ContinuityMatched)
"""Fees in the account, those included that came with a family from another account."""


class InstitutionWatch(Watch):
    """Keeps fees by month, a sample of cover and backlog for each week, and what registries say."""

    def folds(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(MOVING, self._moved),
            **dict.fromkeys(_RECEIVING, self._received),
            TimetableRecorded: self._timetable,
            InstitutionFactRecorded: self._fact,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(self.folds(), self.look_at_account)

    def _received(self, at: LoggedEvent, e: FeePaid | SuspenseMatched | ContinuityArrived | ContinuityMatched) -> None:
        account = self.rows.accounts.change(at.account_id)
        month = e.effective_on.isoformat()[:7]
        account.months[month] = account.months.get(month, 0) + e.amount_fen
        if len(account.months) > KEPT_MONTHS:
            del account.months[min(account.months)]
        self._moved(at, e)

    def _timetable(self, at: LoggedEvent, e: TimetableRecorded) -> None:
        account = self.rows.accounts.change(at.account_id)
        month = e.month_starts_on.isoformat()[:7]
        account.off_book[month] = sum(course.seats * course.price_fen for course in e.courses)
        if len(account.off_book) > KEPT_MONTHS:
            del account.off_book[min(account.off_book)]
        detection = account.detection
        months = _months_to(e.month_starts_on, detection.offbook_periods)
        below = [
            one
            for one in months
            if is_off_book(account.months.get(one, 0), account.off_book.get(one, 0), detection.offbook_share_bp)
        ]
        if below == months:
            figures = off_book_figures(
                month=month,
                periods=len(months),
                received_fen=sum(account.months.get(one, 0) for one in months),
                expected_fen=sum(account.off_book[one] for one in months),
                share_bp=detection.offbook_share_bp,
            )
            self.life.trip(at, account, OFF_BOOK, at.account_id, figures)
        elif month not in below:
            figures = {"month": month, "received_fen": account.months.get(month, 0)}
            self._explain(at, account, "month", figures | {"expected_fen": account.off_book[month]})

    def _explain(self, at: LoggedEvent, account: AlertAccount, by: str, figures: Figures) -> None:
        """Recover the alert if it was this kind of figure that had tripped it."""
        slot = account.slots.get(OFF_BOOK.id)
        if slot is not None and slot.open is not None and by in slot.open.figures:
            self.life.recover(at, account, OFF_BOOK, figures)

    def _fact(self, at: LoggedEvent, e: InstitutionFactRecorded) -> None:
        account = self.rows.accounts.change(at.account_id)
        if e.kind == "head_count":
            if e.value > e.before:
                figures: Figures = {"counted": e.value, "contracted": e.before, "source": e.source}
                self.life.trip(at, account, OFF_BOOK, at.account_id, figures, way="head_count")
            return
        day = e.effective_on.toordinal()
        account.signs[e.kind] = Sign(day, e.value, e.before, e.source)
        self._judge_runaway(at, account, day)

    def _moved(self, at: LoggedEvent, e: Any) -> None:
        account = self.rows.accounts.get(at.account_id)
        assert account is not None
        day = e.effective_on.toordinal()
        monday = day - (day - 1) % 7
        if account.weeks and monday <= account.weeks[-1][0]:
            return
        account = self.rows.accounts.change(at.account_id)
        outflow_fen = sum(out_fen for one, (_, out_fen) in account.days.items() if day - COVER_DAYS < one <= day)
        days = cover_days(account.buckets.cash, outflow_fen, COVER_DAYS)
        account.weeks = [*account.weeks[1 - SAMPLES :], (monday, days, account.buckets.refund_payable)]
        if falls([cover for _, cover, _ in account.weeks]):
            account.signs["cover_falls"] = Sign(day, days)
        if rises([backlog_fen for _, _, backlog_fen in account.weeks]):
            account.signs["backlog_rises"] = Sign(day, account.buckets.refund_payable)
        if account.signs:
            self._judge_runaway(at, account, day)

    def _judge_runaway(self, at: LoggedEvent, account: AlertAccount, day: int) -> None:
        days = account.detection.runaway_days
        signs = account.signs
        way = signs_together({name: sign.day for name, sign in signs.items()}, day, days)
        if way is None:
            quiet: Figures = {"days": days, "on": at.event.effective_on.isoformat()}
            self.life.recover(at, account, RUNAWAY, quiet)
            return
        figures: Figures
        if way == "ownership_and_promotion":
            figures = {
                "changed_on": date.fromordinal(signs["legal_person_changed"].day).isoformat(),
                "spike_on": date.fromordinal(signs["promotion_spike"].day).isoformat(),
                "days": days,
            }
        elif way:
            sign = signs[way]
            figures = {"value": sign.value, "before": sign.before, "source": sign.source}
            figures["backlog_fen"] = account.buckets.refund_payable
        else:
            figures = {
                "cover_days": signs["cover_falls"].value,
                "backlog_fen": signs["backlog_rises"].value,
                "on": at.event.effective_on.isoformat(),
            }
        self.life.trip(at, account, RUNAWAY, at.account_id, figures, way=way)


def _months_to(month_starts_on: date, months: int) -> list[str]:
    """So many months (`2026-03`), the one that begins on that day and those before it."""
    last = month_starts_on.year * 12 + month_starts_on.month - 1
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(last, last - months, -1)]
