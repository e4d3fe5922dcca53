"""The routes of persons, for the table in `route_cases.py`."""

from tests.api.route_shapes import WHY, Arrange, Case, Right
from tests.api.town import Json, Town


def person(town: Town, **changed: object) -> Json:
    """A person of family f-1, with an account of its own."""
    route = {"bank": "CMB", "account_no": "6225 7500 1234 5678", "holder_name": "欧阳晴岚", "route": town.new("route")}
    return {
        "family": {"family_id": "f-1", "relation": "mother", "student_ids": ["s-1"]},
        "name": "欧阳晴岚",
        "phones": ["139 1234 5678"],
        "contract_nos": ["HT-2026-0001"],
        "routes": [route],
    } | changed


async def known(town: Town, **changed: object) -> str:
    """The id of a person of a family that has a contract."""
    await town.sign()
    return (await town.post("institution", "/v1/people", person(town, **changed)))["person_id"]


async def _new(town: Town) -> Right:
    await town.sign()
    return Right(body=person(town))


def _of_person(body: Json, **changed: object) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"person_id": await known(town, **changed)}, body)

    return arrange


async def _listed(town: Town) -> Right:
    await known(town)
    return Right(query={"family_id": "f-1"})


async def _own(town: Town) -> Right:
    await known(town)
    return Right({"family_id": "f-1"})


async def _accesses(town: Town) -> Right:
    await known(town)
    return Right()


PEOPLE_ROUTES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/people"): Case("people:write", _new),
    ("GET", "/v1/people"): Case("people:read", _listed, "empty"),
    ("POST", "/v1/people/{person_id}/details"): Case("people:write", _of_person({"name": "欧阳晴"})),
    ("POST", "/v1/people/{person_id}/families"): Case(
        "people:write", _of_person({"family_id": "f-1", "relation": "guardian"})
    ),
    ("POST", "/v1/people/{person_id}/reveal"): Case("people:reveal", _of_person(WHY)),
    ("POST", "/v1/people/{person_id}/erasure"): Case("people:erase", _of_person(WHY, routes=[])),
    ("GET", "/v1/families/{family_id}/people"): Case("people:own", _own),
    ("GET", "/v1/people-accesses"): Case("people:audit", _accesses, "empty"),
}
