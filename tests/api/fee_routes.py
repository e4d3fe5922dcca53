"""The routes of fees, for the table in `route_cases.py`."""

from tests.api.route_shapes import WHY, Case, Right
from tests.api.town import TODAY, Json, Town


def fee_notice(town: Town, **changed: object) -> Json:
    """1,000 fen a lesson of 45 minutes of a course of its own."""
    return {
        "account_id": town.account_id,
        "course_id": town.new("course"),
        "category": "arts",
        "unit_price_fen": 1_000,
        "period": "lesson",
        "minutes": 45,
        "valid_from": town.clock.now.date().isoformat(),
    } | changed


def amendment(town: Town, **changed: object) -> Json:
    """5 lessons of another course for the 10,000 fen that a paid contract has."""
    package = {
        "price_fen": 10_000,
        "list_price_fen": 10_000,
        "paid_lessons": 5,
        "from_package": 1,
        "carried_fen": 10_000,
    }
    terms = {
        "contract_no": town.new("HT"),
        "course_id": "dance",
        "subject": "dance",
        "category": "arts",
        "starts_on": TODAY.isoformat(),
        "ends_on": "2027-07-31",
        "lesson_minutes": 60,
        "packages": [package],
    }
    return WHY | {"terms": terms | changed}


async def proposed(town: Town) -> tuple[str, str]:
    """A paid contract and the proposal that waits for its family."""
    contract_id = await town.paid_contract()
    receipt = await town.post("institution", f"/v1/contracts/{contract_id}/amendment", amendment(town))
    return contract_id, receipt["amendment_id"]


def cash(town: Town, contract_id: str, amount_fen: int = 10_000) -> Json:
    return {"contract_id": contract_id, "cash_id": town.new("cash"), "amount_fen": amount_fen}


async def _notice(town: Town) -> Right:
    return Right(body=fee_notice(town))


async def _proposal(town: Town) -> Right:
    return Right({"contract_id": await town.paid_contract()}, amendment(town))


async def _acceptance(town: Town) -> Right:
    contract_id, amendment_id = await proposed(town)
    return Right({"contract_id": contract_id}, {"amendment_id": amendment_id})


async def _withdrawal(town: Town) -> Right:
    right = await _acceptance(town)
    return Right(right.path, right.body | WHY)


async def _cash(town: Town) -> Right:
    return Right(body=cash(town, await town.sign()))


async def _closure(town: Town) -> Right:
    body = cash(town, await town.sign())
    await town.post("institution", "/v1/cash-reports", body)
    return Right({"cash_id": body["cash_id"]}, WHY | {"account_id": town.account_id})


FEE_ROUTES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/fee-notices"): Case("fee_notices:write", _notice),
    ("POST", "/v1/contracts/{contract_id}/amendment"): Case("contracts:write", _proposal),
    ("POST", "/v1/contracts/{contract_id}/amendment/acceptance"): Case("contracts:accept", _acceptance),
    ("POST", "/v1/contracts/{contract_id}/amendment/refusal"): Case("contracts:accept", _acceptance),
    ("POST", "/v1/contracts/{contract_id}/amendment/withdrawal"): Case("contracts:write", _withdrawal),
    ("POST", "/v1/cash-reports"): Case("contracts:write", _cash),
    ("POST", "/v1/cash-reports/{cash_id}/closure"): Case("accounts:write", _closure),
}
