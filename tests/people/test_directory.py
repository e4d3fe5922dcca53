"""Persons in the database: what was put is opened, what was moved or changed is refused, what was erased stays so."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from ledger.domain.errors import LedgerError
from ledger.people.directory import Directory
from ledger.people.keystore import Keystore
from ledger.people.person import Details, FamilyTie, PaymentRoute

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 9, 1, tzinfo=UTC)
Connection = psycopg.AsyncConnection[Any]


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection[Any].connect(database_url, autocommit=True) as connected:
        yield connected


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(Keystore(tmp_path / "keys", tmp_path / "master.key"))


def route(token: str = "route-1", account_no: str = "6225750012345678") -> PaymentRoute:
    return PaymentRoute(route=token, bank="CMB", account_no=account_no, holder_name="欧阳晴岚")


async def known(directory: Directory, connection: Connection, name: str = "欧阳晴岚", token: str = "route-1") -> UUID:
    person_id = uuid4()
    await directory.create(connection, person_id, written_by="i-1", at=NOW)
    details = Details(name=name, phones=("139 1234 5678",), contract_nos=("HT-1",))
    await directory.put(connection, person_id, details)
    await directory.tie(connection, person_id, FamilyTie(family_id="f-1", relation="mother", student_ids=("s-1",)))
    await directory.add_routes(connection, person_id, [route(token)], at=NOW)
    return person_id


async def refuses(code: str, attempt: Callable[[], Any]) -> None:
    with pytest.raises(LedgerError) as refused:
        await attempt()
    assert refused.value.code == code


async def test_a_person_comes_back_as_it_was_put(directory: Directory, connection: Connection) -> None:
    person = await directory.open(connection, await known(directory, connection))
    assert (person.name, person.phones, person.contract_nos) == ("欧阳晴岚", ("139 1234 5678",), ("HT-1",))
    assert person.families == (FamilyTie(family_id="f-1", relation="mother", student_ids=("s-1",)),)
    assert person.routes == (route(),)


async def test_only_what_was_asked_for_is_opened(directory: Directory, connection: Connection) -> None:
    person = await directory.open(connection, await known(directory, connection), fields=("name",))
    assert (person.name, person.phones, person.routes) == ("欧阳晴岚", None, None)


async def test_a_person_is_found_by_phone_contract_number_and_family_until_they_change(
    directory: Directory, connection: Connection
) -> None:
    person_id = await known(directory, connection)

    async def found(kind: Any, text: str) -> list[UUID]:
        return [one.person_id for one in await directory.find(connection, kind, [text])]

    for kind, text in (("phone", "+8613912345678"), ("contract_no", "ht-1"), ("family", "f-1")):
        assert await found(kind, text) == [person_id]
        assert await found(kind, text + "9") == []
    await directory.put(connection, person_id, Details(name="欧阳", phones=("13800000000",)))
    assert [await found("phone", "13912345678"), await found("contract_no", "HT-1")] == [[], []]
    assert await found("phone", "13800000000") == await found("family", "f-1") == [person_id]


async def test_fields_exchanged_between_persons_are_refused(directory: Directory, connection: Connection) -> None:
    one, other = await known(directory, connection), await known(directory, connection, "李四", "route-2")
    await connection.execute(
        "UPDATE escrow_people.sealed_fields f SET sealed = g.sealed FROM escrow_people.sealed_fields g"
        " WHERE f.field = 'name' AND g.field = 'name' AND f.person_id <> g.person_id"
    )
    for person_id in (one, other):
        await refuses("person_data_unreadable", lambda person_id=person_id: directory.open(connection, person_id))


async def test_accounts_exchanged_between_tokens_are_refused(directory: Directory, connection: Connection) -> None:
    person_id = await known(directory, connection)
    await directory.add_routes(connection, person_id, [route("route-2", "6222000000000000")], at=NOW)
    await connection.execute(
        "UPDATE escrow_people.payment_routes r SET sealed = o.sealed FROM escrow_people.payment_routes o"
        " WHERE r.route <> o.route"
    )
    await refuses("person_data_unreadable", lambda: directory.open_routes(connection, ["route-1"]))


async def test_an_older_value_put_back_is_refused(directory: Directory, connection: Connection) -> None:
    person_id = await known(directory, connection)
    named = "FROM escrow_people.sealed_fields WHERE field = 'phones'"
    cursor = await connection.execute(f"SELECT sealed {named}".encode())
    old = (await cursor.fetchone() or (None,))[0]
    await directory.put(connection, person_id, Details(name="欧阳晴岚", phones=("13800000000",)))
    await connection.execute("UPDATE escrow_people.sealed_fields SET sealed = %s WHERE field = 'phones'", [old])
    await refuses("person_data_unreadable", lambda: directory.open(connection, person_id))


async def test_a_changed_byte_in_the_database_is_refused(directory: Directory, connection: Connection) -> None:
    person_id = await known(directory, connection)
    await connection.execute(
        "UPDATE escrow_people.sealed_fields SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)"
        " WHERE field = 'name'"
    )
    await refuses("person_data_unreadable", lambda: directory.open(connection, person_id))


async def test_a_token_never_comes_to_stand_for_another_account(directory: Directory, connection: Connection) -> None:
    person_id = await known(directory, connection)
    other = await known(directory, connection, "李四", "route-2")
    await directory.add_routes(connection, person_id, [route()], at=NOW)
    for owner, account_no in ((person_id, "1111"), (other, "6225750012345678")):
        attempt = route(account_no=account_no)
        await refuses(
            "route_taken", lambda owner=owner, a=attempt: directory.add_routes(connection, owner, [a], at=NOW)
        )
    await directory.erase(connection, person_id, at=NOW)
    await refuses("route_taken", lambda: directory.add_routes(connection, other, [route()], at=NOW))


async def test_a_person_has_twenty_routes_and_not_one_more(directory: Directory, connection: Connection) -> None:
    person_id = await known(directory, connection)
    await directory.add_routes(connection, person_id, [route(f"r-{n}") for n in range(19)], at=NOW)
    await refuses(
        "person_routes_many", lambda: directory.add_routes(connection, person_id, [route("one-more")], at=NOW)
    )


async def test_an_erased_person_is_found_by_nothing_and_opened_by_nobody(
    directory: Directory, connection: Connection
) -> None:
    person_id = await known(directory, connection)
    stays = await known(directory, connection, "李四", "route-2")
    for _ in range(2):
        await directory.erase(connection, person_id, at=NOW)
    await refuses("person_data_erased", lambda: directory.open(connection, person_id))
    assert [one.person_id for one in await directory.find(connection, "phone", ["13912345678"])] == [stays]
    assert list(await directory.open_routes(connection, ["route-1", "route-2"])) == ["route-2"]
    record = await directory.record(connection, person_id)
    assert record is not None
    assert (record.erased_at, record.fields, record.routes) == (NOW, [], [])


@pytest.mark.parametrize("lost_by", ["database", "keystore"])
async def test_whoever_was_erased_is_erased_again_after_a_restore(
    directory: Directory, connection: Connection, lost_by: str
) -> None:
    person_id, stays = await known(directory, connection), await known(directory, connection, "李四", "route-2")
    if lost_by == "database":  # as before the erasure, with the keys of after it
        directory.keystore.destroy(person_id, at=NOW)
    else:
        (key_file,) = directory.keystore.directory.glob(f"*/{person_id}.key")
        key = key_file.read_bytes()
        await directory.erase(connection, person_id, at=NOW)
        key_file.write_bytes(key)
        key_file.with_suffix(".erased").unlink()
    assert await directory.finish_erasures(connection, at=NOW) == 1
    assert await directory.finish_erasures(connection, at=NOW) == 0
    record = await directory.record(connection, person_id)
    assert record is not None
    assert (record.erased_at, record.fields) == (NOW, [])
    await refuses("person_data_erased", lambda: directory.open(connection, person_id))
    assert (await directory.open(connection, stays)).name == "李四"
