"""The routes of cases and inspections, for the table in `route_cases.py`."""

from datetime import date, timedelta

from tests.api.route_shapes import WHY, Arrange, Case, Right
from tests.api.town import TODAY, Json, Town


async def case(town: Town, **changed: object) -> str:
    """A case of the regulator about the town's account."""
    body = WHY | {"kind": "complaint", "owner": "310104", "about_account_id": town.account_id} | changed
    return (await town.post("regulator", "/v1/cases", body))["case_id"]


async def complaint(town: Town) -> str:
    """A complaint of family f-1."""
    return (await town.post("parent", "/v1/complaints", WHY | {"contract_id": await town.sign()}))["case_id"]


async def rectification(town: Town) -> str:
    """A case with one thing to be put right, `exit`."""
    case_id = await case(town, kind="inspection")
    demands = [{"item_id": "exit", "demand": "clear it"}]
    await town.post("regulator", f"/v1/cases/{case_id}/rectifications", {"demands": demands})
    return case_id


def tomorrow(town: Town) -> date:
    """The day after that of the town's clock, which draws move on."""
    return town.clock.now.date() + timedelta(days=1)


def announcement(town: Town, **changed: object) -> Json:
    """A draw of one of two institutions, with a public source for its seed."""
    return {
        "district": "310104",
        "period": "2026Q3",
        "draw_on": tomorrow(town).isoformat(),
        "draws": 1,
        "inspectors_each": 2,
        "weights": {"base": 3},
        "institutions": [{"institution_id": name, "weight": 3, "figures": {"base": 1}} for name in ("i-1", "i-7")],
        "inspectors": [{"inspector_id": "o-1"}, {"inspector_id": "o-2", "barred": ["i-9"]}],
        "public_source": "the lottery of 2 September",
    } | changed


async def announced(town: Town) -> str:
    return (await town.post("regulator", "/v1/inspection-draws", announcement(town)))["draw_id"]


async def drawn(town: Town) -> str:
    """A draw that took place, on the day after."""
    draw_id = await announced(town)
    town.clock.go_to(tomorrow(town))
    await town.post("regulator", f"/v1/inspection-draws/{draw_id}/draw", {"public_value": "03 07 12"})
    return draw_id


def _on_case(body: Json, **opened: object) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"case_id": await case(town, **opened)}, body)

    return arrange


async def _complaint(town: Town) -> Right:
    return Right(body=WHY | {"contract_id": await town.sign()})


async def _complaint_id(town: Town) -> Right:
    return Right({"case_id": await complaint(town)})


async def _complaints(town: Town) -> Right:
    await complaint(town)
    await town.catch_up()
    return Right()


async def _opening(town: Town) -> Right:
    return Right(body=WHY | {"kind": "clue", "owner": "310104", "about_account_id": town.account_id})


async def _cases(town: Town) -> Right:
    await case(town)
    await town.catch_up()
    return Right()


async def _case_id(town: Town) -> Right:
    return Right({"case_id": await case(town)})


async def _step(town: Town) -> Right:
    return Right({"case_id": await case(town), "number": 1}, {"note": "taken up"})


async def _closed(town: Town) -> Right:
    case_id = await case(town)
    await town.post("regulator", f"/v1/cases/{case_id}/close", WHY | {"outcome": "dismissed"})
    return Right({"case_id": case_id}, WHY)


async def _rectifications(town: Town) -> Right:
    await rectification(town)
    await town.catch_up()
    return Right()


async def _answer(town: Town) -> Right:
    return Right({"case_id": await rectification(town), "item_id": "exit"}, {"answer": "cleared"})


async def _check(town: Town) -> Right:
    return Right({"case_id": await rectification(town), "item_id": "exit"}, {"passed": True})


async def _action(town: Town) -> Right:
    refund_id = await town.refund()
    body = WHY | {"action": "order_refund", "refund_id": refund_id, "amount_fen": 10_000}
    return Right({"case_id": await case(town, refund_id=refund_id)}, body)


async def _resumption(town: Town) -> Right:
    asked = await _action(town)
    case_id = asked.path["case_id"]
    receipt = await town.post("regulator", f"/v1/cases/{case_id}/actions", asked.body)
    await town.catch_up()
    return Right({"case_id": case_id, "action_id": receipt["action_id"]}, {})


async def _announcement(town: Town) -> Right:
    return Right(body=announcement(town))


