"""Sealed values: AES-256-GCM under an algorithm's id, bound to the place where they belong.

A sealed value is `algorithm (1 byte) | nonce (12 random bytes) | ciphertext | tag (16 bytes)`. What it is bound to
(whose it is, which field, which version) is authenticated and not stored in it: in another place it cannot be opened.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

AES_256_GCM: Final = 1
"""The algorithm's id. Another one (SM4-GCM may be asked for) gets another, and old values stay readable."""
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SHORTEST: Final = 1 + _NONCE_BYTES + 16


class SealBroken(Exception):
    """A sealed value that was changed, or belongs somewhere else, or was sealed with another key."""


def new_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def seal(key: bytes, plain: bytes, *bound_to: str) -> bytes:
    """The sealed value of `plain`, which opens only with the same key and the same `bound_to`."""
    nonce = os.urandom(_NONCE_BYTES)
    return bytes((AES_256_GCM,)) + nonce + AESGCM(key).encrypt(nonce, plain, _place(AES_256_GCM, bound_to))


def unseal(key: bytes, sealed: bytes, *bound_to: str) -> bytes:
    """What was sealed. Raises SealBroken."""
    if len(sealed) < _SHORTEST or sealed[0] != AES_256_GCM:
        raise SealBroken(f"no sealed value of a known algorithm for {'/'.join(bound_to)}")
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, _place(sealed[0], bound_to))
    except InvalidTag as error:
        raise SealBroken(f"the sealed value is not that of {'/'.join(bound_to)}") from error


def _place(algorithm: int, bound_to: tuple[str, ...]) -> bytes:
    """Each part with its length in front, so that two places never read the same."""
    parts = [text.encode() for text in bound_to]
    return bytes((algorithm,)) + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
