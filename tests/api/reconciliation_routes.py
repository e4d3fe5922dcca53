"""The routes of reconciliation: each with the permission it needs, a request that is right, and a foreign answer."""

from tests.api.route_shapes import Case, Right
from tests.api.town import TODAY, Json, Town


def statement(town: Town, account_no: str, *entries: Json, **changed: object) -> Json:
    """A day's statement of one account that opens with nothing and adds up."""
    total = sum(entry["amount_fen"] for entry in entries)
    of_account = {"account_no": account_no, "opening_fen": 0, "closing_fen": total, "entries": list(entries)}
    return {
        "statement_id": town.new("statement"),
        "statement_on": TODAY.isoformat(),
        "statements": [of_account | changed],
    }


async def broken_account(town: Town) -> tuple[str, str]:
    """An account of its own whose bank lists a receipt that the ledger does not have, and the break."""
    number = town.new("broken")
    account_id = await town.open_account(account_no=number)
    entry = {"entry_reference": town.new("e"), "amount_fen": 5, "booked_on": TODAY.isoformat(), "kind": "receipt"}
    await town.post("bank", "/v1/statements", statement(town, number, entry))
    await town.post("regulator", f"/v1/accounts/{account_id}/reconciliation", {"on": TODAY.isoformat()})
    await town.catch_up()
    [found] = (await town.get("regulator", "/v1/breaks", account_id=account_id, kind="missing_in_ledger"))["items"]
    return account_id, found["break_id"]


async def _compare(town: Town) -> Right:
    return Right({"account_id": town.account_id}, {"on": TODAY.isoformat()})


async def _days(town: Town) -> Right:
    await town.catch_up()
    return Right(query={"day": TODAY.isoformat(), "district": "310104"})


async def _days_of_account(town: Town) -> Right:
    account_id, _ = await broken_account(town)
    return Right({"account_id": account_id})


async def _breaks(town: Town) -> Right:
    await broken_account(town)
    return Right(query={"state": "open"})


async def _break(town: Town) -> Right:
    _, break_id = await broken_account(town)
    return Right({"break_id": break_id})


async def _assignment(town: Town) -> Right:
    _, break_id = await broken_account(town)
    return Right({"break_id": break_id}, {"assignee": "office-1", "note": "ask the bank"})


async def _resolution(town: Town) -> Right:
    _, break_id = await broken_account(town)
    return Right({"break_id": break_id}, {"reason": "posted by mistake", "link": "letter-7"})


async def _plain(town: Town) -> Right:
    await town.catch_up()
    return Right()


async def _district(town: Town) -> Right:
    await town.catch_up()
    return Right({"code": "310104"})


async def _loss(town: Town) -> Right:
    await town.paid_contract()
    await town.catch_up()
    return Right({"account_id": town.account_id})


RECONCILIATION_ROUTES: dict[tuple[str, str], Case] = {
    ("GET", "/v1/reconciliation"): Case("reconciliation:read", _days, "empty"),
    ("GET", "/v1/accounts/{account_id}/reconciliation"): Case("reconciliation:read", _days_of_account, "not_found"),
    ("POST", "/v1/accounts/{account_id}/reconciliation"): Case("reconciliation:write", _compare, "not_found"),
    ("GET", "/v1/breaks"): Case("reconciliation:read", _breaks, "empty"),
    ("GET", "/v1/breaks/{break_id}"): Case("reconciliation:read", _break, "not_found"),
    ("POST", "/v1/breaks/{break_id}/assignment"): Case("reconciliation:write", _assignment, "not_found"),
    ("POST", "/v1/breaks/{break_id}/resolution"): Case("reconciliation:write", _resolution, "not_found"),
    ("GET", "/v1/districts"): Case("districts:read", _plain, "empty"),
    ("GET", "/v1/districts/{code}"): Case("districts:read", _district, "not_found"),
    ("GET", "/v1/institutions/league"): Case("districts:read", _plain, "empty"),
    ("GET", "/v1/accounts/{account_id}/loss"): Case("loss:read", _loss, "not_found"),
}