async def _announced(town: Town) -> Right:
    await announced(town)
    await town.catch_up()
    return Right()


async def _draw_id(town: Town) -> Right:
    return Right({"draw_id": await announced(town)})


async def _draw(town: Town) -> Right:
    draw_id = await announced(town)
    town.clock.go_to(tomorrow(town))
    return Right({"draw_id": draw_id}, {"public_value": "03 07 12"})


async def _tasks(town: Town) -> Right:
    return Right({"draw_id": await drawn(town)}, {})


async def _candidates(_: Town) -> Right:
    return Right(query={"district": "310104"})


async def _coverage(_: Town) -> Right:
    return Right(query={"district": "310104", "quarter": "2026Q3"})


async def _campaign(_: Town) -> Right:
    return Right(query={"first_on": "2026-01-01", "last_on": TODAY.isoformat()})


CASE_ROUTES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/complaints"): Case("complaints:write", _complaint),
    ("GET", "/v1/complaints"): Case("complaints:read", _complaints, "empty"),
    ("GET", "/v1/complaints/{case_id}"): Case("complaints:read", _complaint_id),
    ("POST", "/v1/cases"): Case("cases:write", _opening, "district_denied"),
    ("GET", "/v1/cases"): Case("cases:read", _cases, "empty"),
    ("GET", "/v1/cases/{case_id}"): Case("cases:read", _case_id),
    ("POST", "/v1/cases/{case_id}/kind"): Case("cases:write", _on_case(WHY | {"kind": "order"}, kind="clue")),
    ("POST", "/v1/cases/{case_id}/transfer"): Case("cases:write", _on_case(WHY | {"to_handler": "310104/sports"})),
    ("POST", "/v1/cases/{case_id}/officers"): Case("cases:write", _on_case({"officers": ["o-1"]})),
    ("POST", "/v1/cases/{case_id}/steps"): Case("cases:write", _on_case({"step": "mediation"})),
    ("POST", "/v1/cases/{case_id}/steps/{number}/done"): Case("cases:write", _step),
    ("POST", "/v1/cases/{case_id}/notes"): Case("cases:write", _on_case({"note": "went there"})),
    ("POST", "/v1/cases/{case_id}/close"): Case("cases:write", _on_case(WHY | {"outcome": "resolved"})),
    ("POST", "/v1/cases/{case_id}/reopen"): Case("cases:write", _closed),
    ("POST", "/v1/cases/{case_id}/inspection"): Case(
        "cases:write", _on_case({"passed": False, "findings": 1, "head_count": 3}, kind="inspection")
    ),
    ("POST", "/v1/cases/{case_id}/rectifications"): Case(
        "cases:write", _on_case({"demands": [{"item_id": "exit", "demand": "clear it"}]})
    ),
    ("GET", "/v1/rectifications"): Case("rectifications:read", _rectifications, "empty"),
    ("POST", "/v1/cases/{case_id}/rectifications/{item_id}/answer"): Case("rectifications:answer", _answer),
    ("POST", "/v1/cases/{case_id}/rectifications/{item_id}/check"): Case("cases:write", _check),
    ("POST", "/v1/cases/{case_id}/mediation"): Case("cases:write", _on_case({"agreed": True, "terms": "half"})),
    ("POST", "/v1/cases/{case_id}/actions"): Case("cases:write", _action),
    ("POST", "/v1/cases/{case_id}/actions/{action_id}/resume"): Case("cases:write", _resumption),
    ("POST", "/v1/cases/{case_id}/links"): Case("cases:write", _on_case({"version": 1})),
    ("GET", "/v1/inspection-draws/candidates"): Case("inspections:read", _candidates, "district_denied"),
    ("POST", "/v1/inspection-draws"): Case("inspections:write", _announcement, "district_denied"),
    ("GET", "/v1/inspection-draws"): Case("inspections:read", _announced, "empty"),
    ("GET", "/v1/inspection-draws/{draw_id}"): Case("inspections:read", _draw_id),
    ("POST", "/v1/inspection-draws/{draw_id}/draw"): Case("inspections:write", _draw),
    ("POST", "/v1/inspection-draws/{draw_id}/cases"): Case("inspections:write", _tasks),
    ("GET", "/v1/inspections/coverage"): Case("inspections:read", _coverage, "district_denied"),
    ("GET", "/v1/ordered-refunds"): Case("cases:read", _campaign, "own_rows"),
}
