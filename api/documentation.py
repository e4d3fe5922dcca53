"""What the OpenAPI document says of our own routes, whose bodies and answers are msgspec structs.

`described` gives the arguments of a FastAPI route; `document_thin` describes a route that bypasses FastAPI. Both are
completed when the document is made: structs become components, and every body and answer gets an example.
"""

import re
from collections import defaultdict
from typing import Any, Final, cast

import msgspec
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from api.codes import EDGE_CODES
from api.errors import LEDGER_CODES, PROBLEM_MEDIA_TYPE, Problem, status_of, title_of
from api.fields import example_of

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_ALWAYS: Final = ("unauthenticated", "token_invalid", "permission_denied", "rate_limited", "access_state_stale")
_OF_READS: Final = ("database_unavailable", "projection_behind", "position_not_recorded", "request_invalid")
_OF_COMMANDS: Final = (
    "idempotency_key_missing",
    "idempotency_key_malformed",
    "idempotency_key_reused",
    "acting_person_malformed",
    "database_unavailable",
    "queue_full",
    "ledger_stopping",
    "outcome_unknown",
    "projection_behind",
    "date_in_future",
    "date_too_early",
)
_OF_BODIES: Final = ("json_malformed", "media_type_unsupported", "body_too_large", "request_invalid")
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 128 printable ASCII characters of the client's choice. The same key with the same request "
    "gives the first answer again; with another request it is refused. Kept for ever.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "5d1c2f0e-deposit-000123",
}
_ACTING_PERSON: Final[Json] = {
    "name": "Acting-Person",
    "in": "header",
    "required": False,
    "description": "The opaque id of the person for whom the client asks, as the client knows its people; no name. It "
    "is recorded with who asked, and tells maker and checker of an order to the bank apart.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"},
}
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The account's version as an entity tag; the command is refused when the account has moved on.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,15}"$'},
}
_ETAG: Final[Json] = {"description": "The account's version.", "schema": {"type": "string"}, "example": '"12"'}
_REPLAYED: Final[Json] = {
    "description": "`true` when an earlier request was the same and this is its answer.",
    "schema": {"type": "string", "enum": ["true"]},
}

_structs: dict[Any, str] = {}
"""Each struct with what stands for it until the document is made."""
_thin: dict[tuple[str, str], Json] = {}


def described(
    *,
    summary: str,
    answer: Any,
    description: str = "",
    status: int = 200,
    body: Any = None,
    codes: tuple[str, ...] = (),
    command: bool = False,
    guarded: bool = False,
    etag: bool = False,
    public: bool = False,
) -> Json:
    """The arguments of a FastAPI route for `answer` and, if given, `body` (both msgspec types).

    `command`: it takes an Idempotency-Key; `guarded`: it takes If-Match as well; `etag`: the answer carries one.
    `public`: it needs no token.
    """
    parts = _parts(answer, status, body, codes, command=command, guarded=guarded, etag=etag, public=public)
    extra: Json = {name: parts[name] for name in ("parameters", "requestBody") if name in parts}
    return {
        "summary": summary,
        "description": description or summary + ".",
        "status_code": status,
        "response_class": Response,
        "response_model": None,
        "responses": {int(one): told for one, told in parts["responses"].items()},
        "openapi_extra": extra,
    }


def document_thin(
    path: str,
    *,
    name: str,
    tag: str,
    permission: str,
    summary: str,
    description: str,
    answer: Any,
    body: Any,
    status: int,
    codes: tuple[str, ...],
    guarded: bool = False,
) -> None:
    """Describes a POST route that is not FastAPI's; it appears in the document of every app that serves it."""
    parts = _parts(answer, status, body, codes, command=True, guarded=guarded, etag=guarded)
    _thin[path, "post"] = {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        "description": description,
        "security": [{"oauth2": [permission]}],
        **parts,
    }


