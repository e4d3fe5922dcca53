"""Requests about fees that must be refused, for the table in `bad_requests.py`."""

from typing import Any

from tests.api.bad_requests import Bad, contract, deposit, package
from tests.api.town import Json


def fee_notice(**changed: Any) -> Json:
    good = {
        "account_id": "{account_id}",
        "course_id": "c-1",
        "category": "arts",
        "unit_price_fen": 1,
        "period": "lesson",
        "minutes": 45,
        "valid_from": "2026-09-01",
    }
    return good | changed


def amendment(**changed: Any) -> Json:
    """One package of 100 fen; `changed` is of that package."""
    terms = {name: value for name, value in contract(contract_no="bad-2").items() if name in _OF_AMENDMENTS}
    return {"terms": terms | {"packages": [package(**changed)]}, "reason": "r"}


_OF_AMENDMENTS = (
    "contract_no",
    "course_id",
    "subject",
    "category",
    "starts_on",
    "ends_on",
    "lesson_minutes",
)


FEES = [
    Bad("way of paying that is none", "institution", "/v1/contracts", "request_invalid", 422, "/body/billing",
        "not_allowed_value", contract(billing="later")),
    Bad("paid by barter", "bank", "/v1/deposits", "request_invalid", 422, "/body/payment_source", "not_allowed_value",
        deposit(payment_source="barter")),
    Bad("notice of a day that is past", "institution", "/v1/fee-notices", "fee_notice_dates_wrong",
        body=fee_notice(valid_from="2026-08-31")),
    Bad("notice without a price", "institution", "/v1/fee-notices", "request_invalid", 422, "/body/unit_price_fen",
        "too_small", fee_notice(unit_price_fen=0)),
    Bad("notice by the hour", "institution", "/v1/fee-notices", "request_invalid", 422, "/body/period",
        "not_allowed_value", fee_notice(period="hour")),
    Bad("amendment that makes money up", "institution", "/v1/contracts/{contract_id}/amendment", "amendment_outdated",
        409, body=amendment(carried_fen=1, from_package=1)),
    Bad("amendment out of no package", "institution", "/v1/contracts/{contract_id}/amendment", "package_not_found",
        body=amendment(from_package=9)),
    Bad("amendment that carries a fraction", "institution", "/v1/contracts/{contract_id}/amendment", "request_invalid",
        422, "/body/terms/packages/0/carried_fen", "not_integer", amendment(carried_fen=0.5)),
    Bad("acceptance of nothing", "parent", "/v1/contracts/{contract_id}/amendment/acceptance", "amendment_not_found",
        404, body={"amendment_id": "none"}),
    Bad("refusal of nothing", "parent", "/v1/contracts/{contract_id}/amendment/refusal", "amendment_not_found",
        404, body={"amendment_id": "none"}),
    Bad("withdrawal without a reason", "institution", "/v1/contracts/{contract_id}/amendment/withdrawal",
        "request_invalid", 422, "/body/reason", "missing", {"amendment_id": "none"}),
    Bad("cash of nobody", "institution", "/v1/cash-reports", "contract_not_found", 404,
        body={"contract_id": "nobody", "cash_id": "1", "amount_fen": 1}),
    Bad("cash of nothing", "institution", "/v1/cash-reports", "request_invalid", 422, "/body/amount_fen", "too_small",
        {"contract_id": "{contract_id}", "cash_id": "1", "amount_fen": 0}),
    Bad("cash that nobody reported", "regulator", "/v1/cash-reports/none/closure", "cash_not_found", 404,
        body={"account_id": "{account_id}", "reason": "r"}),
    Bad("notices of a day that is none", "bank", "/v1/fee-notices", "request_invalid", 422, "/query/on", "not_date",
        method="GET", query={"on": "tomorrow"}),
]  # fmt: skip
