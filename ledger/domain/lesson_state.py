"""The working state of lessons that are not drawn: they wait for a family's word, or did not happen."""

from datetime import date, datetime
from typing import Literal

import msgspec

from ledger.domain.events import Term

WhyMissed = Literal["leave", "pupil_absent", "teacher_absent", "disputed"]


class PendingLesson(msgspec.Struct, kw_only=True):
    """One family's delivered lesson that is not drawn yet. It reserves its package's lesson number and value (fen).

    `deemed_on` is the last day on which the family may answer; from the day after, a daily close counts its silence
    as a confirmation, and `term` is how that day was counted. Both are None while the lesson is disputed: no silence
    draws it. The family was told at `told_at`. `billed_fen` is due from the family that pays after learning.
    """

    package: int
    lesson: int
    amount_fen: int
    told_at: datetime
    deemed_on: date | None
    term: Term | None = None
    billed_fen: int = 0

    @property
    def disputed(self) -> bool:
        """Whether the family disputes it."""
        return self.deemed_on is None


class MissedLesson(msgspec.Struct, kw_only=True):
    """A lesson that is never drawn on this contract: why, of which day, and which lesson makes up for it, if any."""

    why: WhyMissed
    lesson_on: date
    made_up_by: str = ""
