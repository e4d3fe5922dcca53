"""A family's persons over HTTP: told, revealed with a trace, erased for good; money and history stay as they are."""

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import structlog
from psycopg.conninfo import conninfo_to_dict

from ledger.application.people.registry import Registry
from ledger.application.verification.verify import verify
from ledger.domain.errors import LedgerError
from tests.api.people_routes import known, person
from tests.api.route_shapes import WHY
from tests.api.town import Json, Town
from tests.conftest import new_server

pytestmark = pytest.mark.anyio

NAME = "欧阳晴岚"
SECRETS = (NAME, "13912345678", "139 1234 5678", "6225750012345678", "6225 7500 1234 5678")

Dump = Callable[[str], bytes]


@pytest.fixture
def dump(cluster_url: str, run_directory: Path) -> Dump:
    """A whole database as SQL text, as an operator's backup has it."""

    def dumped(url: str) -> bytes:
        program = new_server(run_directory / "shared", durable=False).binaries / "pg_dump"
        return subprocess.run([program, "--inserts", url], check=True, capture_output=True).stdout

    return dumped


def restore(cluster_url: str, run_directory: Path, sql: bytes, url: str) -> None:
    program = new_server(run_directory / "shared", durable=False).binaries / "psql"
    subprocess.run([program, "-q", "-v", "ON_ERROR_STOP=1", url], input=sql, check=True, capture_output=True)


def traces(text: bytes) -> list[str]:
    """What can be read of the person in a dump: as it is, or in a column of bytes."""
    return [one for one in SECRETS if one.encode() in text or one.encode().hex().encode() in text.lower()]


def registry(town: Town) -> Registry:
    return town.app.state.services.books.people


def url_of(town: Town) -> str:
    url = town.app.state.services.settings.database_url
    assert url is not None
    return url


async def reveal(town: Town, person_id: str, **body: object) -> Json:
    return await town.post("regulator", f"/v1/people/{person_id}/reveal", WHY | body)


async def erase(town: Town, person_id: str) -> Json:
    return await town.post("regulator", f"/v1/people/{person_id}/erasure", {"reason": "the family asked for it"})


async def log_of(town: Town, person_id: str) -> list[Json]:
    return (await town.get("regulator", "/v1/people-accesses", person_id=person_id))["items"]


async def test_told_revealed_and_shown_to_the_family(town: Town) -> None:
    await town.sign()
    told = person(town)
    receipt = await town.post("institution", "/v1/people", told)
    person_id = receipt["person_id"]
    token = told["routes"][0]["route"]
    assert (receipt["fields"], receipt["routes"]) == (["contract_nos", "families", "name", "phones"], [token])
    assert NAME not in str(receipt)
    seen = await reveal(town, person_id, fields=["phones", "name"])
    assert (seen["name"], seen["phones"], seen["routes"]) == (NAME, ["139 1234 5678"], None)
    own = (await town.get("parent", "/v1/families/f-1/people"))["items"]
    (shown,) = [one for one in own if one["person_id"] == person_id]
    assert shown["routes"] == [{"route": token, "bank": "CMB", "account_no": "6225750012345678", "holder_name": NAME}]
    log = await log_of(town, person_id)
    assert [(one["actor"], one["action"], one["fields"], one["reason"]) for one in log] == [
        ("institution:institution", "written", ["name", "phones", "contract_nos", "families"], ""),
        ("regulator:regulator@310104", "revealed", ["name", "phones"], "as decided"),
        ("parent:parent", "read_own", ["name", "phones", "contract_nos", "families", "routes"], ""),
    ]


