"""The secret by which payers of bank files become opaque tokens: made once, kept beside the installation's data."""

import os
import secrets
from pathlib import Path
from typing import Final

SALT_FILE: Final = "payer-salt"
SALT_BYTES: Final = 32


def load_payer_salt(data_dir: Path) -> bytes:
    """The salt of this installation, made on first use and readable by its owner only.

    Servers of one ledger must have the same file, or one payer would have several tokens. Raises OSError.
    """
    path = data_dir / SALT_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{SALT_FILE}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SALT_BYTES))
        try:
            os.link(unfinished, path)  # unlike a rename, this never replaces what another process has made
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    return path.read_bytes()
