"""Lessons: impossible ones, and draws that nobody really confirmed."""

from datetime import datetime, timedelta, timezone

from ledger.domain.events import (
    DrawReversed,
    Event,
    LessonDelivered,
    LessonDrawn,
    LessonWithdrawn,
    PremisesRecorded,
)
from ledger.projections.alert_records import AlertAccount, BusySpans, ConfirmingDevice, Premises
from ledger.projections.alert_rules import Figures
from ledger.projections.alert_rules.lessons import (
    IMPOSSIBLE,
    SILENT,
    Span,
    clock_time,
    is_silent,
    overlapping,
    silent_figures,
)
from ledger.projections.alert_watch.watch import Watch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

KEPT_DAYS = 7
"""Days for which a teacher's and a room's lessons are compared; a lesson told later is compared with none."""
_BEGINNING = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))
"""From here minutes are counted in China: a number for every instant, where its day would be none at the calendar's
ends."""
_MINUTE = timedelta(minutes=1)


class LessonWatch(Watch):
    """Keeps when teachers and rooms were busy, and how many draws were silent."""

    def folds(self) -> dict[type[Event], Handler]:
        return {
            LessonDelivered: self._delivered,
            LessonDrawn: self._drawn,
            LessonWithdrawn: self._taken_back,
            DrawReversed: self._taken_back,
            PremisesRecorded: self._premises,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {
            LessonDelivered: self._look_at_lesson,
            LessonDrawn: self._look_at_draw,
            LessonWithdrawn: self._look_at_lesson,
            DrawReversed: self._look_at_lesson,
            PremisesRecorded: self.look_at_account,
        }

    def _look_at_lesson(self, at: LoggedEvent, e: LessonDelivered | LessonWithdrawn | DrawReversed) -> None:
        self.rows.accounts.want(at.account_id)
        self.rows.subjects.want((at.account_id, "lesson", e.lesson_id))
        if isinstance(e, LessonDelivered):
            for holder in _holders(e):
                self.rows.spans.want((at.account_id, holder))

    def _look_at_draw(self, at: LoggedEvent, e: LessonDrawn) -> None:
        self.rows.accounts.want(at.account_id)
        if e.confirmation is not None and e.confirmation.device:
            self.rows.devices.want((at.account_id, e.confirmation.device))

    def _premises(self, at: LoggedEvent, e: PremisesRecorded) -> None:
        self.rows.accounts.change(at.account_id).premises = Premises(e.opens_at, e.closes_at, e.rooms)

    def _delivered(self, at: LoggedEvent, e: LessonDelivered) -> None:
        account = self.rows.accounts.get(at.account_id)
        assert account is not None
        tripped = [(finding.code, finding.figures) for finding in e.findings]
        tripped += self._against_premises(account, e)
        tripped += self._at_once(at, account, e)
        if tripped:
            way, figures = tripped[0]
            lesson = self.subject(at, "lesson", e.lesson_id)
            shown: Figures = {"lesson_id": e.lesson_id, "pupils": len(e.contracts)} | figures
            self.life.trip(at, lesson, IMPOSSIBLE, e.lesson_id, shown, way=way)

    @staticmethod
    def _against_premises(account: AlertAccount, e: LessonDelivered) -> list[tuple[str, Figures]]:
        premises = account.premises
        if premises is None:
            return []
        found: list[tuple[str, Figures]] = []
        capacity = premises.rooms.get(e.room_id)
        if capacity is not None and len(e.contracts) > capacity:
            found.append(("above_capacity", {"holder": e.room_id, "capacity": capacity}))
        if e.starts_at is not None:
            _, (_, starts, ends) = _span(e)
            opens = premises.opens_at.hour * 60 + premises.opens_at.minute
            closes = premises.closes_at.hour * 60 + premises.closes_at.minute
            if starts < opens or ends > closes:
                hours: Figures = {
                    "at": clock_time(starts),
                    "ends": clock_time(ends),
                    "opens": clock_time(opens),
                    "closes": clock_time(closes),
                }
                found.append(("outside_hours", hours))
        return found

    def _at_once(self, at: LoggedEvent, account: AlertAccount, e: LessonDelivered) -> list[tuple[str, Figures]]:
        found: list[tuple[str, Figures]] = []
        for holder in _holders(e):
            day, span = _span(e)
            busy = self.rows.spans.change_found((at.account_id, holder))
            if busy is None:
                busy = BusySpans(at.account_id, holder, at.partition)
                self.rows.spans.put((at.account_id, holder), busy)
            spans = busy.spans
            others = [other for other in spans.get(day, []) if other[0] not in account.taken_back]
            other = overlapping(span, others)
            if other is not None:
                kind, _, name = holder.partition(":")
                figures: Figures = {"holder": name, "other_id": other[0], "at": clock_time(max(span[1], other[1]))}
                found.append((f"{kind}_twice", figures))
            if day > max(spans, default=day) - KEPT_DAYS:
                spans.setdefault(day, []).append(span)
                first = max(spans) - KEPT_DAYS
                busy.spans = {one: listed for one, listed in spans.items() if one > first}
        return found

    def _taken_back(self, at: LoggedEvent, e: LessonWithdrawn | DrawReversed) -> None:
        account = self.rows.accounts.change(at.account_id)
        today = e.effective_on.toordinal()
        account.taken_back[e.lesson_id] = today
        account.taken_back = {one: day for one, day in account.taken_back.items() if day > today - KEPT_DAYS}
        lesson = self.rows.subjects.change_found((at.account_id, "lesson", e.lesson_id))
        if lesson is not None:
            slot = lesson.slots.get(IMPOSSIBLE.id)
            # A class is taken back as a whole, or its other pupils still had an impossible lesson.
            if slot is not None and slot.open is not None and slot.open.figures["pupils"] == len(e.lines):
                self.life.recover(at, lesson, IMPOSSIBLE, {})

    def _drawn(self, at: LoggedEvent, e: LessonDrawn) -> None:
        account = self.rows.accounts.change(at.account_id)
        detection, today = account.detection, e.effective_on.toordinal()
        told = e.confirmation
        quick = told is not None and e.recorded_at - told.told_at <= timedelta(seconds=detection.quick_confirmation_s)
        silent = len(e.lines) if quick or e.basis == "deemed" else 0
        draws, before = account.draws.get(today, (0, 0))
        account.draws[today] = (draws + len(e.lines), before + silent)
        if len(account.draws) > detection.silent_days:
            newest = max(account.draws)
            account.draws = {day: n for day, n in account.draws.items() if day > newest - detection.silent_days}
        if silent or SILENT.id in account.slots:
            self._judge_silence(at, account, today)
        if told is not None and told.device:
            self._judge_device(at, account, e, told.device)

    def _judge_silence(self, at: LoggedEvent, account: AlertAccount, today: int) -> None:
        detection = account.detection
        recent = [n for day, n in account.draws.items() if today - detection.silent_days < day <= today]
        draws, silent = sum(one for one, _ in recent), sum(one for _, one in recent)
        figures = silent_figures(
            draws=draws,
            silent=silent,
            days=detection.silent_days,
            quick_s=detection.quick_confirmation_s,
            share_bp=detection.silent_share_bp,
            on=at.event.effective_on.isoformat(),
        )
        if is_silent(silent, draws, share_bp=detection.silent_share_bp, least=detection.silent_least):
            self.life.trip(at, account, SILENT, at.account_id, figures)
        else:
            self.life.recover(at, account, SILENT, figures)

    def _judge_device(self, at: LoggedEvent, account: AlertAccount, e: LessonDrawn, device: str) -> None:
        row = self.rows.devices.change_found((at.account_id, device))
        if row is None:
            row = ConfirmingDevice(at.account_id, device, at.partition)
            self.rows.devices.put((at.account_id, device), row)
        today, days = e.effective_on.toordinal(), account.detection.silent_days
        row.contracts |= dict.fromkeys((line.contract_id for line in e.lines), today)
        row.contracts = {contract: day for contract, day in row.contracts.items() if day > today - days}
        if len(row.contracts) > account.detection.device_families:
            figures: Figures = {
                "contracts": len(row.contracts),
                "days": days,
                "limit": account.detection.device_families,
            }
            self.life.trip(at, row, SILENT, device, figures, way="one_device")


def _holders(e: LessonDelivered) -> list[str]:
    """Who cannot be at two places at once. A lesson without its hour is compared with none."""
    if e.starts_at is None:
        return []
    named = (("teacher", e.teacher_id), ("room", e.room_id))
    return [f"{kind}:{name}" for kind, name in named if name]


def _span(e: LessonDelivered) -> tuple[int, Span]:
    """The day (ordinal, in China) and the minutes of it."""
    assert e.starts_at is not None
    days, starts = divmod((e.starts_at - _BEGINNING) // _MINUTE, 24 * 60)
    return days + 1, (e.lesson_id, starts, starts + e.minutes)
