"""An event in its place in the log, as the views see it."""

import msgspec

from ledger.domain.events import Event
from ledger.domain.postings import Postings


class LoggedEvent(msgspec.Struct, frozen=True, gc=False):
    """The `version`-th event of an account, at `position` of `partition`, with its postings worked out once."""

    partition: int
    position: int
    account_id: str
    version: int
    event: Event
    postings: Postings
