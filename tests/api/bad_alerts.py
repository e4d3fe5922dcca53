"""Bad requests about alerts and what their rules are told."""

from tests.api.bad_requests import Bad

_ALERT = "/v1/alerts/0-1-0/"
_FACTS = "/v1/accounts/{account_id}/"
ALERTS = [
    Bad("alert that is not there", "regulator", "/v1/alerts/0-1-0", "alert_not_found", 404, method="GET"),
    Bad("acknowledgement of no alert", "regulator", _ALERT + "acknowledgement", "alert_not_found", 404, body={}),
    Bad("assignment to nobody", "regulator", _ALERT + "assignment", "request_invalid", 422, "/body/assignee",
        "missing", body={}),
    Bad("resolution without a reason", "regulator", _ALERT + "resolution", "request_invalid", 422, "/body/reason",
        "missing", body={}),
    Bad("silence without an end", "regulator", _ALERT + "silence", "request_invalid", 422, "/body/until", "missing",
        body={"reason": "audit"}),
    Bad("alerts in no state", "regulator", "/v1/alerts", "request_invalid", 422, "/query/state", "not_allowed_value",
        method="GET", query={"state": "lost"}),
    Bad("fact of no kind", "regulator", _FACTS + "institution-facts", "request_invalid", 422, "/body/kind",
        "not_allowed_value", body={"kind": "rumour", "source": "s"}),
    Bad("capital that was not cut", "regulator", _FACTS + "institution-facts", "fact_wrong",
        body={"kind": "capital_cut", "value": 2, "before": 2, "source": "s"}),
    Bad("fact to come", "regulator", _FACTS + "institution-facts", "date_in_future",
        body={"kind": "promotion_spike", "value": 1, "source": "s", "seen_on": "2026-09-02"}),
    Bad("premises that close before they open", "regulator", _FACTS + "premises", "premises_wrong",
        body={"opens_at": "20:00:00", "closes_at": "08:00:00", "rooms": {}}),
    Bad("room for nobody", "regulator", _FACTS + "premises", "request_invalid", 422, "/body/rooms/*", "too_small",
        body={"opens_at": "08:00:00", "closes_at": "20:00:00", "rooms": {"r1": 0}}),
    Bad("timetable of a month that runs", "regulator", _FACTS + "timetables", "timetable_wrong",
        body={"month_starts_on": "2026-09-01", "courses": []}),
    Bad("timetable of no month", "regulator", _FACTS + "timetables", "timetable_wrong",
        body={"month_starts_on": "2026-07-02", "courses": []}),
    Bad("seat for nothing", "regulator", _FACTS + "timetables", "request_invalid", 422, "/body/courses/0/price_fen",
        "too_small", body={"month_starts_on": "2026-07-01", "courses": [
            {"course_id": "k", "seats": 1, "price_fen": 0}]}),
    Bad("finding that families report themselves", "regulator", _FACTS + "findings", "request_invalid", 422,
        "/body/kind", "not_allowed_value", body={"kind": "paid_elsewhere", "payment_reference": "p",
            "amount_fen": 1, "source": "s"}),
    Bad("complaint about nothing paid elsewhere", "parent", "/v1/complaints", "request_invalid", 422,
        "/body/paid_elsewhere_fen", "too_small", body={"reason": "r", "contract_id": "{contract_id}",
            "paid_elsewhere_fen": 0}),
]  # fmt: skip