async def test_the_same_request_makes_one_person_and_another_one_is_refused(town: Town) -> None:
    await town.sign()
    told, key = person(town), town.new("person")
    first = await town.call("institution", "POST", "/v1/people", body=told, key=key)
    again = await town.call("institution", "POST", "/v1/people", body=told, key=key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await town.call("institution", "POST", "/v1/people", body=told | {"name": "李四"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    await erase(town, first.json()["person_id"])
    resurrected = await town.call("institution", "POST", "/v1/people", body=told, key=key)
    assert (resurrected.status_code, resurrected.json()["code"]) == (409, "person_data_erased")


async def test_every_reveal_is_logged_its_repetition_too(town: Town) -> None:
    person_id = await known(town)
    for _ in range(2):
        answer = await town.call("regulator", "POST", f"/v1/people/{person_id}/reveal", body=WHY, key=f"r-{person_id}")
        assert answer.json()["name"] == NAME
    assert [one["action"] for one in await log_of(town, person_id)] == ["written", "revealed", "revealed"]


async def test_a_change_replaces_details_and_keeps_routes(town: Town) -> None:
    person_id = await known(town)
    await town.post("institution", f"/v1/people/{person_id}/details", {"name": "欧阳晴", "phones": ["13800000000"]})
    seen = await reveal(town, person_id)
    assert (seen["name"], seen["phones"], seen["contract_nos"]) == ("欧阳晴", ["13800000000"], [])
    assert len(seen["routes"]) == 1


async def test_a_person_may_belong_to_two_families_and_each_sees_its_own_tie(town: Town) -> None:
    person_id = await known(town)
    await town.sign(family_id="f-2")
    await town.post("institution", f"/v1/people/{person_id}/families", {"family_id": "f-2", "relation": "aunt"})
    families = {tie["family_id"] for tie in (await reveal(town, person_id))["families"]}
    assert families == {"f-1", "f-2"}
    own = (await town.get("other_parent", "/v1/families/f-2/people"))["items"]
    assert [[tie["family_id"] for tie in one["families"]] for one in own] == [["f-2"]]


async def test_another_institution_of_the_family_changes_nothing_of_a_person(town: Town) -> None:
    person_id = await known(town)
    number = town.new("second")
    account_id = await town.open_account(account_no=number, institution_id="i-2")
    contract = town.contract(account_id=account_id)
    await town.post("other_institution", "/v1/contracts", contract)
    answer = await town.call("other_institution", "POST", f"/v1/people/{person_id}/details", body={"name": "李四"})
    assert (answer.status_code, answer.json()["code"]) == (409, "person_data_not_own")
    assert (await reveal(town, person_id))["name"] == NAME


async def test_a_family_without_a_contract_here_has_no_persons(town: Town) -> None:
    tie = {"family_id": "nobody", "relation": "mother"}
    answer = await town.call("institution", "POST", "/v1/people", body=person(town, family=tie))
    assert (answer.status_code, answer.json()["code"]) == (404, "family_not_found")


async def test_a_refund_that_is_not_paid_yet_blocks_the_erasure_of_its_way(town: Town) -> None:
    family = {"family_id": "f-1", "relation": "mother"}
    with_route, without = await known(town, family=family), await known(town, family=family, routes=[])
    refund_id = await town.refund()
    answer = await town.call("regulator", "POST", f"/v1/people/{with_route}/erasure", body=WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "person_refund_pending")
    assert (await reveal(town, with_route))["name"] == NAME
    await erase(town, without)
    await town.post("parent", f"/v1/refunds/{refund_id}/withdrawal", WHY)
    await pay_everything(town)
    await erase(town, with_route)


async def pay_everything(town: Town) -> None:
    """End every refund of the town that other tests have left."""
    await town.catch_up()
    for refund in (await town.get("parent", "/v1/refunds", only_open=True, limit=500))["items"]:
        await town.call("parent", "POST", f"/v1/refunds/{refund['refund_id']}/withdrawal", body=WHY)
    await town.catch_up()


async def test_erased_the_name_is_gone_and_everything_else_is_as_it_was(
    town: Town, dump: Dump, cluster_url: str, run_directory: Path, empty_database_url: str
) -> None:
    await pay_everything(town)
    contract_id = await town.paid_contract()
    await town.teach(contract_id)
    person_id = await known(town)
    url = url_of(town)
    await town.catch_up()

    async def facts() -> list[bytes]:
        pages = [f"/v1/accounts/{town.account_id}{part}" for part in ("", "/balance", "/history?limit=500")]
        pages.append(f"/v1/contracts/{contract_id}")
        return [(await town.call("regulator", "GET", page)).content for page in pages]

    async def rows() -> bytes:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            # Requests are noted as they come, these too.
            named = cursor.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname IN ('escrow', 'escrow_views')"
                " AND tablename NOT IN ('batch_keys', 'api_requests') ORDER BY 1"  # what every request leaves
            ).fetchall()
            kept: list[bytes] = []
            for (table,) in named:
                with cursor.copy(f"COPY (SELECT t::text FROM {table} t ORDER BY 1) TO STDOUT".encode()) as copied:
                    kept += [bytes(block) for block in copied]
        return b"".join(kept)

    async def verified() -> tuple[int, int, int, dict[str, int]]:
        found = await asyncio.to_thread(verify, url, processes=1)
        return found.events, found.commands, found.unique_keys, found.counts

    before, stored, checked = await facts(), await rows(), await verified()
    backup = dump(url)
    assert traces(backup) == []
    await erase(town, person_id)
    assert (await facts(), await rows()) == (before, stored)
    assert await verified() == checked
    assert traces(dump(url)) == []
    for path, body in (("reveal", WHY), ("details", {"name": "李四"})):
        who = "regulator" if path == "reveal" else "institution"
        answer = await town.call(who, "POST", f"/v1/people/{person_id}/{path}", body=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "person_data_erased"), path
    own = (await town.get("parent", "/v1/families/f-1/people"))["items"]
    assert person_id not in [one["person_id"] for one in own]
    assert (await erase(town, person_id))["erased_at"] == (await erase(town, person_id))["erased_at"]
    assert [one["action"] for one in await log_of(town, person_id)] == ["written", "erased"]

    restore(cluster_url, run_directory, backup, empty_database_url)
    async with await psycopg.AsyncConnection.connect(empty_database_url, autocommit=True) as old:
        count = "SELECT count(*) FROM escrow_people.sealed_fields WHERE person_id = %s"
        assert await (await old.execute(count, [person_id])).fetchone() == (4,)
        with pytest.raises(LedgerError) as refused:
            await registry(town).directory.open(old, UUID(person_id))
        assert refused.value.code == "person_data_erased"
        assert await registry(town).directory.finish_erasures(old, at=town.clock()) >= 1
        assert await (await old.execute(count, [person_id])).fetchone() == (0,)


async def test_nothing_personal_is_in_any_table_event_or_log(town: Town, dump: Dump) -> None:
    with structlog.testing.capture_logs() as lines:
        person_id = await known(town)
        await reveal(town, person_id)
        await town.get("parent", "/v1/families/f-1/people")
        await town.call("institution", "POST", "/v1/people", body=person(town, name=7))
        await town.call("institution", "POST", "/v1/people", body=person(town, phones=[NAME]))
    assert traces(dump(url_of(town))) == []
    assert traces(str(lines).encode()) == []
    assert lines
    keys = registry(town).directory.keystore
    files = [path for path in keys.directory.parent.rglob("*") if path.is_file()]
    assert len(files) > 2
    assert [path for path in files if traces(path.read_bytes())] == []
    assert os.fspath(keys.directory) not in conninfo_to_dict(url_of(town)).values()


async def test_a_dump_with_the_name_in_it_would_be_noticed() -> None:
    assert traces(b"x'" + NAME.encode() + b"'") == [NAME]
    assert traces(b"\\x" + NAME.encode().hex().upper().encode()) == [NAME]


async def test_the_access_log_cannot_be_changed(town: Town) -> None:
    await known(town)
    async with await psycopg.AsyncConnection.connect(url_of(town)) as connection:
        for statement in ("UPDATE escrow_people.access_log SET reason = ''", "DELETE FROM escrow_people.access_log"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(statement.encode())
            await connection.rollback()


async def test_an_empty_reason_reveals_nothing(town: Town) -> None:
    person_id = await known(town)
    answer = await town.call("regulator", "POST", f"/v1/people/{person_id}/reveal", body={"reason": ""})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/reason")
    assert [one["action"] for one in await log_of(town, person_id)] == ["written"]


async def test_a_tampered_row_is_an_error_of_the_server_that_tells_nothing(town: Town) -> None:
    person_id = await known(town)
    async with await psycopg.AsyncConnection.connect(url_of(town), autocommit=True) as connection:
        await connection.execute(
            "UPDATE escrow_people.sealed_fields SET sealed = set_byte(sealed, 15, get_byte(sealed, 15) # 8)"
            " WHERE person_id = %s AND field = 'name'",
            [person_id],
        )
    answer = await town.call("regulator", "POST", f"/v1/people/{person_id}/reveal", body=WHY)
    assert (answer.status_code, answer.json()["code"]) == (500, "person_data_unreadable")
    assert [one["action"] for one in await log_of(town, person_id)] == ["written"]
    await erase(town, person_id)
