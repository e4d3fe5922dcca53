"""Which PostgreSQL processes of one cluster are alive, read from the process table rather than from a pid file.

A pid file outlives a crash, and its number may by then belong to somebody else's process.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

_PROC = Path("/proc")


def postmaster(cluster: Path) -> int | None:
    """Pid of the server of a cluster directory: a live process whose arguments name that directory."""
    for pid, arguments in _command_lines().items():
        if "postgres" in arguments[0] and str(cluster) in arguments[1:]:
            return pid
    return None


def workers(cluster_name: str) -> list[int]:
    """Pids of the children of a server started with that `cluster_name`, orphans included."""
    title = f"postgres: {cluster_name}: "
    return [pid for pid, arguments in _command_lines().items() if arguments[0].startswith(title)]


def wait_until_gone(cluster: Path, cluster_name: str, *, timeout_s: float) -> bool:
    """Wait for the server and all its children to end. False when some are left after the time."""
    deadline = time.monotonic() + timeout_s
    while postmaster(cluster) is not None or workers(cluster_name):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kill(pid: int) -> None:
    """SIGKILL a process, which may have ended in the meantime."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def remove_if_misleading(pid_file: Path) -> None:
    """Remove a crashed server's pid file if its number is in use: by some other process, or by the server's zombie.

    Call only when the server does not run. A number that nobody has is left for PostgreSQL, which knows more: it also
    looks for shared memory that is still attached.
    """
    if not pid_file.exists():
        return
    first_line = pid_file.read_text().partition("\n")[0].strip()
    if not first_line.isdigit() or _is_taken(int(first_line)):
        pid_file.unlink()


def _is_taken(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_lines() -> dict[int, list[str]]:
    """Arguments of every live process, zombies excluded, by pid."""
    if not _PROC.is_dir() or not (_PROC / "self").exists():
        return _command_lines_from_ps()
    found: dict[int, list[str]] = {}
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            raw = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        # Arguments end in NUL; a server's child overwrites them by one title, padded with NULs.
        arguments = raw.rstrip(b"\0").decode(errors="replace").split("\0")
        if arguments[0]:
            found[int(entry.name)] = arguments
    return found


def _command_lines_from_ps() -> dict[int, list[str]]:
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
    found: dict[int, list[str]] = {}
    for line in listing.splitlines():
        pid, _, command = line.strip().partition(" ")
        found[int(pid)] = [command] if command.startswith("postgres: ") else command.split()
    return found
