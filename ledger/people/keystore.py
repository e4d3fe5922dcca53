"""One small file a person with that person's key, wrapped: destroyed, it takes all copies of the person's data along.

The directory is not in the database nor in its backups. A file is `<two digits>/<person id>.key`; in its place an
erased person has `<person id>.erased`, so that a key that was destroyed is told from one that was lost.
"""

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger.domain.errors import LedgerError
from ledger.people import durable_files, master_key
from ledger.people.master_key import MasterKeys
from ledger.people.sealing import SealBroken, new_key, seal, unseal

_KEY: Final = ".key"
_ERASED: Final = ".erased"
_ID_BYTES: Final = 8
_DATE_LENGTH: Final = len("2026-09-01")


class Keystore:
    """The persons' keys in `directory`, wrapped by the master keys in `master_file`.

    Every use reads the master keys afresh under a shared lock, and a rotation changes them alone: no key is ever
    wrapped by a master key that is about to go. Several processes may use one keystore. Blocks on the disk.

    Raises LedgerError: `person_data_erased` for a key that was destroyed, `person_data_unreadable` for one that is lost
    or damaged, `people_master_key_missing` and those of `master_key.load`.
    """

    def __init__(self, directory: Path, master_file: Path) -> None:
        self.directory = directory
        self.master_file = master_file

    def index_key(self) -> bytes:
        """The key of the blind indexes."""
        with self._locked() as keys:
            return keys.blind

    def create(self, person_id: UUID) -> bytes:
        """A new key for a person, or the one that it has."""
        with self._locked() as keys:
            path = self._path(person_id, _KEY)
            self._refuse_erased(person_id)
            if not path.exists():
                path.parent.mkdir(mode=0o700, exist_ok=True)
                durable_files.sync_directory(self.directory)
                durable_files.write_new(path, _wrapped(keys, person_id, new_key()))
            return _unwrapped(keys, person_id, path.read_bytes())

    def get(self, person_id: UUID) -> bytes:
        """A person's key."""
        with self._locked() as keys:
            self._refuse_erased(person_id)
            try:
                return _unwrapped(keys, person_id, self._path(person_id, _KEY).read_bytes())
            except FileNotFoundError as error:
                raise LedgerError("person_data_unreadable", person_id=str(person_id)) from error

    def destroy(self, person_id: UUID, *, at: datetime) -> None:
        """Destroy a person's key for ever, if it is there, and remember that it was on purpose. Repeatable."""
        with self._locked():
            mark = self._path(person_id, _ERASED)
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            durable_files.write_new(mark, f"{at.isoformat()}\n".encode())
            durable_files.remove(self._path(person_id, _KEY))

    def is_erased(self, person_id: UUID) -> bool:
        """Whether the person's key was destroyed."""
        return self._path(person_id, _ERASED).exists()

    def erased(self) -> list[UUID]:
        """Everybody whose key was destroyed, also where the database has forgotten it."""
        return [UUID(path.name.removesuffix(_ERASED)) for path in self._files(_ERASED)]

    def rotate(self) -> int:
        """Wrap every person's key by a new master key and forget the old one; the number of keys.

        Stopped half-way, it is finished by the next call. The lock is held alone for one file at a time: whatever is
        made meanwhile is wrapped by the new key, and whatever is destroyed stays so.
        """
        with self._locked(alone=True):
            master_key.begin_rotation(self.master_file)
        count = 0
        for path in list(self._files(_KEY)):
            person_id = UUID(path.name.removesuffix(_KEY))
            with self._locked(alone=True) as keys:
                if path.exists():
                    key = _unwrapped(keys, person_id, path.read_bytes())
                    durable_files.replace(path, _wrapped(keys, person_id, key))
                    count += 1
        with self._locked(alone=True):
            master_key.end_rotation(self.master_file)
        return count

    def _refuse_erased(self, person_id: UUID) -> None:
        try:
            on = self._path(person_id, _ERASED).read_text()[:_DATE_LENGTH]
        except FileNotFoundError:
            return
        raise LedgerError("person_data_erased", person_id=str(person_id), erased_on=on)

    def _path(self, person_id: UUID, suffix: str) -> Path:
        # The last digits are random; the first ones are a time.
        return self.directory / person_id.hex[-2:] / f"{person_id}{suffix}"

    def _files(self, suffix: str) -> Iterator[Path]:
        return (path for path in self.directory.glob(f"[0-9a-f][0-9a-f]/*{suffix}") if not path.name.startswith("."))

    @contextmanager
    def _locked(self, *, alone: bool = False) -> Generator[MasterKeys]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            if not self.master_file.exists() and next(self._files(_KEY), None) is not None:
                raise LedgerError("people_master_key_missing", file=str(self.master_file))
            yield master_key.load(self.master_file)
        finally:
            os.close(descriptor)


def _wrapped(keys: MasterKeys, person_id: UUID, key: bytes) -> bytes:
    return keys.newest.encode() + seal(keys.wrapping[keys.newest], key, "person key", str(person_id), keys.newest)


def _unwrapped(keys: MasterKeys, person_id: UUID, stored: bytes) -> bytes:
    name = stored[:_ID_BYTES].decode("ascii", "replace")
    try:
        return unseal(keys.wrapping[name], stored[_ID_BYTES:], "person key", str(person_id), name)
    except (KeyError, SealBroken) as error:
        raise LedgerError("person_data_unreadable", person_id=str(person_id)) from error
