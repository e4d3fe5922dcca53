"""Money between supervised accounts: what one bank sent and the other does not have."""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.domain.calendar import WorkingCalendar
from ledger.domain.reconciliation.books import SentTransfer
from ledger.domain.reconciliation.findings import Difference


def transfer_differences(
    sent: Sequence[SentTransfer], through: date, calendar: WorkingCalendar
) -> Iterator[Difference]:
    """One difference for each transfer that is not here by the end of the working day after it was sent.

    It is no part of the cash, so bank and ledger agree on the day's balance all the same.
    """
    for one in sent:
        if calendar.add_working_days(one.sent_on, 1) <= through:
            yield Difference(
                kind="transfer_missing",
                subject=one.transfer_id,
                since_on=one.sent_on,
                ledger_fen=one.amount_fen,
                end_to_end_id=one.end_to_end_id,
            )
