"""Bad requests about closures, wind-downs and what goes on elsewhere."""

from tests.api.bad_requests import Bad

_OFFER = {
    "account_id": "{account_id}",
    "from_account_id": "019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f",
    "course_id": "piano",
    "lesson_minutes": 45,
    "ends_on": "2027-01-31",
    "until_on": "2026-10-31",
}
_ENDING = "/v1/accounts/{account_id}/wind-down"
ENDS = [
    Bad("closure on no day", "institution", "/v1/closures", "request_invalid", 422, "/body/closes_on",
        "not_date", body={"account_id": "{account_id}", "closes_on": "2026-13-01", "reason": "lease"}),
    Bad("wind-down without a reason", "regulator", _ENDING, "request_invalid", 422, "/body/reason", "missing", body={}),
    Bad("step of a wind-down that did not begin", "regulator", _ENDING + "/continuation", "account_not_winding_down",
        409, body={}),
    Bad("distribution of a wind-down that did not begin", "regulator", _ENDING + "/distributions",
        "account_not_winding_down", 409, body={}),
    Bad("distribution with an amount", "regulator", _ENDING + "/distributions", "request_invalid", 422,
        "/body", "unknown_field", body={"amount_fen": 1}),
    Bad("closing of a wind-down that did not begin", "regulator", _ENDING + "/closing", "account_not_winding_down",
        409, body={}),
    Bad("offer to its own families", "institution", "/v1/continuity-offers", "continuity_self",
        body=_OFFER | {"from_account_id": "{account_id}"}),
    Bad("offer that ends before it begins", "institution", "/v1/continuity-offers", "continuity_dates_wrong",
        body=_OFFER | {"until_on": "2026-08-31"}),
    Bad("choice of an account that is no id", "parent", "/v1/contracts/{contract_id}/continuity", "request_invalid",
        422, "/body/to_account_id", "not_uuid", body={"offer_id": "o", "to_account_id": "nowhere"}),
    Bad("choice of an offer that nobody made", "parent", "/v1/contracts/{contract_id}/continuity",
        "continuity_not_offered", body={"offer_id": "o", "to_account_id": "{account_id}"}),
    Bad("revocation of a choice that was not made", "parent", "/v1/contracts/{contract_id}/continuity/revocation",
        "continuity_not_accepted", 409, body={"reason": "stays"}),
    Bad("order for a transfer that is not there", "regulator",
        "/v1/accounts/{account_id}/continuity-transfers/nobody/instruction", "transfer_not_found", 404, body={}),
]  # fmt: skip
