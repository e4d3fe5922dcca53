"""The installation's key for what sign-in has to read back: one file beside the data, made once."""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_FILE: Final = "sign-in-key"
_NONCE_BYTES: Final = 12


class InstallationKey:
    """AES-256-GCM; what was sealed under one name opens under no other."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: bytes, *, name: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, name.encode())

    def open(self, sealed: bytes, *, name: str) -> bytes:
        """The secret. Raises ValueError for what this key did not seal under the name."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except InvalidTag as error:
            raise ValueError(f"{name} was not sealed by this installation's key") from error


def load_installation_key(data_dir: Path) -> InstallationKey:
    """The key of this installation, made on first use and readable by its owner only. Raises OSError.

    Servers of one ledger must have the same file, or staff who signed up at one cannot sign in at the other.
    """
    path = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        unfinished = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(AESGCM.generate_key(256))
        try:
            os.link(unfinished, path)  # unlike a rename, this never replaces what another process has made
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    return InstallationKey(path.read_bytes())
