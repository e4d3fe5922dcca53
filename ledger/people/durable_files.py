"""Small secret files that are there completely or not at all, and that are gone when they are removed."""

import os
import secrets
from pathlib import Path


def write_new(path: Path, content: bytes) -> bool:
    """Make the file, readable by its owner only and on the disk when this returns. False when another was first."""
    unfinished = _write_beside(path, content)
    try:
        os.link(unfinished, path)  # unlike a rename, this never replaces what another process has made
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    sync_directory(path.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Put another content into the file's place: readers see the old one or the new one."""
    _write_beside(path, content).replace(path)
    sync_directory(path.parent)


def remove(path: Path) -> bool:
    """Remove the file, its bytes overwritten before; False when it is not there.

    A file system that copies on write keeps the old bytes for a while: what stands in the file must be worthless
    without another secret as well.
    """
    try:
        with path.open("r+b", buffering=0) as file:
            file.write(os.urandom(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink(missing_ok=True)
    sync_directory(path.parent)
    return True


def sync_directory(directory: Path) -> None:
    """Make what happened to the directory's names last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_beside(path: Path, content: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return unfinished
