"""The master key file: the keys that wrap persons' keys, newest first, and the key of the blind indexes.

One line a key: `wrapping <id> <64 hexadecimal digits>` or `index <id> <digits>`. It has one wrapping key, and two while
a rotation is under way. It is not in the database nor in its backups.
"""

import re
import secrets
from pathlib import Path
from typing import Final, NamedTuple

from ledger.domain.errors import LedgerError
from ledger.people import durable_files
from ledger.people.sealing import new_key

_LINE: Final = re.compile(r"(wrapping|index) ([0-9a-f]{8}) ([0-9a-f]{64})")


class MasterKeys(NamedTuple):
    """The wrapping keys by id, of which `newest` wraps, and the key of the blind indexes."""

    newest: str
    wrapping: dict[str, bytes]
    blind: bytes


def load(path: Path) -> MasterKeys:
    """The keys of a file, which is made if it is not there. Raises OSError, and LedgerError
    `people_master_key_open`, `people_master_key_malformed`.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        durable_files.write_new(path, _text(MasterKeys(*_new_wrapping(), new_key())))
    if path.stat().st_mode & 0o077:
        raise LedgerError("people_master_key_open", file=str(path))
    return _parse(path)


def begin_rotation(path: Path) -> MasterKeys:
    """Put a new wrapping key before the one in force. One that was begun and not finished goes on."""
    keys = load(path)
    if len(keys.wrapping) == 1:
        newest, made = _new_wrapping()
        keys = MasterKeys(newest, made | keys.wrapping, keys.blind)
        durable_files.replace(path, _text(keys))
    return keys


def end_rotation(path: Path) -> None:
    """Leave only the newest wrapping key. Every person's key must be wrapped by it already."""
    keys = load(path)
    durable_files.replace(path, _text(MasterKeys(keys.newest, {keys.newest: keys.wrapping[keys.newest]}, keys.blind)))


def _new_wrapping() -> tuple[str, dict[str, bytes]]:
    name = secrets.token_hex(4)
    return name, {name: new_key()}


def _text(keys: MasterKeys) -> bytes:
    ordered = sorted(keys.wrapping.items(), key=lambda item: item[0] != keys.newest)
    lines = [f"wrapping {name} {key.hex()}" for name, key in ordered]
    return "\n".join([*lines, f"index {'0' * 8} {keys.blind.hex()}", ""]).encode()


def _parse(path: Path) -> MasterKeys:
    wrapping: dict[str, bytes] = {}
    index: bytes | None = None
    for line in path.read_text("ascii", "replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise LedgerError("people_master_key_malformed", file=str(path))
        kind, name, digits = found.groups()
        if kind == "wrapping":
            wrapping[name] = bytes.fromhex(digits)
        else:
            index = bytes.fromhex(digits)
    if not 1 <= len(wrapping) <= 2 or index is None:
        raise LedgerError("people_master_key_malformed", file=str(path))
    return MasterKeys(next(iter(wrapping)), wrapping, index)
