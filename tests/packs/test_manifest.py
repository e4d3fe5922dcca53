"""The signed list of files: whatever is changed, added or taken away is told, with nothing but the pack and a key."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.packs.archive import zip_pack
from ledger.packs.manifest import MANIFEST, SIGNATURE, Fault, check_pack, seal_pack
from ledger.packs.signing_key import KEY_FILE, PUBLIC_FILE, load_signing_key, read_public_key

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    directory = tmp_path / "pack"
    directory.mkdir()
    (directory / "a.csv").write_text("a")
    (directory / "b.pdf").write_bytes(b"b" * 3_000_000)
    seal_pack(directory, {"kind": "test", "version": 7}, KEY)
    return directory


def faults(pack: Path, *, trusted: bytes | None = PUBLIC) -> list[tuple[Fault, str]]:
    return [(one.fault, one.file) for one in check_pack(pack, trusted=trusted).faults]


def _manifest(pack: Path, change: Callable[[str], str]) -> None:
    (pack / MANIFEST).write_text(change((pack / MANIFEST).read_text()))


def _resign(pack: Path, key: Ed25519PrivateKey) -> None:
    signature = json.loads((pack / SIGNATURE).read_text())
    signature["signature"] = key.sign((pack / MANIFEST).read_bytes()).hex()
    signature["public_key"] = key.public_key().public_bytes_raw().hex()
    (pack / SIGNATURE).write_text(json.dumps(signature))


def test_a_pack_as_it_was_written_is_whole(pack: Path) -> None:
    checked = check_pack(pack, trusted=PUBLIC)
    assert (checked.faults, checked.manifest["version"], checked.manifest["format"]) == ([], 7, "escrow-pack/1")
    assert json.loads((pack / SIGNATURE).read_text())["algorithm"] == "Ed25519"
    assert checked.key_id == json.loads((pack / SIGNATURE).read_text())["key_id"]


CHANGES: list[tuple[Callable[[Path], object], list[tuple[str, str]]]] = [
    (lambda p: (p / "a.csv").write_text("A"), [("file_altered", "a.csv")]),
    (lambda p: (p / "a.csv").write_text("aa"), [("file_altered", "a.csv")]),
    (lambda p: (p / "a.csv").unlink(), [("file_missing", "a.csv")]),
    (lambda p: (p / "c.csv").write_text(""), [("file_unknown", "c.csv")]),
    (lambda p: (p / MANIFEST).unlink(), [("manifest_missing", MANIFEST)]),
    (lambda p: (p / SIGNATURE).unlink(), [("signature_missing", SIGNATURE)]),
    (lambda p: (p / SIGNATURE).write_text("{}"), [("signature_unreadable", SIGNATURE)]),
    (lambda p: (p / SIGNATURE).write_text("[]"), [("signature_unreadable", SIGNATURE)]),
    (lambda p: _manifest(p, lambda t: t.replace(": 7", ": 8")), [("signature_wrong", SIGNATURE)]),
    (lambda p: _manifest(p, lambda t: "{}"), [("signature_wrong", SIGNATURE), ("manifest_unreadable", MANIFEST)]),
    (lambda p: _resign(p, Ed25519PrivateKey.generate()), [("signed_by_another", SIGNATURE)]),
]


@pytest.mark.parametrize(("change", "found"), CHANGES)
def test_whatever_was_changed_is_told(
    pack: Path, change: Callable[[Path], object], found: list[tuple[str, str]]
) -> None:
    change(pack)
    assert faults(pack) == found


def test_a_link_out_of_the_pack_is_no_file_of_it(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("a")
    (pack / "a.csv").unlink()
    (pack / "a.csv").symlink_to(tmp_path / "elsewhere")
    assert faults(pack) == [("file_missing", "a.csv")]


def test_a_name_that_leads_out_of_the_pack_is_no_file_of_it(pack: Path) -> None:
    _manifest(pack, lambda text: text.replace('"a.csv"', '"../pack/a.csv"'))
    _resign(pack, KEY)
    assert ("file_missing", "../pack/a.csv") in faults(pack)


def test_an_unknown_algorithm_is_not_trusted(pack: Path) -> None:
    (pack / SIGNATURE).write_text((pack / SIGNATURE).read_text().replace("Ed25519", "none"))
    assert faults(pack) == [("signature_unreadable", SIGNATURE)]


def test_archives_of_one_pack_are_the_same_bytes(pack: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        (pack / "a.csv").touch()
        zip_pack(pack, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "out")
    assert check_pack(tmp_path / "out", trusted=PUBLIC).faults == []


def test_the_signing_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    keys = [load_signing_key(tmp_path / "data").private_bytes_raw() for _ in range(2)]
    assert keys[0] == keys[1]
    assert (tmp_path / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    public = read_public_key(tmp_path / "data" / PUBLIC_FILE)
    assert public == load_signing_key(tmp_path / "data").public_key().public_bytes_raw()
