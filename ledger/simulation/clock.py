"""The story's time: one number in a file, which the player moves and the demonstration's server reads."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("<q")


class StoryClock:
    """The machine's time moved by an offset in microseconds, shared between processes by a mapped file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._offset = mmap.mmap(file.fileno(), _OFFSET.size)

    def now(self) -> datetime:
        """The story's instant, aware UTC."""
        (microseconds,) = _OFFSET.unpack_from(self._offset)
        return datetime.now(UTC) + timedelta(microseconds=microseconds)

    def set(self, instant: datetime | None) -> None:
        """Move the story to an instant; None: to the machine's own time."""
        offset = timedelta(0) if instant is None else instant - datetime.now(UTC)
        _OFFSET.pack_into(self._offset, 0, offset // timedelta(microseconds=1))
