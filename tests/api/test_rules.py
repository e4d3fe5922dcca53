"""`/v1/rules`, packs of accounts, and explanations."""

from typing import Any

import pytest

from tests.api.town import Town

pytestmark = pytest.mark.anyio


async def test_packs_are_listed_with_their_parents(town: Town) -> None:
    packs = {pack["pack"]: pack for pack in (await town.get("parent", "/v1/rules"))["items"]}
    assert packs["guangzhou"]["extends"] == ["guangdong", "national"]
    assert packs["guangzhou"]["title"] == {"en": "Guangzhou", "zh": "广州"}
    assert packs["default"]["policy"].startswith("default@")


async def test_a_pack_speaks_as_of_a_day(town: Town) -> None:
    def rule(law: Any, name: str) -> Any:
        return next((rule for rule in law["rules"] if rule["rule"] == name), None)

    today = await town.get("bank", "/v1/rules/jinhua")
    assert (today["on"], today["since"], today["policy"]) == ("2026-09-01", "2025-05-01", "jinhua@2026.1/2025-05-01")
    assert rule(today, "lesson.deemed_after")["pack"] == "zhejiang"
    assert rule(today, "refund.cooling_off")["value"] == {"en": "7 days", "zh": "7日"}
    assert rule(today, "advance.share")["certainty"]["en"] == "our own default, not law"
    assert rule(await town.get("bank", "/v1/rules/jinhua", on="2025-04-30"), "refund.cooling_off") is None


@pytest.mark.parametrize(
    ("query", "status", "code"), [({"on": "May"}, 422, "request_invalid"), ({}, 404, "pack_not_found")]
)
async def test_wrong_questions(town: Town, query: dict[str, Any], status: int, code: str) -> None:
    answer = await town.call("bank", "GET", "/v1/rules/nowhere", **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_account_takes_any_pack_and_refuses_an_unknown_one(town: Town) -> None:
    body = {
        "institution_id": "i-1",
        "bank": "ICBC",
        "account_no": town.new("no"),
        "district": "310104",
        "authorities": ["310104"],
    }
    refused = await town.call("regulator", "POST", "/v1/accounts", body=body | {"pack": "nowhere"})
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_unknown")
    account_id = (await town.post("regulator", "/v1/accounts", body | {"pack": "jinhua"}))["account_id"]
    why = {"reason": "moved"}
    refused = await town.call("regulator", "POST", f"/v1/accounts/{account_id}/policy", body=why | {"pack": "nowhere"})
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_unknown")
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", why | {"pack": "zigong"})


async def _explanations(town: Town, topic: str) -> list[Any]:
    path = f"/v1/accounts/{town.account_id}"
    await town.catch_up()
    history = await town.get("institution", path + "/history", limit=500)
    versions = [event["version"] for event in history["items"] if event["topic"] == topic]
    return [await town.get("institution", f"{path}/events/{version}/explanation") for version in versions]


async def test_a_refund_is_explained_by_its_rule_and_its_arithmetic(town: Town) -> None:
    contract_id = await town.paid_contract()
    await town.teach(contract_id)
    refund_id = await town.refund(contract_id)
    (asked,) = await _explanations(town, "account.refund_requested")
    assert asked["policy"].startswith("default@2026.1/")
    assert [(rule["rule"], rule["value"]["zh"], rule["sure"]) for rule in asked["rules"]] == [
        ("refund.deemed_agreed_after", "5个工作日", "D")
    ]
    (quoted,) = await _explanations(town, "account.refund_quoted")
    assert quoted["unknown_rules"] == []
    assert quoted["sentences"][0]["en"].startswith(f"The family is owed CNY 90.00 (refund {refund_id}")
    assert "1 of 10 lessons drawn: CNY 100.00 paid - CNY 10.00 used" in quoted["sentences"][1]["en"]


async def test_every_event_of_the_account_is_explained(town: Town) -> None:
    history = await town.get("regulator", f"/v1/accounts/{town.account_id}/history", limit=500)
    assert history["items"]
    for event in history["items"]:
        path = f"/v1/accounts/{town.account_id}/events/{event['version']}/explanation"
        explanation = await town.get("regulator", path)
        assert explanation["topic"] == event["topic"]
        assert explanation["unknown_rules"] == [], explanation


async def test_an_event_that_is_not_there(town: Town) -> None:
    for version, status, code in ((10**6, 404, "event_not_found"), (0, 422, "request_invalid")):
        path = f"/v1/accounts/{town.account_id}/events/{version}/explanation"
        answer = await town.call("regulator", "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
