"""Making a pack from settings and an account's id, in this process or in one of its own: a long read of the log."""

import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from ledger.application.law import load_law
from ledger.application.packs.audit_pack import Progress, write_audit_pack
from ledger.application.packs.claims import AccountClaims, account_claims
from ledger.application.packs.claims_pack import PackWritten, write_claims_pack
from ledger.application.packs.payees import Payees
from ledger.domain.errors import LedgerError
from ledger.packs.archive import zip_pack
from ledger.packs.signing_key import load_signing_key
from ledger.settings import Settings

PackKind = Literal["claims", "audit"]
Named = Callable[[AccountClaims], Payees | None]


class PackOf(NamedTuple):
    """Which account, and of when: as of an instant, or after one of its events; now if neither is given."""

    account_id: UUID
    as_of: datetime | None = None
    version: int | None = None


def make_claims_pack(
    settings: Settings, url: str, wanted: PackOf, directory: Path, *, named: Named = lambda _: None
) -> PackWritten:
    """Write a claims pack into a new directory; `named` gives names and accounts for it, if they are to be in it.

    Raises LedgerError `account_not_found`, `event_not_found`, `pack_directory_taken`; OSError; what `named` raises.
    """
    law, key = load_law(settings), load_signing_key(settings.data_dir)
    claims = account_claims(url, law, wanted.account_id, as_of=wanted.as_of, version=wanted.version)
    with _new_directory(directory) as unfinished:
        written = write_claims_pack(claims, unfinished, key, payees=named(claims))
    return written._replace(directory=directory)


def make_audit_pack(
    settings: Settings,
    url: str,
    wanted: PackOf,
    directory: Path,
    *,
    on_progress: Progress = lambda _done, _total: None,
) -> PackWritten:
    """Write an audit pack into a new directory. Raises as `make_claims_pack`."""
    key = load_signing_key(settings.data_dir)
    with _new_directory(directory) as unfinished:
        written = write_audit_pack(
            url,
            wanted.account_id,
            unfinished,
            key,
            as_of=wanted.as_of,
            version=wanted.version,
            on_progress=on_progress,
        )
    return written._replace(directory=directory)


def make_zip(settings: Settings, url: str, kind: PackKind, wanted: PackOf, target: Path) -> None:
    """Write a pack, without names, as one ZIP file. Made to run in a process of its own."""
    with tempfile.TemporaryDirectory(dir=target.parent) as parent:
        directory = Path(parent) / kind
        make = make_claims_pack if kind == "claims" else make_audit_pack
        make(settings, url, wanted, directory)
        zip_pack(directory, target)


@contextmanager
def _new_directory(directory: Path) -> Generator[Path]:
    """A directory that has its name only when it is finished."""
    if directory.exists():
        raise LedgerError("pack_directory_taken", directory=str(directory))
    unfinished = directory.with_name(f".{directory.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        unfinished.rename(directory)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
