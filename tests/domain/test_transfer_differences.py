"""Money that another bank sent has until the end of the next working day to be here."""

from datetime import date

import pytest

from ledger.domain.calendar import WorkingCalendar
from ledger.domain.reconciliation.books import SentTransfer
from ledger.domain.reconciliation.transfers import transfer_differences

CALENDAR = WorkingCalendar(closed=frozenset({date(2026, 3, 9)}))
"""The Monday after the first week of March is off."""


@pytest.mark.parametrize(
    ("sent_on", "through", "missing"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), False),
        (date(2026, 3, 2), date(2026, 3, 3), True),
        (date(2026, 3, 2), date(2026, 3, 20), True),
        (date(2026, 3, 6), date(2026, 3, 9), False),
        (date(2026, 3, 6), date(2026, 3, 10), True),
        (date(2026, 3, 7), date(2026, 3, 9), False),
    ],
)
def test_a_transfer_is_missing_at_the_end_of_the_working_day_after_it_was_sent(
    sent_on: date, through: date, missing: bool
) -> None:
    sent = [SentTransfer("t1", 700, sent_on, "e2e-1")]
    found = list(transfer_differences(sent, through, CALENDAR))
    assert bool(found) == missing
    for one in found:
        assert (one.kind, one.subject, one.since_on, one.ledger_fen) == ("transfer_missing", "t1", sent_on, 700)
        assert (one.bank_fen, one.difference_fen, one.short_fen) == (None, 0, 0)
        assert not one.touches(through), "the cash agrees all the same"
