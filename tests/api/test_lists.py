"""Lists: pages that stay where they are while rows arrive, and reads that wait for what was written."""

from pathlib import Path

import pytest

from tests.api.town import Json, Town, town_over

pytestmark = pytest.mark.anyio


async def pages(town: Town, path: str, *, limit: int, between: int = 0, **query: object) -> list[Json]:
    """All items of a list; `between` two pages so many receipts arrive."""
    items: list[Json] = []
    cursor = None
    while True:
        asked = query | ({"cursor": cursor} if cursor else {})
        page = await town.get("regulator", path, limit=limit, **asked)
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
        for _ in range(between):
            await town.suspense(1)
        if between:
            between -= 1
            await town.catch_up()


async def test_pages_neither_lose_nor_repeat_rows_while_rows_arrive(town: Town) -> None:
    known = [await town.suspense(1) for _ in range(7)]
    await town.catch_up()
    whole = [item["suspense_id"] for item in await pages(town, "/v1/suspense", limit=500)]
    assert whole == known
    seen = [item["suspense_id"] for item in await pages(town, "/v1/suspense", limit=3, between=2)]
    assert len(seen) == len(set(seen))
    assert seen[: len(known)] == known
    assert len(seen) == len(known) + 2 + 1


async def test_history_is_paged_by_version(town: Town) -> None:
    path = f"/v1/accounts/{town.account_id}/history"
    whole = await pages(town, path, limit=500)
    assert [item["version"] for item in await pages(town, path, limit=2)] == [item["version"] for item in whole]


async def test_own_write_is_read_at_once(town: Town) -> None:
    for _ in range(20):
        receipt = await town.post("bank", "/v1/deposits", town.deposit(1))
        account = await town.get(
            "bank", f"/v1/accounts/{town.account_id}", at_least=f"{receipt['partition']}:{receipt['position']}"
        )
        assert account["version"] >= receipt["version"]


async def test_new_contract_is_found_by_its_id_without_waiting_for_a_position(town: Town) -> None:
    for _ in range(10):
        contract_id = await town.sign()
        assert (await town.get("parent", f"/v1/contracts/{contract_id}"))["contract_id"] == contract_id


async def test_filters_are_named_as_the_fields(town: Town) -> None:
    number = town.new("HT")
    contract_id = await town.sign(contract_no=number)
    await town.catch_up()
    found = await town.get("institution", "/v1/contracts", contract_no=number, status="open", family_id="f-1")
    assert [item["contract_id"] for item in found["items"]] == [contract_id]
    assert (await town.get("institution", "/v1/contracts", contract_no=number, status="ended"))["items"] == []


async def test_answers_are_the_same_after_a_restart(module_database_url: str, town: Town, tmp_path: Path) -> None:
    contract = town.contract(contract_no=town.new("HT"))
    opening = {
        "institution_id": "i-1",
        "bank": "ICBC",
        "account_no": town.new("no"),
        "district": "310104",
        "authorities": ["310104"],
    }
    deposit = town.deposit()
    asked = [
        ("regulator", "/v1/accounts", opening),
        ("institution", "/v1/contracts", contract),
        ("bank", "/v1/deposits", deposit),
    ]
    first = [await town.call(who, "POST", path, body=body, key="kept") for who, path, body in asked]
    heads = await town.heads()
    async with town_over(module_database_url, tmp_path) as another:
        again = [await another.call(who, "POST", path, body=body, key="kept") for who, path, body in asked]
        assert [answer.content for answer in again] == [answer.content for answer in first]
        assert {answer.headers["idempotency-replayed"] for answer in again} == {"true"}
        changed = await another.call("bank", "POST", "/v1/deposits", body=another.deposit() | {"amount_fen": 7},
                                     key="kept")  # fmt: skip
        assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
        reused = await another.call("bank", "POST", "/v1/deposits", body=deposit | {"amount_fen": 7}, key="new")
        assert (reused.status_code, reused.json()["code"]) == (409, "entry_reused")
        assert await another.heads() == heads
