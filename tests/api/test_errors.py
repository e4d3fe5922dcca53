"""Refusals: one form, two languages, and never what was sent."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import psycopg
import pytest
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.bodies import read_json
from api.codes import EDGE_CODES
from api.errors import LEDGER_STATUS, responses, status_of
from api.field_errors import FAULTS, FieldFault, fault_of_msgspec
from api.request_context import choose_language
from ledger.domain.errors import CATALOGUE, LedgerError
from tests.api.conftest import Api, MakeApi

CANARY = "zhang-san-13800000000"
router = APIRouter()


class Deposit(BaseModel):
    """A body with one field of each kind."""

    model_config = ConfigDict(extra="forbid")

    amount_fen: Annotated[StrictInt, Field(ge=1, le=2**53 - 1)]
    reference: Annotated[str, Field(min_length=1, max_length=5, pattern="^[A-Z]+$")] = "A"
    paid_on: date = date(2026, 1, 1)
    paid_at: AwareDatetime | None = None
    kind: Literal["fee", "reserve"] = "fee"
    entry: UUID | None = None
    lines: Annotated[list[dict[str, StrictInt]], Field(max_length=2)] = []


class Lesson(msgspec.Struct, forbid_unknown_fields=True):
    """The same for a thin route."""

    amount_fen: Annotated[int, msgspec.Meta(ge=1)]
    reference: Annotated[str, msgspec.Meta(max_length=5, pattern="^[A-Z]+$")] = "A"
    taught_on: date = date(2026, 1, 1)
    taught_at: datetime | None = None
    kind: Literal["fee", "reserve"] = "fee"
    entry: UUID | None = None
    lines: list[dict[str, int]] = []


class Open(msgspec.Struct):
    """A body that may have fields which are not known."""


@router.post("/v1/test/deposits")
async def post_deposit(deposit: Deposit, limit: Annotated[int, Query(le=10)] = 1) -> int:
    return deposit.amount_fen + limit


@router.get("/v1/test/refusals/{code}")
async def refuse(code: str) -> None:
    if code == "lost":
        raise psycopg.OperationalError(f"connection to {CANARY} lost")
    if code == "bug":
        raise AssertionError(CANARY)
    raise LedgerError(code, amount_fen=0, waiting=7)


async def thin(request: Request) -> Response:
    await read_json(request, msgspec.json.Decoder(Lesson))
    return Response()


async def thin_with_unknown_fields(request: Request) -> Response:
    await read_json(request, msgspec.json.Decoder(Open))
    return Response()


router.routes.append(Route("/v1/test/thin", thin, methods=["POST"]))
router.routes.append(Route("/v1/test/open", thin_with_unknown_fields, methods=["POST"]))


@pytest.fixture
async def api(make_api: MakeApi) -> AsyncIterator[Api]:
    async with make_api(routers=[router]) as running:
        yield running


@pytest.mark.anyio
async def test_refusal_is_a_problem_in_the_language_asked_for(api: Api) -> None:
    headers = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8", "x-request-id": "request-0001"}
    answer = await api.http.get("/v1/test/refusals/amount_not_positive", headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh"
    assert answer.json() == {
        "type": "/problems/amount_not_positive",
        "title": "Amount not positive",
        "status": 422,
        "code": "amount_not_positive",
        "detail": CATALOGUE["amount_not_positive"].zh.format(amount_fen=0),
        "figures": {"amount_fen": 0, "waiting": 7},
        "request_id": "request-0001",
    }
    english = await api.http.get("/v1/test/refusals/amount_not_positive")
    assert english.json()["detail"] == CATALOGUE["amount_not_positive"].en.format(amount_fen=0)
    assert english.headers["content-language"] == "en"


@pytest.mark.anyio
async def test_full_queue_says_when_to_come_again(api: Api) -> None:
    answer = await api.http.get("/v1/test/refusals/queue_full")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.anyio
async def test_lost_database_is_503_and_a_bug_500_and_neither_tells_why(api: Api) -> None:
    lost = await api.http.get("/v1/test/refusals/lost")
    assert (lost.status_code, lost.json()["code"], lost.headers["retry-after"]) == (503, "database_unavailable", "1")
    bug = await api.http.get("/v1/test/refusals/bug", headers={"accept-language": "zh"})
    assert (bug.status_code, bug.json()["code"]) == (500, "internal_error")
    assert bug.json()["detail"] == EDGE_CODES["internal_error"].zh
    assert CANARY not in lost.text + bug.text
    assert "Traceback" not in lost.text + bug.text


@pytest.mark.anyio
async def test_router_refusals_are_problems(api: Api) -> None:
    missing = await api.http.get(f"/v1/{CANARY}")
    assert (missing.status_code, missing.json()["code"]) == (404, "route_not_found")
    assert CANARY not in missing.text
    wrong = await api.http.delete("/v1/test/deposits")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "POST")


BODY_FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "/body/amount_fen", "missing"),
    ({"amount_fen": "12"}, "/body/amount_fen", "not_integer"),
    ({"amount_fen": 12.0}, "/body/amount_fen", "not_integer"),
    ({"amount_fen": True}, "/body/amount_fen", "not_integer"),
    ({"amount_fen": 0}, "/body/amount_fen", "too_small"),
    ({"amount_fen": 2**53}, "/body/amount_fen", "too_large"),
    ({"amount_fen": 10**400}, "/body/amount_fen", "too_large"),
    ({"amount_fen": 1, "reference": 5}, "/body/reference", "not_text"),
    ({"amount_fen": 1, "reference": ""}, "/body/reference", "too_short"),
    ({"amount_fen": 1, "reference": CANARY}, "/body/reference", "too_long"),
    ({"amount_fen": 1, "reference": "zh"}, "/body/reference", "pattern"),
    ({"amount_fen": 1, "paid_on": CANARY}, "/body/paid_on", "not_date"),
    ({"amount_fen": 1, "paid_on": "2026-02-30"}, "/body/paid_on", "not_date"),
    ({"amount_fen": 1, "paid_at": "2026-01-01T00:00:00"}, "/body/paid_at", "not_instant"),
    ({"amount_fen": 1, "kind": CANARY}, "/body/kind", "not_allowed_value"),
    ({"amount_fen": 1, "entry": CANARY}, "/body/entry", "not_uuid"),
    ({"amount_fen": 1, "lines": "x"}, "/body/lines", "not_list"),
    ({"amount_fen": 1, "lines": [1]}, "/body/lines/0", "not_object"),
    ({"amount_fen": 1, "lines": [{}, {}, {}]}, "/body/lines", "too_long"),
    ({"amount_fen": 1, "lines": [{"张三": "x"}]}, "/body/lines/0/*", "not_integer"),
    ({"amount_fen": 1, CANARY: 1}, "/body", "unknown_field"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("body", "pointer", "code"), BODY_FAULTS)
async def test_faulty_field_is_pointed_at_and_not_echoed(
    api: Api, body: dict[str, Any], pointer: str, code: str
) -> None:
    for language in ("en", "zh"):
        answer = await api.http.post("/v1/test/deposits", json=body, headers={"accept-language": language})
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid"), answer.text
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == (pointer, code)
        assert "{" not in fault["detail"]
        assert "None" not in fault["detail"]
        for sent in (CANARY, "张三", "9007199254740992"):
            assert sent not in answer.text


@pytest.mark.anyio
async def test_every_faulty_field_is_told_at_once(api: Api) -> None:
    answer = await api.http.post("/v1/test/deposits?limit=11", json={"amount_fen": 0, "kind": "x"})
    assert answer.json()["figures"] == {"count": 3}
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/query/limit",
        "/body/amount_fen",
        "/body/kind",
    }


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/v1/test/deposits", "/v1/test/thin"])
@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"amount_fen": 1,}', CANARY.encode()])
async def test_malformed_json_is_400(api: Api, path: str, body: bytes) -> None:
    answer = await api.http.post(path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "json_malformed"), answer.text
    assert CANARY not in answer.text


@pytest.mark.anyio
async def test_endless_nesting_is_refused(api: Api) -> None:
    headers = {"content-type": "application/json"}
    for path in ("/v1/test/deposits", "/v1/test/thin", "/v1/test/open"):
        answer = await api.http.post(path, content=b'{"lines": ' + b"[" * 100_000, headers=headers)
        assert answer.json()["code"] in ("json_malformed", "request_invalid")


@pytest.mark.anyio
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
async def test_other_media_type_is_415(api: Api, media_type: str | None) -> None:
    headers = {"content-type": media_type} if media_type else {}
    for path in ("/v1/test/deposits", "/v1/test/thin"):
        answer = await api.http.post(path, content=b'{"amount_fen": 1}', headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")


@pytest.mark.anyio
@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8", "application/x+json"])
async def test_json_media_types_are_taken(api: Api, media_type: str) -> None:
    for path in ("/v1/test/deposits", "/v1/test/thin"):
        headers = {"content-type": media_type}
        assert (await api.http.post(path, content=b'{"amount_fen": 1}', headers=headers)).status_code == 200


THIN_FAULTS: list[tuple[Any, str, str]] = [
    ({}, "/body/amount_fen", "missing"),
    ({"amount_fen": "12"}, "/body/amount_fen", "not_integer"),
    ({"amount_fen": True}, "/body/amount_fen", "not_integer"),
    ({"amount_fen": 0}, "/body/amount_fen", "too_small"),
    ({"amount_fen": 1, "reference": CANARY}, "/body/reference", "too_long"),
    ({"amount_fen": 1, "reference": "zh"}, "/body/reference", "pattern"),
    ({"amount_fen": 1, "taught_on": CANARY}, "/body/taught_on", "not_date"),
    ({"amount_fen": 1, "taught_at": CANARY}, "/body/taught_at", "not_instant"),
    ({"amount_fen": 1, "kind": CANARY}, "/body/kind", "not_allowed_value"),
    ({"amount_fen": 1, "entry": CANARY}, "/body/entry", "not_uuid"),
    ({"amount_fen": 1, "lines": "x"}, "/body/lines", "not_list"),
    ({"amount_fen": 1, "lines": [1]}, "/body/lines/0", "not_object"),
    ({"amount_fen": 1, "lines": [{"张三": "x"}]}, "/body/lines/0/*", "not_integer"),
    ({"amount_fen": 1, CANARY: 1}, "/body", "unknown_field"),
    ([], "/body", "not_object"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), THIN_FAULTS)
def test_faulty_field_of_a_thin_route_is_pointed_at(body: Any, pointer: str, code: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(msgspec.json.encode(body), type=Lesson)
    fault = fault_of_msgspec(refused.value)
    assert (fault.pointer, fault.code) == (pointer, code), str(refused.value)
    assert CANARY not in str(fault.to_json("en"))
    assert "None" not in str(fault.to_json("zh"))


@pytest.mark.anyio
async def test_thin_route_answers_the_same_problem(api: Api) -> None:
    answer = await api.http.post("/v1/test/thin", json={"amount_fen": 0})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"] == [FieldFault("/body/amount_fen", "too_small", "1").to_json("en")]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", "en"),
        (b"zh", "zh"),
        (b"zh-CN", "zh"),
        (b"zh-Hant-TW", "zh"),
        (b"en", "en"),
        (b"fr-FR, de", "en"),
        (b"fr, zh;q=0.5", "zh"),
        (b"en;q=0.4, zh;q=0.5", "zh"),
        (b"en;q=0.5, zh;q=0.4", "en"),
        (b"zh;q=0", "en"),
        (b"zh;q=banana", "en"),
        (b"zhx", "en"),
        (b"\xff\xfe,,,;;q", "en"),
    ],
)
def test_language_that_is_chosen(header: bytes, language: str) -> None:
    assert choose_language(header) == language


def test_status_table_names_only_codes_that_exist() -> None:
    assert set(LEDGER_STATUS) <= set(CATALOGUE)
    assert not set(EDGE_CODES) & set(CATALOGUE)
    assert status_of("amount_not_positive") == 422


def test_every_sentence_of_the_edge_has_both_languages_and_the_same_figures() -> None:
    for code, entry in EDGE_CODES.items():
        assert 400 <= entry.status <= 599
        assert _places(entry.en) == _places(entry.zh), code
        assert not entry.zh.isascii(), code
    for code, fault in FAULTS.items():
        assert _places(fault.en) == _places(fault.zh), code


def test_documented_refusals_of_a_route_are_grouped_by_status() -> None:
    documented = responses("account_not_found", "contract_not_found", "account_frozen")
    assert documented[404]["description"] == "Refused: `account_not_found`, `contract_not_found`."
    assert set(documented) == {401, 403, 404, 409, 422, 429}


def _places(sentence: str) -> set[str]:
    return {part.partition("}")[0] for part in sentence.split("{")[1:]}
