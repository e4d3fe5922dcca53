"""Named places at which a test can have the process killed, as a power cut would: `ESCROW_CRASH_POINT=name:count`."""

import os
import signal

_name, _, _count = os.environ.get("ESCROW_CRASH_POINT", "").partition(":")
_left = int(_count or 1)

CRASH_POINTS = (
    "writer.part_sent",
    "writer.decided",
    "writer.appended",
    "snapshot.taken",
    "projection.folded",
    "alerts.page",
    "close.page",
    "continuity.moved",
    "continuity.planned",
    "wind_down.page",
    "reconcile.page",
    "export.page",
    "import.chunk",
    "import.statement",
)


def crash_point(name: str) -> None:
    """Kill this process with SIGKILL at the `count`-th passage of the named point; otherwise nothing."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
