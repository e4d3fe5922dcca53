"""A lesson over HTTP: the family is asked, confirms, disputes or is silent; leave, absence and the lesson made up."""

from datetime import date

import pytest

from tests.api.town import TODAY, Json, Town

pytestmark = pytest.mark.anyio

MORNING = f"{TODAY.isoformat()}T02:00:00Z"


def fresh(receipt: Json) -> str:
    return f"{receipt['partition']}:{receipt['position']}"


async def school(town: Town) -> tuple[str, str]:
    """An account of the national pack with a paid contract of 10 lessons for 10,000 fen."""
    number = town.new("school")
    account_id = await town.open_account(account_no=number)
    contract_id = await town.sign(account_id=account_id)
    await town.post("bank", "/v1/deposits", town.deposit(account_no=number, contract_reference=contract_id))
    policy = {"pack": "national", "reason": "the law"}
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", policy)
    return account_id, contract_id


async def teach(town: Town, account_id: str, contract_id: str, **changed: object) -> Json:
    lesson = town.lesson(contract_id, account_id=account_id, starts_at=MORNING, **changed)
    return await town.post("institution", "/v1/lessons", lesson)


async def test_family_is_asked_and_answers_each_lesson(town: Town) -> None:
    account_id, contract_id = await school(town)
    told = [await teach(town, account_id, contract_id) for _ in range(3)]
    # Fifteen working days after Tuesday 1 September, Sunday the 20th among them.
    deemed_on = "2026-09-21"
    assert [(one["drawn"], one["deemed_on"], one["lines"][0]["amount_fen"]) for one in told] == [
        (False, deemed_on, 1_000)
    ] * 3
    listed = await town.get("parent", "/v1/lessons", contract_id=contract_id, at_least=fresh(told[-1]))
    assert [(row["state"], row["deemed_on"]) for row in listed["items"]] == [("pending", deemed_on)] * 3
    about: Json = {"contract_id": contract_id}
    first, second, third = (one["lesson_id"] for one in told)

    confirmed = await town.post("parent", f"/v1/lessons/{first}/confirmation", about | {"device": "d-1"})
    assert (confirmed["amount_fen"], confirmed["releasable_on"]) == (1_000, TODAY.isoformat())
    twice = await town.call("parent", "POST", f"/v1/lessons/{first}/confirmation", body=about)
    assert (twice.status_code, twice.json()["code"]) == (409, "lesson_already_drawn")

    reason = about | {"reason": "no teacher came"}
    await town.post("parent", f"/v1/lessons/{second}/dispute", reason)
    foreign = await town.call("other_parent", "POST", f"/v1/lessons/{third}/dispute", body=reason)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "contract_not_found")
    waiting = await town.get("regulator", "/v1/lessons", account_id=account_id, state="disputed")
    assert [row["lesson_id"] for row in waiting["items"]] == [second]
    ruling = about | {"outcome": "dropped", "case_id": "case-1", "reason": "the room was locked"}
    decided = await town.post("regulator", f"/v1/lessons/{second}/decision", ruling)
    assert decided["amount_fen"] == 0
    again = await town.call(
        "institution",
        "POST",
        "/v1/lessons",
        body=town.lesson(contract_id, account_id=account_id, starts_at=MORNING, lesson_id=second),
    )
    assert (again.status_code, again.json()["code"]) == (409, "lesson_missed")

    quote = await town.get("institution", "/v1/payouts/quote", account_id=account_id)
    assert quote["free_fen"] == 1_000
    balance = await town.get("parent", f"/v1/contracts/{contract_id}", at_least=fresh(decided))
    assert (balance["drawn_fen"], balance["prepaid_fen"]) == (1_000, 9_000)


async def test_correction_of_a_lesson_that_waits_gives_its_money_free(town: Town) -> None:
    account_id, contract_id = await school(town)
    told = await teach(town, account_id, contract_id)
    body = {"account_id": account_id, "contracts": [contract_id], "reason": "wrong class"}
    corrected = await town.post("institution", f"/v1/lessons/{told['lesson_id']}/correction", body)
    assert (corrected["lines"], corrected["from_advance_fen"]) == ([], 0)
    assert [line["amount_fen"] for line in corrected["withdrawn"]] == [1_000]


