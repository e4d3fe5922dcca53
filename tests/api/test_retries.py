"""What a request begins, it begins once: a repetition is recognised long after, by a server that remembers nothing."""

from pathlib import Path

import pytest

from tests.api.town import Json, Town, town_over

pytestmark = pytest.mark.anyio
TRIES = 4
"""Of each request: its stream lies in any partition, and in one of four a repetition met its own key by chance."""
CAREFUL = 70
"""After a conflict, more commands than the writer looks up one by one."""


def _requests(contract_id: str) -> list[tuple[str, str, Json]]:
    case = {"kind": "clue", "institution_id": "i-1", "owner": "310104", "reason": "a letter", "pack": "default"}
    return [
        ("parent", "/v1/complaints", {"contract_id": contract_id, "reason": "paid cash", "paid_elsewhere_fen": 500}),
        ("regulator", "/v1/cases", case),
        ("regulator", "/v1/accounts", _account("880914000012345678")),
    ]


def _account(number: str) -> Json:
    return {
        "institution_id": "i-1",
        "bank": "ICBC",
        "account_no": number,
        "district": "310104",
        "authorities": ["310104"],
    }


async def test_a_repetition_begins_no_second_case_or_account_on_a_server_that_was_started_since(
    database_url: str, tmp_path: Path
) -> None:
    answers: dict[tuple[int, str], Json] = {}
    async with town_over(database_url, tmp_path) as town:
        asked = _requests(await town.sign())
        for number in range(TRIES):
            for who, path, body in asked:
                answers[number, path] = await _ask(town, who, path, body, number)
    async with town_over(database_url, tmp_path) as town:
        for number in range(CAREFUL):
            await town.post("bank", "/v1/deposits", town.deposit(1, bank_reference=f"r{number}"), key=f"r{number}")
        for number in range(TRIES):
            for who, path, body in asked:
                assert await _ask(town, who, path, body, number) == answers[number, path], path
        await town.catch_up()
        assert len((await town.get("regulator", "/v1/cases"))["items"]) == 2 * TRIES


async def _ask(town: Town, who: str, path: str, body: Json, number: int) -> Json:
    mine = body | {"account_no": f"{body['account_no']}-{number}"} if "account_no" in body else body
    return await town.post(who, path, mine, key=f"{path}-{number}")
