"""The routes of alerts and of what the rules are told, for the table in `route_cases.py`."""

from datetime import timedelta

from tests.api.route_shapes import WHY, Arrange, Case, Right
from tests.api.town import TODAY, Json, Town


async def alert(town: Town) -> str:
    """An alert of an account of its own, whose minimum balance nobody paid."""
    account_id = await town.open_account(account_no=town.new("no"))
    receipt = await town.post("regulator", f"/v1/accounts/{account_id}/minimum-balance", WHY | {"amount_fen": 9})
    fresh = f"{receipt['partition']}:{receipt['position']}"
    alerts = await town.get("regulator", "/v1/alerts", account_id=account_id, at_least=fresh)
    return alerts["items"][0]["alert_id"]


def _of_alert(body: Json | None = None) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"alert_id": await alert(town)}, body)

    return arrange


async def _alerts(town: Town) -> Right:
    await alert(town)
    return Right()


def _told(body: Json) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"account_id": await town.open_account(account_no=town.new("no"))}, body)

    return arrange


_SILENCE = WHY | {"until": (TODAY + timedelta(days=3)).isoformat()}
_FACT = {"kind": "capital_cut", "value": 1, "before": 2, "source": "company register"}
_TIMETABLE = {"month_starts_on": "2026-07-01", "courses": [{"course_id": "piano", "seats": 3, "price_fen": 40_000}]}
_PREMISES = {"opens_at": "08:00:00", "closes_at": "20:30:00", "rooms": {"room-1": 12}}
_FINDING = {"kind": "payer_is_staff", "payment_reference": "p-1", "amount_fen": 1, "source": "staff register"}

ALERT_ROUTES: dict[tuple[str, str], Case] = {
    ("GET", "/v1/alerts"): Case("alerts:read", _alerts, "empty"),
    ("GET", "/v1/alerts/counts"): Case("alerts:read", _alerts, "empty"),
    ("GET", "/v1/alerts/{alert_id}"): Case("alerts:read", _of_alert()),
    ("POST", "/v1/alerts/{alert_id}/acknowledgement"): Case("alerts:write", _of_alert({})),
    ("POST", "/v1/alerts/{alert_id}/assignment"): Case("alerts:write", _of_alert({"assignee": "officer-1"})),
    ("POST", "/v1/alerts/{alert_id}/resolution"): Case("alerts:write", _of_alert(WHY)),
    ("POST", "/v1/alerts/{alert_id}/silence"): Case("alerts:write", _of_alert(_SILENCE)),
    ("POST", "/v1/accounts/{account_id}/institution-facts"): Case("facts:write", _told(_FACT)),
    ("POST", "/v1/accounts/{account_id}/premises"): Case("facts:write", _told(_PREMISES)),
    ("POST", "/v1/accounts/{account_id}/timetables"): Case("facts:write", _told(_TIMETABLE)),
    ("POST", "/v1/accounts/{account_id}/findings"): Case("facts:write", _told(_FINDING)),
}
