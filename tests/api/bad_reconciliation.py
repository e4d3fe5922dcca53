"""Requests about statements, breaks, the loss and league tables that must be refused."""

from typing import Any

from tests.api.bad_requests import Bad
from tests.api.town import Json

_NOBODY = "0" * 32


def _statement(entry: Any = None, **changed: Any) -> Json:
    of_account: Json = {"account_no": "110914000012345678", "opening_fen": 0, "closing_fen": 0}
    entries = [] if entry is None else [entry]
    of_account |= {"entries": entries} | changed
    return {"statement_id": "bad", "statement_on": "2026-09-01", "statements": [of_account]}


def _entry(**changed: Any) -> Json:
    return {"entry_reference": "e", "amount_fen": 1, "booked_on": "2026-09-01", "kind": "receipt"} | changed


RECONCILIATION = [
    Bad("statement entry with a decimal point", "bank", "/v1/statements", "request_invalid", 422,
        "/body/statements/0/entries/0/amount_fen", "not_integer", body=_statement(_entry(amount_fen=1.5))),
    Bad("statement entry of no kind", "bank", "/v1/statements", "request_invalid", 422,
        "/body/statements/0/entries/0/kind", "not_allowed_value", body=_statement(_entry(kind="gift"))),
    Bad("statement entry without a reference", "bank", "/v1/statements", "request_invalid", 422,
        "/body/statements/0/entries/0/entry_reference", "too_short", body=_statement(_entry(entry_reference=""))),
    Bad("part nought of a statement", "bank", "/v1/statements", "request_invalid", 422,
        "/body/statements/0/part", "too_small", body=_statement(part=0)),
    Bad("break that nobody found", "regulator", f"/v1/breaks/{_NOBODY}/resolution", "break_not_found", 404,
        body={"reason": "none", "link": "none"}),
    Bad("break explained without a link", "regulator", f"/v1/breaks/{_NOBODY}/resolution", "request_invalid", 422,
        "/body/link", "missing", body={"reason": "none"}),
    Bad("break given to nobody", "regulator", f"/v1/breaks/{_NOBODY}/assignment", "request_invalid", 422,
        "/body/assignee", "missing", body={}),
    Bad("comparison of a day to come", "regulator", "/v1/accounts/{account_id}/reconciliation", "date_in_future",
        body={"on": "2036-09-01"}),
    Bad("comparison of an account that is none", "regulator", "/v1/accounts/nowhere/reconciliation",
        "account_not_found", 404, body={}),
    Bad("reconciliation of no state", "regulator", "/v1/reconciliation", "request_invalid", 422, "/query/state",
        "not_allowed_value", query={"state": "fine"}, method="GET"),
    Bad("breaks of no kind", "regulator", "/v1/breaks", "request_invalid", 422, "/query/kind", "not_allowed_value",
        query={"kind": "odd"}, method="GET"),
    Bad("loss as of two times", "regulator", "/v1/accounts/{account_id}/loss", "as_of_ambiguous", 400,
        query={"as_of": "2026-09-01T00:00:00Z", "at_position": 1}, method="GET"),
    Bad("loss as of a time to come", "regulator", "/v1/accounts/{account_id}/loss", "instant_in_future",
        query={"as_of": "2036-09-01T00:00:00Z"}, method="GET"),
    Bad("district that is none", "regulator", "/v1/districts/999999", "not_found", 404, method="GET"),
    Bad("districts by nothing", "regulator", "/v1/districts", "request_invalid", 422, "/query/rank_by",
        "not_allowed_value", query={"rank_by": "beauty"}, method="GET"),
    Bad("league of no month", "regulator", "/v1/institutions/league", "request_invalid", 422, "/query/month",
        "pattern", query={"month": "2026-13"}, method="GET"),
]  # fmt: skip
