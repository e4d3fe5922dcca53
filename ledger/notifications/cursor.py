"""Where a reader of the live stream stands: how far it was told of each partition, as the id of an event."""

import re
from typing import Final, NamedTuple

from ledger.domain.errors import LedgerError

MOST_CHARACTERS: Final = 40_000
WHOLE: Final = 2**31 - 1
"""The ordinal of a position of which everything was told."""
_ID: Final = re.compile(r"[0-9]{1,4}\.[0-9]{1,18}(\.[0-9]{1,9})?(-[0-9]{1,4}\.[0-9]{1,18}(\.[0-9]{1,9})?)*")


class Place(NamedTuple):
    """Everything up to this position was told; of the position itself, changes up to the ordinal."""

    position: int
    ordinal: int = WHOLE


class StreamCursor(dict[int, Place]):
    """Partition -> place. Of a partition that is not in it, nothing was told."""

    def __str__(self) -> str:
        """The id: `0.12-1.7.2`, partition and position, with an ordinal where a position was told in part."""
        return "-".join(
            f"{partition}.{place.position}" + ("" if place.ordinal == WHOLE else f".{place.ordinal}")
            for partition, place in sorted(self.items())
        )


def read_cursor(text: str) -> StreamCursor:
    """The cursor of an id. Raises LedgerError `event_id_malformed`."""
    if len(text) > MOST_CHARACTERS or not _ID.fullmatch(text):
        raise LedgerError("event_id_malformed")
    cursor = StreamCursor()
    for part in text.split("-"):
        partition, position, *ordinal = map(int, part.split("."))
        cursor[partition] = Place(position, *ordinal)
    return cursor