def install_openapi(app: FastAPI) -> None:
    """Makes `app.openapi` complete what FastAPI says."""

    made = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            document = made()
            _complete(document, {context.path_format for context in iter_route_contexts(app.routes)})
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi


def _parts(
    answer: Any,
    status: int,
    body: Any,
    codes: tuple[str, ...],
    *,
    command: bool,
    guarded: bool,
    etag: bool,
    public: bool = False,
) -> Json:
    always = ("rate_limited",) if public else _ALWAYS
    all_codes = [*codes, *always, *(_OF_COMMANDS if command else _OF_READS), *(_OF_BODIES if body is not None else ())]
    if guarded:
        all_codes += ["version_mismatch", "if_match_malformed"]
    headers = ({"ETag": _ETAG} if etag or guarded else {}) | ({"Idempotency-Replayed": _REPLAYED} if command else {})
    success: Json = {
        "description": "Recorded." if command else "Found.",
        "content": {"application/json": {"schema": {"$ref": _later(answer)}}},
    }
    if headers:
        success["headers"] = headers
    parts: Json = {"responses": {str(status): success, **_refusals(all_codes)}}
    parameters = ([_IDEMPOTENCY_KEY, _ACTING_PERSON] if command else []) + ([_IF_MATCH] if guarded else [])
    if parameters:
        parts["parameters"] = parameters
    if isinstance(body, dict):
        parts["requestBody"] = {"required": True, "content": body}
    elif body is not None:
        parts["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"$ref": _later(body)}}}}
    return parts


def _later(struct: Any) -> str:
    return _structs.setdefault(struct, f"struct {len(_structs)}")


def _refusals(codes: list[str]) -> Json:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in sorted(set(codes)):
        by_status[status_of(code)].append(code)
    return {
        str(status): {
            "description": "Refused: " + ", ".join(f"`{code}`" for code in of_status) + ".",
            "content": {
                PROBLEM_MEDIA_TYPE: {
                    "schema": {"$ref": _REF.format(name="Problem")},
                    "examples": {code: {"value": _problem_example(code)} for code in of_status},
                }
            },
        }
        for status, of_status in sorted(by_status.items())
    }


def _problem_example(code: str) -> Json:
    sentence = EDGE_CODES[code].en if code in EDGE_CODES else LEDGER_CODES[code].en
    figures: dict[str, int | str] = {
        name: 1 if name.endswith(("_fen", "count", "_bytes", "_s", "limit")) else "1"
        for name in re.findall(r"{(\w+)}", sentence)
    }
    return {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status_of(code),
        "code": code,
        "detail": sentence.format(**figures),
        "figures": figures,
        "request_id": "019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f",
    }


def _complete(document: Json, served: set[str | None]) -> None:
    references, components = msgspec.json.schema_components(list(_structs), ref_template=_REF)
    schemas: Json = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= components
    schemas.setdefault("Problem", _problem_schema(schemas))
    actual = dict(zip(_structs.values(), references, strict=True))
    for (path, method), operation in _thin.items():
        if path in served:
            document["paths"].setdefault(path, {})[method] = _copy(operation)
    for item in cast(dict[str, Json], document["paths"]).values():
        for operation in item.values():
            contents: list[Json] = [told.get("content", {}) for told in operation["responses"].values()]
            contents.append(operation.get("requestBody", {}).get("content", {}))
            for content in contents:
                for media in content.values():
                    _complete_media(media, actual, schemas)


def _complete_media(media: Json, actual: dict[str, Json], schemas: Json) -> None:
    schema = media.get("schema", {})
    target = schema.get("$ref")
    if target in actual:
        media["schema"] = schema = actual[target]
    if schema and "example" not in media and "examples" not in media:
        media["example"] = example_of(schema, schemas)


def _problem_schema(schemas: Json) -> Json:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    return schema


def _copy(value: Any) -> Any:
    """A deep copy that leaves types as they are."""
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in cast(Json, value).items()}
    if isinstance(value, list):
        return [_copy(one) for one in cast(list[Any], value)]
    return value
