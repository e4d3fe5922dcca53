"""The law of this installation: the built-in rulebook and calendar, with what the operator keeps beside them."""

from typing import NamedTuple

from ledger.domain.calendar import WorkingCalendar
from ledger.rulebook.calendars import load_calendar
from ledger.rulebook.rulebook import Rulebook, load_rulebook
from ledger.settings import Settings


class Law(NamedTuple):
    """What decisions are given of the law."""

    rulebook: Rulebook
    calendar: WorkingCalendar


def load_law(settings: Settings) -> Law:
    """Read and check it, once for a process. Raises RulebookError; OSError for a directory that is not there."""
    return Law(load_rulebook(settings.rulebook_dir), load_calendar(settings.rulebook_dir))
