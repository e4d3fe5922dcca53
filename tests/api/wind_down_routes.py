"""The routes of an institution's end, for the table in `route_cases.py`."""

from datetime import timedelta

from tests.api.route_shapes import WHY, Case, Right
from tests.api.town import TODAY, Json, Town


async def ending(town: Town) -> tuple[str, str]:
    """An account that is wound up, and a contract of 10,000 fen in it that is a claim."""
    account_id, contract_id = await town.under("default")
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down", WHY)
    return account_id, contract_id


async def shared(town: Town) -> tuple[str, str]:
    """The same, and the claim is at the bank."""
    account_id, contract_id = await ending(town)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
    return account_id, contract_id


def offer(town: Town, from_account_id: str) -> Json:
    """The town's own account goes on for the families of another."""
    return {
        "account_id": town.account_id,
        "from_account_id": from_account_id,
        "course_id": "piano",
        "lesson_minutes": 45,
        "ends_on": (TODAY + timedelta(days=200)).isoformat(),
        "until_on": (TODAY + timedelta(days=60)).isoformat(),
    }


async def offered(town: Town) -> tuple[str, str, Json]:
    """An account that is wound up, its contract, and what its family says to go on in the town's own account."""
    account_id, contract_id = await ending(town)
    offer_id = (await town.post("institution", "/v1/continuity-offers", offer(town, account_id)))["offer_id"]
    return account_id, contract_id, {"offer_id": offer_id, "to_account_id": town.account_id}


async def _closure(town: Town) -> Right:
    account_id, _ = await town.under("default")
    return Right(body=WHY | {"account_id": account_id, "closes_on": (TODAY + timedelta(days=90)).isoformat()})


async def _start(town: Town) -> Right:
    account_id, _ = await town.under("default")
    return Right({"account_id": account_id}, WHY)


async def _next(town: Town) -> Right:
    account_id, _ = await ending(town)
    return Right({"account_id": account_id}, {})


async def _closing(town: Town) -> Right:
    account_id, _ = await town.under("default", paid=False)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down", WHY)
    return Right({"account_id": account_id}, WHY)


async def _shown(town: Town) -> Right:
    account_id, _ = await shared(town)
    await town.catch_up()
    return Right({"account_id": account_id})


async def _list(town: Town) -> Right:
    await _shown(town)
    return Right()


async def _offer(town: Town) -> Right:
    account_id, _ = await ending(town)
    return Right(body=offer(town, account_id))


async def _offers(town: Town) -> Right:
    await offered(town)
    await town.catch_up()
    return Right()


async def _choice(town: Town) -> Right:
    _, contract_id, choice = await offered(town)
    return Right({"contract_id": contract_id}, choice)


async def _second_thoughts(town: Town) -> Right:
    _, contract_id, choice = await offered(town)
    await town.post("parent", f"/v1/contracts/{contract_id}/continuity", choice)
    return Right({"contract_id": contract_id}, WHY)


async def _again(town: Town) -> Right:
    account_id, contract_id, choice = await offered(town)
    await town.post("parent", f"/v1/contracts/{contract_id}/continuity", choice)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
    await town.catch_up()
    [order] = (await town.get("bank", "/v1/instructions", account_id=account_id, kind="transfer"))["items"]
    refused = {"outcome": "rejected", "amount_fen": 10_000, "settled_on": TODAY.isoformat(), "reason": "closed"}
    await town.post("bank", f"/v1/instructions/{order['instruction_id']}/settlement", refused)
    return Right({"account_id": account_id, "transfer_id": order["subject_id"]}, {})


WIND_DOWN_ROUTES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/closures"): Case("closures:write", _closure),
    ("POST", "/v1/accounts/{account_id}/wind-down"): Case("wind_down:write", _start),
    ("POST", "/v1/accounts/{account_id}/wind-down/continuation"): Case("wind_down:write", _next),
    ("POST", "/v1/accounts/{account_id}/wind-down/distributions"): Case("wind_down:write", _next),
    ("POST", "/v1/accounts/{account_id}/wind-down/closing"): Case("wind_down:write", _closing),
    ("GET", "/v1/accounts/{account_id}/wind-down"): Case("accounts:read", _shown),
    ("GET", "/v1/accounts/{account_id}/claims"): Case("refunds:read", _shown),
    ("GET", "/v1/wind-downs"): Case("accounts:read", _list, "empty"),
    ("GET", "/v1/claims"): Case("refunds:read", _list, "empty"),
    ("POST", "/v1/continuity-offers"): Case("contracts:write", _offer),
    ("GET", "/v1/continuity-offers"): Case("contracts:read", _offers, "empty"),
    ("POST", "/v1/contracts/{contract_id}/continuity"): Case("contracts:accept", _choice),
    ("POST", "/v1/contracts/{contract_id}/continuity/revocation"): Case("contracts:accept", _second_thoughts),
    ("POST", "/v1/accounts/{account_id}/continuity-transfers"): Case("wind_down:write", _next),
    ("POST", "/v1/accounts/{account_id}/continuity-transfers/{transfer_id}/instruction"): Case(
        "wind_down:write", _again
    ),
}
