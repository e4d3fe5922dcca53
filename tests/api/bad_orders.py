"""Requests about orders to banks and their messages that must be refused."""

from typing import Any

from tests.api.bad_requests import Bad
from tests.bank.files.pain import report


def _status(name: str, code: str, content: bytes, **more: Any) -> Bad:
    headers = {"content-type": more.pop("media_type", "application/xml")}
    return Bad(name, "bank", "/v1/payment-status", code, content=content, headers=headers, **more)


_APPROVAL = {"account_id": "{account_id}", "instruction_ids": ["nobody"]}
ORDERS = [
    Bad("approval of no order", "regulator", "/v1/instructions/approvals", "request_invalid", 422,
        "/body/instruction_ids", "too_short", body=_APPROVAL | {"instruction_ids": []}),
    Bad("approval of an order that is not there", "regulator", "/v1/instructions/approvals", "instruction_not_found",
        404, body=_APPROVAL),
    Bad("acting person with a name", "regulator", "/v1/instructions/approvals", "acting_person_malformed", 400,
        body=_APPROVAL, headers={"acting-person": "王小明".encode()}),
    Bad("acting person too long", "regulator", "/v1/instructions/approvals", "acting_person_malformed", 400,
        body=_APPROVAL, headers={"acting-person": "p" * 65}),
    Bad("decline without a reason", "regulator", "/v1/instructions/nobody/decline", "request_invalid", 422,
        "/body/reason", "missing", body={}),
    Bad("decline of an order that is not there", "regulator", "/v1/instructions/nobody/decline",
        "instruction_not_found", 404, body={"reason": "no"}),
    Bad("message id with a space", "bank", "/v1/payment-messages", "message_id_malformed", body={"message_id": "a b"}),
    Bad("message id too long", "bank", "/v1/payment-messages", "request_invalid", 422, "/body/message_id", "too_long",
        body={"message_id": "m" * 29}),
    Bad("message for a day that is past", "bank", "/v1/payment-messages", "execution_date_past",
        body={"execute_on": "2026-08-31"}),
    Bad("message without orders", "other_bank", "/v1/payment-messages", "payment_orders_not_found", 404, body={}),
    Bad("message that is not there", "bank", "/v1/payment-messages/M-nobody", "payment_message_not_found", 404,
        method="GET"),
    Bad("file of a message that is not there", "bank", "/v1/payment-messages/M-nobody/file",
        "payment_message_not_found", 404, method="GET"),
    Bad("file of a message in another form", "bank", "/v1/payment-messages/M-nobody/file", "request_invalid", 422,
        "/query/format", "not_allowed_value", method="GET", query={"format": "pdf"}),
    Bad("suggestions for what is not there", "institution", "/v1/suspense/nobody/suggestions", "suspense_not_found",
        404, method="GET"),
    Bad("suspense of a negative age", "institution", "/v1/suspense", "request_invalid", 422, "/query/min_age_days",
        "too_small", method="GET", query={"min_age_days": -1}),
    _status("status of an unknown message", "status_message_not_found", report("M-nobody", status="ACSC"), status=404),
    _status("status of another kind", "status_kind_unknown", b"<Document/>"),
    _status("status of an old version", "status_version_unsupported", report("M", version="001.02")),
    _status("status that breaks its schema", "status_schema_invalid", report("M", status="TOO-LONG")),
    _status("status with a document type", "file_doctype_refused", b"<!DOCTYPE a><a/>"),
    _status("status that is no XML", "file_not_xml", b"<a"),
    _status("status as text", "media_type_unsupported", b"x", media_type="text/csv", status=415),
    _status("status without a key", "idempotency_key_missing", report("M"), key=None, status=400),
]  # fmt: skip