async def test_leave_and_absence_are_made_up(town: Town) -> None:
    account_id, contract_id = await school(town)
    leave = {"contract_id": contract_id, "lesson_on": TODAY.isoformat(), "reason": "ill"}
    late = await town.call("institution", "POST", "/v1/lessons/l-late/leave", body=leave | {"lesson_on": "2026-08-31"})
    assert (late.status_code, late.json()["code"]) == (422, "leave_late")
    leave_id, absence_id = town.new("lesson"), town.new("lesson")
    asked = leave | {"lesson_on": "2026-09-10", "asked_on": "2026-09-01", "ends_on": "2027-08-02"}
    left = await town.post("institution", f"/v1/lessons/{leave_id}/leave", asked)
    contract = await town.get("parent", f"/v1/contracts/{contract_id}", at_least=fresh(left))
    assert contract["ends_on"] == "2027-08-02"
    absence = {
        "account_id": account_id,
        "contracts": [contract_id],
        "lesson_on": TODAY.isoformat(),
        "absent": "teacher",
        "reason": "ill",
    }
    await town.post("institution", f"/v1/lessons/{absence_id}/absence", absence)
    made_up = await teach(town, account_id, contract_id, makes_up=absence_id)
    refused = await town.call(
        "institution",
        "POST",
        "/v1/lessons",
        body=town.lesson(contract_id, account_id=account_id, starts_at=MORNING, makes_up=absence_id),
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "lesson_made_up_before")
    listed = await town.get("parent", "/v1/lessons", contract_id=contract_id, at_least=fresh(made_up))
    assert [(row["lesson_id"], row["state"], row["makes_up"]) for row in listed["items"]] == [
        (leave_id, "leave", ""),
        (absence_id, "teacher_absent", ""),
        (made_up["lesson_id"], "pending", absence_id),
    ]


async def test_lesson_that_ends_too_late_is_refused_with_its_figures(town: Town) -> None:
    account_id, contract_id = await school(town)
    late = town.lesson(contract_id, account_id=account_id, starts_at=f"{TODAY.isoformat()}T11:46:00Z")
    answer = await town.call("institution", "POST", "/v1/lessons", body=late)
    assert (answer.status_code, answer.json()["code"]) == (422, "lesson_ends_late")
    assert answer.json()["figures"] == {"ends_at": "2026-09-01T20:31+08:00", "latest_end": "20:30"}


async def test_silence_draws_and_the_family_may_still_object_in_the_holding_days(town: Town) -> None:
    account_id, contract_id = await school(town)
    told = await teach(town, account_id, contract_id)
    last = date.fromisoformat(told["deemed_on"])
    due = await town.get(
        "parent", "/v1/lessons", contract_id=contract_id, due_by=told["deemed_on"], at_least=fresh(told)
    )
    assert [row["lesson_id"] for row in due["items"]] == [told["lesson_id"]]
    town.clock.go_to(date.fromordinal(last.toordinal() + 1))
    await town.post("regulator", "/v1/close-day", {"close_on": date.fromordinal(last.toordinal() + 1).isoformat()})
    await town.catch_up()
    (row,) = (await town.get("parent", "/v1/lessons", contract_id=contract_id))["items"]
    assert (row["state"], row["drawn_on"]) == ("deemed", date.fromordinal(last.toordinal() + 1).isoformat())
    assert row["releasable_on"] > row["drawn_on"]
    assert (await town.get("institution", "/v1/payouts/quote", account_id=account_id))["free_fen"] == 0
    body = {"contract_id": contract_id, "reason": "no teacher came"}
    disputed = await town.post("parent", f"/v1/lessons/{told['lesson_id']}/dispute", body)
    assert disputed["events"] == ["account.draw_reversed", "account.lesson_disputed"]
    await town.post("institution", f"/v1/lessons/{told['lesson_id']}/concession", body)
