"""Refusals as HTTP answers: the one table from code to status, and problem details after RFC 9457."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec
import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.codes import EDGE_CODES, ApiError
from api.field_errors import FieldFault, fault_of_msgspec, faults_of_pydantic
from api.request_context import Scope, context_of, header_of
from ledger.bank.codes import CATALOGUE as FILE_CATALOGUE
from ledger.bank.findings import FileRefused
from ledger.domain.errors import CATALOGUE, Code, LedgerError

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "1"
_JSON_MEDIA_TYPE: Final = re.compile(rb"\s*application/(?:json|[a-z0-9.+-]+\+json)\s*(?:;.*)?", re.IGNORECASE)

# A refusal of the ledger answers 422 unless it is named here: 404 where the thing is not there (or not to be seen), 409
# where the state of the account is in the way, 503 where the same request may be accepted in a moment.
DEFAULT_STATUS: Final = 422
LEDGER_STATUS: Final[dict[str, int]] = {
    "idempotency_key_missing": 400,
    "idempotency_key_malformed": 400,
    "acting_person_malformed": 400,
    "code_refused": 403,
    "identity_refused": 403,
    "sign_in_refused": 403,
    "topic_not_allowed": 403,
    "not_found": 404,
    "account_not_found": 404,
    "alert_not_found": 404,
    "class_not_found": 404,
    "client_not_found": 404,
    "contract_not_found": 404,
    "course_not_found": 404,
    "identity_not_set": 404,
    "amendment_not_found": 404,
    "cash_not_found": 404,
    "event_not_found": 404,
    "hold_not_found": 404,
    "pack_not_found": 404,
    "instruction_not_found": 404,
    "payment_message_not_found": 404,
    "payment_orders_not_found": 404,
    "status_message_not_found": 404,
    "user_not_found": 404,
    "refund_not_found": 404,
    "session_not_found": 404,
    "suspense_not_found": 404,
    "transfer_not_found": 404,
    "wind_down_not_found": 404,
    "break_not_found": 404,
    "case_not_found": 404,
    "case_action_not_found": 404,
    "case_step_not_found": 404,
    "rectification_not_found": 404,
    "draw_not_found": 404,
    "family_not_found": 404,
    "person_data_not_found": 404,
    "delivery_not_found": 404,
    "webhook_not_found": 404,
    "account_blacklisted": 409,
    "break_not_open": 409,
    "reconciliation_behind": 409,
    "statement_reused": 409,
    "account_exists": 409,
    "id_taken": 409,
    "account_frozen": 409,
    "account_no_taken": 409,
    "account_not_frozen": 409,
    "account_not_suspended": 409,
    "account_suspended": 409,
    "account_closing": 409,
    "account_winding_down": 409,
    "account_not_winding_down": 409,
    "closure_notified": 409,
    "continuity_changed": 409,
    "continuity_not_accepted": 409,
    "continuity_not_covered": 409,
    "continuity_not_open": 409,
    "continuity_nothing": 409,
    "continuity_offered": 409,
    "continuity_too_late": 409,
    "distribution_nothing": 409,
    "families_not_whole": 409,
    "transfer_under_way": 409,
    "wind_down_closed": 409,
    "wind_down_unfinished": 409,
    "wind_down_unsettled": 409,
    "advance_blacklisted": 409,
    "advance_closing": 409,
    "alert_acknowledged": 409,
    "alert_resolved": 409,
    "advance_funds_held": 409,
    "client_exists": 409,
    "contract_amended": 409,
    "contract_bills_open": 409,
    "contract_cash_out": 409,
    "contract_exists": 409,
    "cash_reported_before": 409,
    "amendment_outdated": 409,
    "contract_has_balance": 409,
    "contract_moved_lately": 409,
    "contract_no_taken": 409,
    "contract_refund_open": 409,
    "entry_reused": 409,
    "hold_exists": 409,
    "instruction_exists": 409,
    "instruction_outcome_wrong": 409,
    "instruction_not_awaiting": 409,
    "instruction_same_person": 403,
    "instruction_not_institutions": 403,
    "message_id_reused": 409,
    "payment_message_unfinished": 409,
    "kept_fee_exists": 409,
    "contract_lessons_open": 409,
    "lesson_already_delivered": 409,
    "lesson_already_disputed": 409,
    "lesson_already_drawn": 409,
    "lesson_dispute_late": 409,
    "lesson_made_up_before": 409,
    "lesson_missed": 409,
    "lesson_not_disputed": 409,
    "lesson_not_drawn": 409,
    "lesson_not_pending": 409,
    "lesson_while_suspended": 409,
    "opening_balance_late": 409,
    "user_exists": 409,
    "refund_exists": 409,
    "refund_not_waiting": 409,
    "refund_open": 409,
    "suspense_exists": 409,
    "suspense_return_pending": 409,
    "case_action_exists": 409,
    "case_actions_pending": 409,
    "case_closed": 409,
    "case_exists": 409,
    "case_handler_same": 409,
    "case_not_closed": 409,
    "case_not_mediated": 409,
    "case_not_owner": 409,
    "case_step_running": 409,
    "rectification_exists": 409,
    "rectifications_open": 409,
    "draw_done": 409,
    "draw_exists": 409,
    "draw_too_early": 409,
    "delivery_waiting": 409,
    "pack_directory_taken": 409,
    "person_data_erased": 409,
    "person_data_not_own": 409,
    "person_refund_pending": 409,
    "route_taken": 409,
    "version_mismatch": 412,
    "sign_in_locked": 429,
    "people_master_key_malformed": 500,
    "people_master_key_missing": 500,
    "people_master_key_open": 500,
    "person_data_unreadable": 500,
    "store_partitions_differ": 500,
    "code_delivery_missing": 503,
    "identity_unavailable": 503,
    "ledger_stopping": 503,
    "outcome_unknown": 503,
    "projection_behind": 503,
    "queue_full": 503,
}

LEDGER_CODES: Final[dict[str, Code]] = {**CATALOGUE, **FILE_CATALOGUE}
"""Every code of the ledger and of bank files, with its sentences."""

_EDGE_CODE_OF_STATUS: Final = {
    404: "route_not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "media_type_unsupported",
}

log = cast(structlog.stdlib.BoundLogger, structlog.get_logger("api.errors"))


class FieldProblem(BaseModel):
    """One faulty field of a request."""

    pointer: str = Field(
        description="RFC 6901 pointer into {path, query, header, body}.", examples=["/body/amount_fen"]
    )
    code: str = Field(examples=["not_integer"])
    detail: str = Field(examples=["An integer is required: no string, fraction or boolean."])


class Problem(BaseModel):
    """A refusal, after RFC 9457. `code` is stable; `detail` is in the language asked for (en or zh)."""

    type: str = Field(examples=["/problems/account_not_found"])
    title: str = Field(examples=["Account not found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["account_not_found"])
    detail: str = Field(examples=["There is no such account."])
    figures: dict[str, int | str] = Field(description="The numbers and ids behind the sentence.", examples=[{}])
    request_id: str = Field(examples=["019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"])
    errors: list[FieldProblem] | None = Field(default=None, description="Only with code request_invalid.")


class BodyTooLarge(HTTPException):
    """Raised while a body is read beyond the limit; an HTTPException so that FastAPI lets it through its parser."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413)
        self.limit_bytes = limit_bytes


