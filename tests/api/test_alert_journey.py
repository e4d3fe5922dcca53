"""Alerts over HTTP: told with their figures, worked by two authorities, gone over by the clock, fed from outside."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.application.access import ROLE_SCOPES, Bindings
from ledger.application.clients import add_client, find_client
from tests.api.alert_routes import alert
from tests.api.town import TODAY, Json, Town, town_over

pytestmark = pytest.mark.anyio


async def officer(town: Town, authority: str) -> str:
    """A client of one authority of the town's district."""
    name = town.new(f"officer-{authority}")
    async with town.app.state.services.pool.connection() as connection:
        await add_client(
            connection,
            client_id=name,
            name=name,
            role="regulator",
            scopes=ROLE_SCOPES["regulator"],
            bindings=Bindings(districts=frozenset({"310104"}), authorities=frozenset({authority})),
            now=town.clock(),
        )
        client = await find_client(connection, name)
    assert client is not None
    town.tokens[name] = town.app.state.tokens.issue(client, client.scopes)
    return name


@pytest.fixture
async def own_town(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose clock only this test moves."""
    async with town_over(database_url, tmp_path) as running:
        yield running


def clients(alert: Json) -> list[str]:
    """Which client made each change, without the district for which it acts."""
    return [one["actor"].removeprefix("regulator:").partition("@")[0] for one in alert["changes"]]


def at(receipt: Json) -> str:
    return f"{receipt['partition']}:{receipt['position']}"


async def test_an_alert_is_worked_from_its_rise_to_its_end_with_a_history(town: Town) -> None:
    path = f"/v1/alerts/{await alert(town)}"
    await town.post("regulator", path + "/acknowledgement", {"note": "seen"})
    await town.post("city", path + "/assignment", {"assignee": "officer-1"})
    done = await town.post("regulator", path + "/resolution", {"reason": "set by mistake"})
    told = await town.get("regulator", path, at_least=at(done))
    assert (told["state"], told["assignee"], told["resolution"]) == ("resolved", "officer-1", "set by mistake")
    assert told["message"].startswith("Cash of 0 fen is 9 fen below")
    assert told["message_zh"].startswith("现金0分低于最低余额9分")
    assert clients(told) == ["regulator", "regulator", "city", "regulator"]
    history = [(one["change"], one["reason"]) for one in told["changes"]]
    assert history == [("raised", ""), ("acknowledged", "seen"), ("assigned", ""), ("resolved", "set by mistake")]
    for step, body in (("acknowledgement", {}), ("assignment", {"assignee": "o"}), ("resolution", {"reason": "r"})):
        answer = await town.call("regulator", "POST", f"{path}/{step}", body=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "alert_resolved")


async def test_a_step_asked_twice_is_done_once(town: Town) -> None:
    path = f"/v1/alerts/{await alert(town)}/acknowledgement"
    first = await town.call("regulator", "POST", path, body={}, key="ack-twice")
    again = await town.call("regulator", "POST", path, body={}, key="ack-twice")
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    await town.catch_up()
    late = await town.call("regulator", "POST", path, body={})
    assert (late.status_code, late.json()["code"]) == (409, "alert_acknowledged")


async def test_both_authorities_of_a_licence_work_its_alerts_and_no_third_one(town: Town) -> None:
    account_id = await town.open_account(account_no=town.new("no"))
    named = {"authorities": ["education", "sports"], "reason": "licence of two"}
    await town.post("regulator", f"/v1/accounts/{account_id}/authorities", named)
    receipt = await town.post(
        "regulator", f"/v1/accounts/{account_id}/minimum-balance", {"amount_fen": 9, "reason": "size"}
    )
    education, sports, health = [await officer(town, one) for one in ("education", "sports", "health")]
    [seen] = (await town.get(education, "/v1/alerts", account_id=account_id, at_least=at(receipt)))["items"]
    path = f"/v1/alerts/{seen['alert_id']}"
    await town.post(education, path + "/assignment", {"assignee": "officer-e"})
    done = await town.post(sports, path + "/resolution", {"reason": "paid tomorrow"})
    told = await town.get(education, path, at_least=at(done))
    assert clients(told)[1:] == [education, sports]
    assert (await town.get(health, "/v1/alerts", account_id=account_id))["items"] == []
    for method, last, body in (("GET", "", None), ("POST", "/silence", {"reason": "r", "until": "2026-09-02"})):
        answer = await town.call(health, method, path + last, body=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "alert_not_found")


async def test_lists_are_filtered_and_counted(town: Town) -> None:
    alert_id = await alert(town)
    done = await town.post("regulator", f"/v1/alerts/{alert_id}/assignment", {"assignee": "officer-list"})
    fresh = {"at_least": at(done)}
    mine = await town.get("regulator", "/v1/alerts", assignee="officer-list", state="assigned", **fresh)
    assert [one["alert_id"] for one in mine["items"]] == [alert_id]
    narrowed = {"assignee": "officer-list", "district": "310104", "escalated": False, "only_open": True}
    assert len((await town.get("city", "/v1/alerts", **narrowed))["items"]) == 1
    for other in ({"district": "310105"}, {"escalated": True}, {"severity": "yellow"}, {"rule": "bank.break"}):
        assert (await town.get("city", "/v1/alerts", **narrowed | other))["items"] == []
    counts = (await town.get("regulator", "/v1/alerts/counts", district="310104"))["items"]
    assert {(one["rule"], one["state"]) for one in counts} >= {("balance.below_minimum", "assigned")}


async def test_a_family_that_was_made_to_pay_elsewhere_raises_an_alert_and_follows_its_complaint(town: Town) -> None:
    body = {"contract_id": await town.paid_contract(), "reason": "a second code", "paid_elsewhere_fen": 30_000}
    first = await town.post("parent", "/v1/complaints", body, key="elsewhere")
    again = await town.post("parent", "/v1/complaints", body, key="elsewhere")
    assert again == first
    await town.catch_up()
    alerts = (await town.get("regulator", "/v1/alerts", rule="fee.off_book"))["items"]
    [raised] = [one for one in alerts if one["subject_id"] == first["case_id"]]
    assert raised["figures"] == {"amount_fen": 30_000, "report": first["case_id"]}
    assert "30000 fen paid to another account" in raised["message"]
    assert (await town.get("parent", f"/v1/complaints/{first['case_id']}"))["state"] == "open"


async def test_what_the_rules_are_told_from_outside_trips_them(town: Town) -> None:
    account_id = await town.open_account(account_no=town.new("no"))
    path = f"/v1/accounts/{account_id}"
    await town.post("regulator", path + "/premises", {"opens_at": "08:00:00", "closes_at": "20:30:00", "rooms": {}})
    for month in ("2026-07-01", "2026-08-01"):
        courses = [{"course_id": "piano", "seats": 10, "price_fen": 40_000}]
        await town.post("regulator", path + "/timetables", {"month_starts_on": month, "courses": courses})
    fact = {"kind": "capital_cut", "value": 1, "before": 2, "source": "company register", "seen_on": "2026-08-30"}
    await town.post("regulator", path + "/institution-facts", fact)
    finding = {"kind": "payer_is_staff", "payment_reference": "p-1", "amount_fen": 7, "source": "staff register"}
    last = await town.post("regulator", path + "/findings", finding)
    found = await town.get("regulator", "/v1/alerts", account_id=account_id, at_least=at(last))
    assert [one["rule"] for one in found["items"]] == ["fee.off_book", "institution.runaway", "movement.round_trip"]


async def test_the_close_of_a_day_goes_over_alerts_on_which_nobody_acted(own_town: Town) -> None:
    town = own_town
    waiting, silenced = await alert(town), await alert(town)
    await town.post("regulator", f"/v1/alerts/{silenced}/silence", {"reason": "audit", "until": TODAY.isoformat()})
    day = TODAY + timedelta(days=2)
    town.clock.go_to(day)
    closed = await town.post("regulator", "/v1/close-day", {"close_on": day.isoformat()})
    told = {name: closed["alerts"][name] for name in ("escalated", "silences_ended", "splits", "refused")}
    assert told == {"escalated": 1, "silences_ended": 1, "splits": 0, "refused": {}}
    again = await town.post("regulator", "/v1/close-day", {"close_on": day.isoformat()})
    assert (again["alerts"]["escalated"], again["alerts"]["silences_ended"]) == (0, 0)
    await town.catch_up()
    escalated = await town.get("regulator", "/v1/alerts", escalated=True)
    assert [one["alert_id"] for one in escalated["items"]] == [waiting]
