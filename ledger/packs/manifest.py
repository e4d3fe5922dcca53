"""The signed list of a pack's files: whoever has the pack and the public key checks it with nothing else.

`manifest.json` names every file with its size and SHA-256, and what the pack is of. `signature.json` has the
algorithm's id, the public key and the signature over the bytes of `manifest.json`.
"""

import hashlib
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"
FORMAT: Final = "escrow-pack/1"
ED25519: Final = "Ed25519"
_BLOCK: Final = 1 << 20

Fault = Literal[
    "manifest_missing",
    "manifest_unreadable",
    "signature_missing",
    "signature_unreadable",
    "signature_wrong",
    "signed_by_another",
    "file_missing",
    "file_altered",
    "file_unknown",
]


class PackFault(NamedTuple):
    """What is wrong with a pack, and in which of its files."""

    fault: Fault
    file: str


class Checked(NamedTuple):
    """A pack that was looked at: its manifest (empty if it cannot be read), who signed it, and what is wrong."""

    manifest: dict[str, Any]
    key_id: str
    faults: list[PackFault]


def key_id_of(public_key: bytes) -> str:
    """The name of a public key: the SHA-256 of its 32 bytes, the first 16 digits."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def seal_pack(directory: Path, facts: Mapping[str, object], key: Ed25519PrivateKey) -> str:
    """Write the manifest over the files that are there, and its signature; the SHA-256 of the manifest.

    Ed25519 signatures have no randomness: the same files and facts give the same bytes.
    """
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(directory.iterdir())
    ]
    manifest = _json({"format": FORMAT, **facts, "files": files})
    (directory / MANIFEST).write_bytes(manifest)
    public = key.public_key().public_bytes_raw()
    signature = {
        "algorithm": ED25519,
        "key_id": key_id_of(public),
        "public_key": public.hex(),
        "signature": key.sign(manifest).hex(),
    }
    (directory / SIGNATURE).write_bytes(_json(signature))
    return hashlib.sha256(manifest).hexdigest()


def check_pack(directory: Path, *, trusted: bytes | None = None) -> Checked:
    """Look at every file of a pack. With `trusted` (32 bytes of a public key) only that key's signature counts."""
    faults: list[PackFault] = []
    signed = _read(directory / MANIFEST)
    if signed is None:
        return Checked({}, "", [PackFault("manifest_missing", MANIFEST)])
    key_id = _check_signature(directory, signed, trusted, faults)
    try:
        manifest = _object(signed)
        files = {str(one["name"]): (int(one["bytes"]), str(one["sha256"])) for one in manifest["files"]}
    except (ValueError, KeyError, TypeError):
        return Checked({}, key_id, [*faults, PackFault("manifest_unreadable", MANIFEST)])
    for name, (size, sha256) in files.items():
        path = directory / name
        if Path(name).name != name or not path.exists() or not stat.S_ISREG(path.lstat().st_mode):
            faults.append(PackFault("file_missing", name))
        elif path.stat().st_size != size or _sha256(path) != sha256:
            faults.append(PackFault("file_altered", name))
    known = {*files, MANIFEST, SIGNATURE}
    faults += [PackFault("file_unknown", path.name) for path in sorted(directory.iterdir()) if path.name not in known]
    return Checked(manifest, key_id, faults)


def _check_signature(directory: Path, signed: bytes, trusted: bytes | None, faults: list[PackFault]) -> str:
    stored = _read(directory / SIGNATURE)
    if stored is None:
        faults.append(PackFault("signature_missing", SIGNATURE))
        return ""
    try:
        fields = _object(stored)
        public, signature = bytes.fromhex(fields["public_key"]), bytes.fromhex(fields["signature"])
        if fields["algorithm"] != ED25519:
            raise ValueError(f"unknown algorithm {fields['algorithm']}")
        key = Ed25519PublicKey.from_public_bytes(public)
    except (ValueError, KeyError, TypeError):
        faults.append(PackFault("signature_unreadable", SIGNATURE))
        return ""
    if trusted is not None and public != trusted:
        faults.append(PackFault("signed_by_another", SIGNATURE))
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        faults.append(PackFault("signature_wrong", SIGNATURE))
    return key_id_of(public)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _object(text: bytes) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return cast(dict[str, Any], found)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
