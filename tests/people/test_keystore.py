"""Persons' keys on the disk: made, wrapped anew, destroyed; and what is told when one is not there."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ledger.domain.errors import LedgerError
from ledger.people import master_key
from ledger.people.keystore import Keystore

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def keystore(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys", tmp_path / "master.key")


def key_file(keystore: Keystore, person_id: UUID) -> Path:
    (path,) = keystore.directory.glob(f"*/{person_id}.key")
    return path


def refuses(code: str, keystore: Keystore, person_id: UUID) -> LedgerError:
    with pytest.raises(LedgerError) as refused:
        keystore.get(person_id)
    assert refused.value.code == code
    return refused.value


def test_a_person_keeps_its_key_and_shares_it_with_nobody(keystore: Keystore) -> None:
    one, other = uuid4(), uuid4()
    key = keystore.create(one)
    assert keystore.create(one) == keystore.get(one) == key
    assert keystore.create(other) != key
    assert len(key) == 32


def test_files_are_for_their_owner_only_and_hold_no_key_in_clear(keystore: Keystore) -> None:
    person_id = uuid4()
    key = keystore.create(person_id)
    path = key_file(keystore, person_id)
    assert [one.stat().st_mode & 0o777 for one in (path, path.parent, keystore.master_file)] == [0o600, 0o700, 0o600]
    assert key not in path.read_bytes()
    assert key.hex().encode() not in keystore.master_file.read_bytes()


def test_a_destroyed_key_never_comes_back(keystore: Keystore) -> None:
    one, other = uuid4(), uuid4()
    keystore.create(one)
    kept = keystore.create(other)
    for _ in range(2):
        keystore.destroy(one, at=NOW)
    assert refuses("person_data_erased", keystore, one).figures["erased_on"] == "2026-09-01"
    with pytest.raises(LedgerError):
        keystore.create(one)
    assert (keystore.erased(), keystore.is_erased(one), keystore.is_erased(other)) == ([one], True, False)
    assert keystore.get(other) == kept
    assert list(keystore.directory.glob(f"*/{one}.key")) == []


def test_a_restored_key_file_of_an_erased_person_is_not_used(keystore: Keystore) -> None:
    person_id = uuid4()
    keystore.create(person_id)
    path = key_file(keystore, person_id)
    backup = path.read_bytes()
    keystore.destroy(person_id, at=NOW)
    path.write_bytes(backup)
    refuses("person_data_erased", keystore, person_id)


def test_a_lost_key_is_not_an_erased_one(keystore: Keystore) -> None:
    person_id = uuid4()
    keystore.create(person_id)
    key_file(keystore, person_id).unlink()
    refuses("person_data_unreadable", keystore, person_id)


def test_the_key_file_of_another_person_is_refused(keystore: Keystore) -> None:
    one, other = uuid4(), uuid4()
    keystore.create(one)
    keystore.create(other)
    shutil.copy(key_file(keystore, other), key_file(keystore, one))
    refuses("person_data_unreadable", keystore, one)


def test_a_rotation_leaves_every_key_and_the_index_and_forgets_the_old_master_key(keystore: Keystore) -> None:
    persons = [uuid4() for _ in range(5)]
    keys = [keystore.create(one) for one in persons]
    before, index = master_key.load(keystore.master_file), keystore.index_key()
    old_file = key_file(keystore, persons[0]).read_bytes()
    assert keystore.rotate() == 5
    after = master_key.load(keystore.master_file)
    assert len(after.wrapping) == 1
    assert not set(after.wrapping) & set(before.wrapping)
    assert ([keystore.get(one) for one in persons], keystore.index_key()) == (keys, index)
    key_file(keystore, persons[0]).write_bytes(old_file)
    refuses("person_data_unreadable", keystore, persons[0])


def test_a_rotation_that_was_stopped_half_way_is_finished_by_the_next(keystore: Keystore) -> None:
    first, second = uuid4(), uuid4()
    keys = [keystore.create(first)]
    begun = master_key.begin_rotation(keystore.master_file)
    keys.append(keystore.create(second))
    assert [keystore.get(first), keystore.get(second)] == keys
    assert key_file(keystore, second).read_bytes().startswith(begun.newest.encode())
    assert master_key.begin_rotation(keystore.master_file).newest == begun.newest
    assert keystore.rotate() == 2
    assert [keystore.get(first), keystore.get(second)] == keys
    assert list(master_key.load(keystore.master_file).wrapping) == [begun.newest]


def test_a_missing_master_key_is_never_replaced_by_a_new_one(keystore: Keystore) -> None:
    person_id = uuid4()
    keystore.create(person_id)
    keystore.master_file.unlink()
    refuses("people_master_key_missing", keystore, person_id)
    assert not keystore.master_file.exists()


def test_a_master_key_that_others_may_read_is_refused(keystore: Keystore) -> None:
    person_id = uuid4()
    keystore.create(person_id)
    keystore.master_file.chmod(0o640)
    refuses("people_master_key_open", keystore, person_id)


@pytest.mark.parametrize("text", ["", "wrapping 0 aa\n", "index 00000000 " + "a" * 64 + "\n", "\xff"])
def test_a_file_that_is_no_master_key_is_refused(keystore: Keystore, text: str) -> None:
    keystore.master_file.write_text(text, encoding="latin-1")
    keystore.master_file.chmod(0o600)
    refuses("people_master_key_malformed", keystore, uuid4())