def status_of(code: str) -> int:
    """The HTTP status of a code of the ledger or of the edge."""
    entry = EDGE_CODES.get(code)
    return entry.status if entry else LEDGER_STATUS.get(code, DEFAULT_STATUS)


def title_of(code: str) -> str:
    """The code as words, the same for every occurrence."""
    return code.replace("_", " ").capitalize()


def is_json(content_type: bytes | None) -> bool:
    """Whether a Content-Type header says JSON (`application/json`, or a type that ends in `+json`)."""
    return content_type == b"application/json" or bool(content_type and _JSON_MEDIA_TYPE.fullmatch(content_type))


def problem_of(scope: Scope, error: LedgerError | ApiError, faults: Sequence[FieldFault] = ()) -> Response:
    """The answer to a refusal, in the language of the request. Usable from a thin ASGI route as `await r(...)`."""
    language = context_of(scope).language
    if isinstance(error, LedgerError):
        detail = error.message_zh if language == "zh" else error.message
        headers = {}
    else:
        detail = (error.entry.zh if language == "zh" else error.entry.en).format(**error.figures)
        headers = dict(error.headers)
    if status_of(error.code) == 503:
        headers["retry-after"] = RETRY_AFTER_S
    figures = dict(error.figures)
    if isinstance(error, LedgerError) and error.item is not None:
        figures["item"] = error.item
    if isinstance(error, FileRefused) and error.line is not None:
        figures["line"] = error.line
    return _respond(scope, code=error.code, detail=detail, figures=figures, headers=headers, faults=faults)


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the refusals of a route, grouped by status; those that every route makes are added.

    Use as `@router.post(..., responses=responses("account_not_found", "account_frozen"))`.
    """
    by_status: dict[int, list[str]] = {}
    for code in sorted({*codes, "unauthenticated", "permission_denied", "request_invalid", "rate_limited"}):
        by_status.setdefault(status_of(code), []).append(code)
    return {
        status: {
            "model": Problem,
            "description": "Refused: " + ", ".join(f"`{code}`" for code in of_status) + ".",
            "content": {PROBLEM_MEDIA_TYPE: {}},
        }
        for status, of_status in sorted(by_status.items())
    }


def install_error_handlers(app: FastAPI) -> None:
    """Makes every refusal of the app, FastAPI's and the router's own too, a problem answer."""
    app.add_exception_handler(LedgerError, _on_refusal)
    app.add_exception_handler(ApiError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(msgspec.ValidationError, _on_invalid_struct)
    app.add_exception_handler(msgspec.DecodeError, _on_malformed_json)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(psycopg.OperationalError, _on_lost_database)


def internal_error(scope: Scope) -> Response:
    """The answer to a bug. The trace is logged by the caller and is never in the body."""
    return problem_of(scope, ApiError("internal_error"))


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError | ApiError)
    return problem_of(request.scope, error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = cast(Sequence[Mapping[str, Any]], error.errors())
    if any(item["type"] == "json_invalid" for item in found):
        return problem_of(request.scope, ApiError("json_malformed"))
    unread = any(item["loc"] == ("body",) and item["type"] != "missing" for item in found)
    if unread and not is_json(header_of(request.scope, b"content-type")):
        return problem_of(request.scope, ApiError("media_type_unsupported"))
    return _invalid(request.scope, faults_of_pydantic(found))


async def _on_invalid_struct(request: Request, error: Exception) -> Response:
    assert isinstance(error, msgspec.ValidationError)
    return _invalid(request.scope, [fault_of_msgspec(error)])


async def _on_malformed_json(request: Request, error: Exception) -> Response:
    del error
    return problem_of(request.scope, ApiError("json_malformed"))


async def _on_lost_database(request: Request, error: Exception) -> Response:
    log.error("database_unavailable", request_id=context_of(request.scope).request_id, exc_info=error)
    return problem_of(request.scope, ApiError("database_unavailable"))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, BodyTooLarge):
        return problem_of(request.scope, ApiError("body_too_large", limit_bytes=error.limit_bytes))
    if error.status_code == 400:
        # FastAPI's parser met something else than a syntax error: bytes that are not UTF-8, or endless nesting.
        json = is_json(header_of(request.scope, b"content-type"))
        code = "json_malformed" if json else "request_malformed"
    else:
        code = _EDGE_CODE_OF_STATUS.get(error.status_code)
    if code is None:
        log.error("http_exception_without_code", status=error.status_code, exc_info=error)
        return internal_error(request.scope)
    return problem_of(request.scope, ApiError(code, headers=dict(error.headers or {})))


def _invalid(scope: Scope, faults: Sequence[FieldFault]) -> Response:
    return problem_of(scope, ApiError("request_invalid", count=len(faults)), faults)


def _respond(
    scope: Scope,
    *,
    code: str,
    detail: str,
    figures: Mapping[str, int | str],
    headers: dict[str, str],
    faults: Sequence[FieldFault],
) -> Response:
    context = context_of(scope)
    context.code = code
    status = status_of(code)
    body: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": title_of(code),
        "status": status,
        "code": code,
        "detail": detail,
        "figures": figures,
        "request_id": context.request_id,
    }
    if faults:
        body["errors"] = [fault.to_json(context.language) for fault in faults]
    headers["content-language"] = context.language
    headers["vary"] = "Accept-Language"
    return Response(msgspec.json.encode(body), status, headers, PROBLEM_MEDIA_TYPE)
