"""How many requests go with one commit: learned from what deciding them and writing them takes."""

_SMALL_BATCH = 128
"""Requests enough to be worth a commit of their own, on a disk that syncs quickly."""


class Pace:
    """Two batches at a time keep both sides busy: one is decided while the other one is written.

    But where a commit takes longer than deciding all that is there, on a slow disk or with few callers, all of it
    shares one commit.
    """

    def __init__(self, max_batch: int) -> None:
        self._max_batch = max_batch
        self._decide_s = 0.0
        self._commit_s = 0.0

    def decided(self, elapsed_s: float, units: int) -> None:
        """So many units were decided in so long: a moving mean is kept of what one takes."""
        self._decide_s += (elapsed_s / max(1, units) - self._decide_s) / 8

    def committed(self, elapsed_s: float, units: int) -> None:
        """An append took so long. A row is taken to cost the database what deciding it costs here; the rest is the
        commit's own, of which the least counts and is slowly forgotten: what delays one append is not the disk."""
        beside_rows_s = max(0.0, elapsed_s - units * self._decide_s)
        self._commit_s = min(beside_rows_s, 1.2 * self._commit_s + 1e-5)

    def size(self, outstanding: int) -> int:
        """How many requests the next batch may have, when so many units wait or are on their way."""
        if self._commit_s > outstanding * self._decide_s:
            return self._max_batch
        return min(self._max_batch, max(outstanding // 4, min(outstanding // 2 + 1, _SMALL_BATCH)))
