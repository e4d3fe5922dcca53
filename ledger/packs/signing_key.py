"""The key that signs packs: made once, kept beside the installation's data; its public half is handed to readers."""

import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_FILE: Final = "pack-signing.key"
PUBLIC_FILE: Final = "pack-signing.pub"


def load_signing_key(data_dir: Path) -> Ed25519PrivateKey:
    """The key of this installation (32 bytes, hexadecimal, mode 0600), made on first use. Raises OSError, ValueError.

    Beside it stands the public key, which `escrow verify-pack --key` takes.
    """
    path = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        unfinished = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)  # unlike a rename, this never replaces what another process has made
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    public = data_dir / PUBLIC_FILE
    text = key.public_key().public_bytes_raw().hex() + "\n"
    if not public.exists() or public.read_text("ascii") != text:
        public.write_text(text, "ascii")
    return key


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of a public key file. Raises OSError, ValueError."""
    key = bytes.fromhex(path.read_text("ascii").strip())
    if len(key) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return key
