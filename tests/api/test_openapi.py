"""The OpenAPI document: complete for every operation, and examples that fit their schemas."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.errors import PROBLEM_MEDIA_TYPE
from ledger.application.access import ROLE_SCOPES
from tests.api.route_cases import PUBLIC, ROUTES
from tests.api.town import Town

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

OTHER_MEDIA_TYPES = {
    "stream": "text/event-stream",
    "claims-pack": "application/zip",
    "audit-pack": "application/zip",
    "file": "application/xml, text/csv",
}
"""What is not JSON, by the last part of its path."""


@pytest.fixture(scope="module")
async def document(town: Town) -> Json:
    return (await town.http.get("/openapi.json")).json()


def business(document: Json) -> list[tuple[str, str, Json]]:
    return [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if (method.upper(), path) not in PUBLIC
    ]


async def test_every_route_is_described(document: Json) -> None:
    assert {(method, path) for method, path, _ in business(document)} == set(ROUTES)


async def test_every_operation_says_what_it_does_and_who_may(document: Json) -> None:
    ids: list[str] = []
    for method, path, operation in business(document):
        ids.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        assert operation["security"] == [{"oauth2": [ROUTES[method, path].permission]}], path
    assert len(set(ids)) == len(ids)


async def test_every_operation_documents_its_problems(document: Json) -> None:
    for method, path, operation in business(document):
        responses: Json = operation["responses"]
        assert {"401", "403", "422", "429", "503"} <= set(responses), (method, path)
        if "{" in path:
            assert "404" in responses, path
        for status, response in responses.items():
            if status.startswith("2"):
                media_type = OTHER_MEDIA_TYPES.get(path.rpartition("/")[2], "application/json")
                assert ", ".join(response["content"]) == media_type, path
            else:
                assert list(response["content"]) == [PROBLEM_MEDIA_TYPE], path
                assert response["content"][PROBLEM_MEDIA_TYPE]["examples"], path


async def test_every_command_takes_an_idempotency_key(document: Json) -> None:
    for method, path, operation in business(document):
        headers = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "header"}
        if method == "POST":
            assert headers["Idempotency-Key"]["required"], path
            assert "Idempotency-Replayed" in _success(operation)["headers"], path
        else:
            assert set(headers) == ({"last-event-id"} if path == "/v1/stream" else set()), path


async def test_every_example_fits_its_schema(document: Json) -> None:
    checked = 0
    for method, path, operation in business(document):
        contents: list[Json] = [response["content"] for response in operation["responses"].values()]
        if method == "POST":
            contents.append(operation["requestBody"]["content"])
        for content in contents:
            for media in content.values():
                values = [media["example"]] if "example" in media else [e["value"] for e in media["examples"].values()]
                validator: Any = Draft202012Validator(media["schema"] | {"components": document["components"]})
                for value in values:
                    found = [error.message for error in validator.iter_errors(value)]
                    assert found == [], (method, path, value)
                    checked += 1
    assert checked > 500


async def test_every_parameter_that_must_be_given_has_an_example_that_fits(document: Json) -> None:
    for method, path, operation in business(document):
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query" or not parameter["required"]:
                continue
            told: list[Any] = parameter["schema"].get("examples", [])
            assert told, (method, path, parameter["name"])
            validator: Any = Draft202012Validator(parameter["schema"])
            assert [error.message for value in told for error in validator.iter_errors(value)] == [], (method, path)


async def test_example_bodies_are_understood(town: Town, document: Json) -> None:
    """An example may be refused by the ledger, but never by the parser."""
    for method, path, operation in business(document):
        if method != "POST" or path in ("/v1/bank-files", "/v1/payment-status"):
            continue
        example = operation["requestBody"]["content"]["application/json"]["example"]
        (permission,) = operation["security"][0]["oauth2"]
        holder = next(
            role for role in ("bank", "institution", "parent", "regulator") if permission in ROLE_SCOPES[role]
        )
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
                path = path.replace(f"{{{parameter['name']}}}", "1")
        answer = await town.call(holder, "POST", path, body=example)
        assert answer.json().get("code") not in ("request_invalid", "json_malformed", "permission_denied"), answer.text


async def test_pages_show_the_whole_document(town: Town) -> None:
    page = (await town.http.get("/docs")).text
    for _, path in ROUTES:
        assert path in page
    assert (await town.http.get("/problems/file_doctype_refused")).status_code == 200


def _success(operation: Json) -> Json:
    return next(response for status, response in operation["responses"].items() if status.startswith("2"))
