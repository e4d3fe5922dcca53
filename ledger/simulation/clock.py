"""The story's time: a few numbers in a file, which the player moves and the demonstration's server reads."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_STATE = struct.Struct("<qq")
"""The offset to the machine's time, and where the clock stands still (0: it runs); microseconds since 1970."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class StoryClock:
    """The machine's time moved by an offset, or standing still; shared between processes by a mapped file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_STATE.pack(0, 0))
        with path.open("r+b") as file:
            self._state = mmap.mmap(file.fileno(), _STATE.size)

    def now(self) -> datetime:
        """The story's instant, aware UTC."""
        offset, stands_at = _STATE.unpack_from(self._state)
        return _EPOCH + stands_at * _TICK if stands_at else datetime.now(UTC) + offset * _TICK

    def set(self, instant: datetime | None) -> None:
        """Move the story to an instant, from which it runs; None: to the machine's own time."""
        offset = timedelta(0) if instant is None else instant - datetime.now(UTC)
        _STATE.pack_into(self._state, 0, offset // _TICK, 0)

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return _STATE.unpack_from(self._state)[1] != 0

    def pause(self) -> None:
        """Stand still."""
        offset, _ = _STATE.unpack_from(self._state)
        _STATE.pack_into(self._state, 0, offset, (self.now() - _EPOCH) // _TICK)

    def resume(self) -> None:
        """Run on from where it stands."""
        if self.is_paused:
            self.set(self.now())
