"""Requests that must be refused: what is sent, and the status, code and place of the answer."""

from typing import Any, NamedTuple

from tests.api.town import Json

FEN = 2**53 - 1


class Bad(NamedTuple):
    """A request and its refusal. `pointer` is the place of a faulty field and `fault` its code."""

    name: str
    who: str
    path: str
    code: str
    status: int = 422
    pointer: str | None = None
    fault: str | None = None
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str | bytes] | None = None
    query: Json = {}  # noqa: RUF012
    method: str = "POST"
    key: str | None = ""


def deposit(**changed: Any) -> Json:
    good = {"bank_reference": "bad-1", "amount_fen": 1, "value_on": "2026-09-01", "account_no": "110914000012345678"}
    return {name: value for name, value in (good | changed).items() if value is not ...}


def contract(**changed: Any) -> Json:
    good = {
        "account_id": "{account_id}",
        "contract_no": "bad-1",
        "family_id": "f-1",
        "student_id": "s-1",
        "course_id": "c-1",
        "subject": "piano",
        "category": "arts",
        "starts_on": "2026-08-01",
        "ends_on": "2027-07-31",
        "lesson_minutes": 45,
        "packages": [package()],
    }
    return {name: value for name, value in (good | changed).items() if value is not ...}


def package(**changed: Any) -> Json:
    return {"price_fen": 100, "list_price_fen": 100, "paid_lessons": 10} | changed


def lesson(**changed: Any) -> Json:
    good = {
        "account_id": "{account_id}",
        "course_id": "c",
        "taught_on": "2026-09-01",
        "minutes": 45,
        "contracts": ["{contract_id}"],
    }
    return good | changed


def _deposit(name: str, pointer: str, fault: str, **changed: Any) -> Bad:
    return Bad(name, "bank", "/v1/deposits", "request_invalid", 422, pointer, fault, deposit(**changed))


def _contract(name: str, pointer: str, fault: str, **changed: Any) -> Bad:
    return Bad(name, "institution", "/v1/contracts", "request_invalid", 422, pointer, fault, contract(**changed))


DEPOSITS = [
    _deposit("amount as text", "/body/amount_fen", "not_integer", amount_fen="1"),
    _deposit("amount with a fraction", "/body/amount_fen", "not_integer", amount_fen=1.5),
    _deposit("amount as a whole float", "/body/amount_fen", "not_integer", amount_fen=1.0),
    _deposit("amount as a boolean", "/body/amount_fen", "not_integer", amount_fen=True),
    _deposit("amount null", "/body/amount_fen", "not_integer", amount_fen=None),
    _deposit("amount zero", "/body/amount_fen", "too_small", amount_fen=0),
    _deposit("amount negative", "/body/amount_fen", "too_small", amount_fen=-1),
    _deposit("amount above 2^53-1", "/body/amount_fen", "too_large", amount_fen=FEN + 1),
    _deposit("amount above any integer type", "/body/amount_fen", "too_large", amount_fen=10**30),
    _deposit("amount missing", "/body/amount_fen", "missing", amount_fen=...),
    _deposit("date missing", "/body/value_on", "missing", value_on=...),
    _deposit("date of another form", "/body/value_on", "not_date", value_on="01/09/2026"),
    _deposit("date that is none", "/body/value_on", "not_date", value_on="2026-02-30"),
    _deposit("date with a time", "/body/value_on", "not_date", value_on="2026-09-01T00:00:00Z"),
    _deposit("date as a number", "/body/value_on", "invalid", value_on=20260901),
    _deposit("reference missing", "/body/bank_reference", "missing", bank_reference=...),
    _deposit("reference empty", "/body/bank_reference", "too_short", bank_reference=""),
    _deposit("reference too long", "/body/bank_reference", "too_long", bank_reference="r" * 65),
    _deposit("reference with a line break", "/body/bank_reference", "pattern", bank_reference="r\nr"),
    _deposit("reference ending in a line break", "/body/bank_reference", "pattern", bank_reference="r\n"),
    _deposit("reference with NUL", "/body/bank_reference", "pattern", bank_reference="r\0"),
    _deposit("reference with spaces at its ends", "/body/bank_reference", "pattern", bank_reference=" r "),
    _deposit("reference behind a byte order mark", "/body/bank_reference", "pattern", bank_reference="\ufeffr"),
    _deposit("reference with a space of no width", "/body/bank_reference", "pattern", bank_reference="r\u200br"),
    _deposit("reference with a space that is none", "/body/bank_reference", "pattern", bank_reference="r\u00a0r"),
    _deposit("reference as a number", "/body/bank_reference", "not_text", bank_reference=7),
    _deposit("no account", "/body", "account_unnamed", account_no=...),
    _deposit("account by id and number", "/body", "account_unnamed", account_id="019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"),
    _deposit("account id that is none", "/body/account_id", "not_uuid", account_no=..., account_id="7"),
    _deposit("unknown purpose", "/body/purpose", "not_allowed_value", purpose="gift"),
    _deposit("unknown field", "/body", "unknown_field", currency="CNY"),
    _deposit("contract reference empty", "/body/contract_reference", "too_short", contract_reference=""),
    Bad("account of another bank", "bank", "/v1/deposits", "account_not_found", 404, body=deposit(account_no="999")),
    Bad("value date to come", "bank", "/v1/deposits", "date_in_future", body=deposit(value_on="2026-09-02")),
    Bad("value date of long ago", "bank", "/v1/deposits", "date_too_early", body=deposit(value_on="1999-12-31")),
    Bad("no key", "bank", "/v1/deposits", "idempotency_key_missing", 400, body=deposit(), key=None),
    Bad("key with Chinese", "bank", "/v1/deposits", "idempotency_key_malformed", 400, body=deposit(), key=None,
        headers={"idempotency-key": b"\xe9\x94\xae"}),
    Bad("key too long", "bank", "/v1/deposits", "idempotency_key_malformed", 400, body=deposit(), key="k" * 129),
    Bad("key empty", "bank", "/v1/deposits", "idempotency_key_malformed", 400, body=deposit(), key=None,
        headers={"idempotency-key": ""}),
    Bad("entity tag malformed", "bank", "/v1/deposits", "if_match_malformed", 400, body=deposit(),
        headers={"if-match": "12"}),
    Bad("account moved on", "bank", "/v1/deposits", "version_mismatch", 412, body=deposit(),
        headers={"if-match": '"999999"'}),
    Bad("no JSON", "bank", "/v1/deposits", "json_malformed", 400, content=b"{",
        headers={"content-type": "application/json"}),
    Bad("not UTF-8", "bank", "/v1/deposits", "json_malformed", 400, content=b'{"bank_reference":"\xff"}',
        headers={"content-type": "application/json"}),
    Bad("half a character", "bank", "/v1/deposits", "json_malformed", 400,
        content=b'{"bank_reference":"\\ud800"}', headers={"content-type": "application/json"}),
    Bad("NaN", "bank", "/v1/deposits", "json_malformed", 400, content=b'{"amount_fen":NaN}',
        headers={"content-type": "application/json"}),
    Bad("two values", "bank", "/v1/statements", "json_malformed", 400,
        content=b'{"statement_id":"s","statement_on":"2026-09-01"}{}',
        headers={"content-type": "application/json"}),
    Bad("deep nesting", "bank", "/v1/deposits", "request_invalid", 422, "/body", "unknown_field",
        content=b'{"x":' * 100_000,
        headers={"content-type": "application/json"}),
    Bad("a list", "bank", "/v1/deposits", "request_invalid", 422, "/body", "not_object", body=[deposit()]),
    Bad("a form", "bank", "/v1/deposits", "media_type_unsupported", 415, content=b"amount_fen=1",
        headers={"content-type": "application/x-www-form-urlencoded"}),
    Bad("no media type", "bank", "/v1/deposits", "media_type_unsupported", 415, content=b"{}"),
    Bad("17 MiB", "bank", "/v1/deposits", "body_too_large", 413, content=b" " * (17 * 2**20),
        headers={"content-type": "application/json"}),
]  # fmt: skip

BATCHES = [
    Bad("batch empty", "bank", "/v1/deposits/batch", "request_invalid", 422, "/body/items", "too_short",
        {"items": []}),
    Bad("batch of 5,001", "bank", "/v1/deposits/batch", "request_invalid", 422, "/body/items", "too_long",
        {"items": [deposit()] * 5_001}),
    Bad("fault in the third item", "bank", "/v1/deposits/batch", "request_invalid", 422, "/body/items/2/amount_fen",
        "not_integer", {"items": [deposit(), deposit(), deposit(amount_fen=0.5)]}),
    Bad("atomic as text", "bank", "/v1/deposits/batch", "request_invalid", 422, "/body/atomic", "not_boolean",
        {"items": [deposit()], "atomic": "true"}),
    Bad("atomic with an unknown account", "bank", "/v1/deposits/batch", "account_not_found", 404,
        body={"items": [deposit(), deposit(bank_reference="bad-2", account_no="999")], "atomic": True}),
    Bad("atomic with one reference twice", "bank", "/v1/deposits/batch", "entry_duplicate_in_batch",
        body={"items": [deposit(), deposit(amount_fen=2)], "atomic": True}),
    Bad("atomic with a day to come", "bank", "/v1/deposits/batch", "date_in_future",
        body={"items": [deposit(), deposit(bank_reference="bad-2", value_on="2026-09-02")], "atomic": True}),
]  # fmt: skip

OTHERS = [
    _contract("no packages", "/body/packages", "too_short", packages=[]),
    _contract("price as text", "/body/packages/0/price_fen", "not_integer", packages=[package(price_fen="100")]),
    _contract("no lessons", "/body/packages/0/paid_lessons", "too_small", packages=[package(paid_lessons=0)]),
    _contract("gifts negative", "/body/packages/0/gift_lessons", "too_small", packages=[package(gift_lessons=-1)]),
    _contract("unknown category", "/body/category", "not_allowed_value", category="magic"),
    _contract("digest that is none", "/body/document_sha256", "pattern", document_sha256="abc"),
    _contract("lesson of no minutes", "/body/lesson_minutes", "too_small", lesson_minutes=0),
    _contract("student's name missing its id", "/body/student_id", "missing", student_id=...),
    Bad("paid above list price", "institution", "/v1/contracts", "package_price_wrong",
        body=contract(packages=[package(price_fen=101)])),
    Bad("ends before it starts", "institution", "/v1/contracts", "contract_dates_reversed",
        body=contract(ends_on="2026-07-31")),
    Bad("too many packages", "institution", "/v1/contracts", "contract_packages_many",
        body=contract(packages=[package()] * 21)),
    Bad("too many lessons", "institution", "/v1/contracts", "package_lessons_wrong",
        body=contract(packages=[package(paid_lessons=2_001)])),
    Bad("signed tomorrow", "institution", "/v1/contracts", "date_in_future", body=contract(signed_on="2026-09-02")),
    Bad("lesson without students", "institution", "/v1/lessons", "request_invalid", 422, "/body/contracts",
        "too_short", lesson(contracts=[])),
    Bad("lesson without its offset", "institution", "/v1/lessons", "request_invalid", 422, "/body/starts_at",
        "not_instant", lesson(starts_at="2026-09-01T10:00:00")),
    Bad("lesson of an unknown contract", "institution", "/v1/lessons", "contract_not_found", 404,
        body=lesson(contracts=["nobody"])),
    Bad("lesson not paid", "institution", "/v1/lessons", "lesson_not_paid", body=lesson()),
    Bad("confirmation of no lesson", "parent", "/v1/lessons/none/confirmation", "lesson_not_pending", 409,
        body={"contract_id": "{contract_id}"}),
    Bad("confirmation on paper by a parent", "parent", "/v1/lessons/none/confirmation", "request_invalid", 422,
        "/body/how", "not_allowed_value", {"contract_id": "{contract_id}", "how": "paper"}),
    Bad("device by its number", "parent", "/v1/lessons/none/confirmation", "request_invalid", 422, "/body/device",
        "pattern", {"contract_id": "{contract_id}", "device": "+86 139"}),
    Bad("confirmation for nobody", "parent", "/v1/lessons/none/confirmation", "contract_not_found", 404,
        body={"contract_id": "nobody"}),
    Bad("dispute without a reason", "parent", "/v1/lessons/none/dispute", "request_invalid", 422, "/body/reason",
        "missing", {"contract_id": "{contract_id}"}),
    Bad("decision of no dispute", "regulator", "/v1/lessons/none/decision", "lesson_not_pending", 409,
        body={"contract_id": "{contract_id}", "outcome": "drawn", "reason": "r"}),
    Bad("decision of no kind", "regulator", "/v1/lessons/none/decision", "request_invalid", 422, "/body/outcome",
        "not_allowed_value", {"contract_id": "{contract_id}", "outcome": "halved", "reason": "r"}),
    Bad("leave after the lesson", "institution", "/v1/lessons/none/leave", "leave_late",
        body={"contract_id": "{contract_id}", "lesson_on": "2026-08-31", "reason": "r"}),
    Bad("absence of nobody", "institution", "/v1/lessons/none/absence", "request_invalid", 422, "/body/contracts",
        "too_short", {"account_id": "{account_id}", "contracts": [], "lesson_on": "2026-09-01", "absent": "pupil",
                      "reason": "r"}),
    Bad("making up for nothing", "institution", "/v1/lessons", "lesson_nothing_to_make_up",
        body=lesson(makes_up="none")),
    Bad("one student twice", "institution", "/v1/lessons", "lesson_contract_twice",
        body=lesson(contracts=["{contract_id}", "{contract_id}"])),
    Bad("lesson before the contract", "institution", "/v1/lessons", "lesson_outside_contract",
        body=lesson(taught_on="2026-07-31")),
    Bad("more than is free", "institution", "/v1/payouts", "payout_not_free",
        body={"account_id": "{account_id}", "amount_fen": 1}),
    Bad("announcement that no rule asks for", "institution", "/v1/payouts/announcements", "payout_notice_not_needed",
        body={"account_id": "{account_id}", "amount_fen": 1}),
    Bad("advance where there are none", "institution", "/v1/advances", "advance_not_allowed",
        body={"account_id": "{account_id}", "amount_fen": 1}),
    Bad("advance of nothing", "institution", "/v1/advances", "request_invalid", 422, "/body/amount_fen", "too_small",
        {"account_id": "{account_id}", "amount_fen": 0}),
    Bad("kept fee under bank custody", "institution", "/v1/kept-fees", "fee_not_kept",
        body={"contract_id": "{contract_id}", "receipt_no": "receipt-1", "amount_fen": 1}),
    Bad("kept fee without a receipt", "institution", "/v1/kept-fees", "request_invalid", 422, "/body/receipt_no",
        "missing", {"contract_id": "{contract_id}", "amount_fen": 1}),
    Bad("payment of no refund", "regulator", "/v1/refunds/none/institution-payment", "refund_not_found", 404,
        body={"amount_fen": 1, "document": "slip-1"}),
    Bad("deposit for no refund", "regulator", "/v1/refunds/none/reserve-draw", "refund_not_found", 404,
        body={"amount_fen": 1, "reason": "r"}),
    Bad("refund of nothing", "parent", "/v1/refunds", "refund_nothing_left",
        body={"contract_id": "{contract_id}", "reason": "r"}),
    Bad("refund without a reason", "parent", "/v1/refunds", "request_invalid", 422, "/body/reason", "missing",
        {"contract_id": "{contract_id}"}),
    Bad("answer to no refund", "institution", "/v1/refunds/none/answer", "refund_not_found", 404,
        body={"agree": True}),
    Bad("path with NUL", "institution", "/v1/refunds/%00/answer", "refund_not_found", 404, body={"agree": True}),
    Bad("settled without a reference", "bank", "/v1/instructions/none/settlement", "request_invalid", 422, "/body",
        "reference_missing", {"outcome": "settled", "amount_fen": 1, "settled_on": "2026-09-01"}),
    Bad("returned without a reference", "bank", "/v1/instructions/none/settlement", "request_invalid", 422, "/body",
        "reference_missing", {"outcome": "returned", "amount_fen": 1, "settled_on": "2026-09-01"}),
    Bad("settling nothing", "bank", "/v1/instructions/none/settlement", "instruction_not_found", 404,
        body={"outcome": "rejected", "amount_fen": 1, "settled_on": "2026-09-01"}),
    Bad("match of no receipt", "institution", "/v1/suspense/none/match", "suspense_not_found", 404,
        body={"account_id": "{account_id}", "contract_id": "{contract_id}", "amount_fen": 1, "reason": "r"}),
    Bad("match of no receipt to a transfer", "institution", "/v1/suspense/none/match", "suspense_not_found", 404,
        body={"account_id": "{account_id}", "contract_id": "{contract_id}", "amount_fen": 1, "reason": "r",
              "transfer_id": "t"}),
    Bad("number that is taken", "regulator", "/v1/accounts", "account_no_taken", 409,
        body={"institution_id": "i-9", "bank": "ICBC", "account_no": "110914000012345678", "district": "310104",
              "authorities": ["310104"]}),
    Bad("unknown policy pack", "regulator", "/v1/accounts/{account_id}/policy", "policy_unknown",
        body={"pack": "none", "reason": "r"}),
    Bad("freeze of no kind", "regulator", "/v1/accounts/{account_id}/freeze", "request_invalid", 422, "/body/scope",
        "not_allowed_value", {"scope": "refunds", "reason": "r"}),
    Bad("unfreezing what is not frozen", "regulator", "/v1/accounts/{account_id}/unfreeze", "account_not_frozen", 409,
        body={"scope": "all", "reason": "r"}),
    Bad("resuming what runs", "regulator", "/v1/accounts/{account_id}/resume", "account_not_suspended", 409,
        body={"reason": "r"}),
    Bad("refund on no ground", "parent", "/v1/refunds", "request_invalid", 422, "/body/ground", "not_allowed_value",
        {"contract_id": "{contract_id}", "reason": "r", "ground": "whim"}),
    Bad("path without an account", "regulator", "/v1/accounts/7/freeze", "account_not_found", 404,
        body={"scope": "all", "reason": "r"}),
    Bad("hold that is none", "regulator", "/v1/accounts/{account_id}/holds/none/release", "hold_not_found", 404,
        body={"reason": "r"}),
    Bad("more than the reserve", "regulator", "/v1/accounts/{account_id}/reserve-release", "reserve_too_small",
        body={"amount_fen": 1, "reason": "r"}),
    Bad("opening that does not add up", "regulator", "/v1/accounts/{account_id}/opening-balance",
        "opening_balance_unbalanced",
        body={"cash_fen": 9, "earned_fen": 1, "reserve_fen": 1, "suspense_fen": 1, "document": "d"}),
    Bad("minimum negative", "regulator", "/v1/accounts/{account_id}/minimum-balance", "request_invalid", 422,
        "/body/amount_fen", "too_small", {"amount_fen": -1, "reason": "r"}),
    Bad("close of a day to come", "regulator", "/v1/close-day", "date_in_future", body={"close_on": "2026-09-02"}),
    Bad("close of year one", "regulator", "/v1/close-day", "date_too_early", body={"close_on": "0001-01-01"}),
    Bad("close of another district", "regulator", "/v1/close-day", "district_denied", 403,
        body={"close_on": "2026-09-01", "districts": ["310105"]}),
    Bad("statement without a day", "bank", "/v1/statements", "request_invalid", 422, "/body/statement_on", "missing",
        {"statement_id": "s"}),
]  # fmt: skip

PEOPLE = [
    Bad("person without a name", "institution", "/v1/people", "request_invalid", 422, "/body/name", "missing",
        {"family": {"family_id": "f-1", "relation": "mother"}}),
    Bad("person with a phone of letters", "institution", "/v1/people", "request_invalid", 422, "/body/phones/0",
        "pattern", {"family": {"family_id": "f-1", "relation": "mother"}, "name": "n", "phones": ["call me"]}),
    Bad("person of no family here", "institution", "/v1/people", "family_not_found", 404,
        body={"family": {"family_id": "nobody", "relation": "mother"}, "name": "n"}),
    Bad("person without a key", "institution", "/v1/people", "idempotency_key_missing", 400, key=None,
        body={"family": {"family_id": "f-1", "relation": "mother"}, "name": "n"}),
    Bad("reveal without a reason", "regulator", "/v1/people/none/reveal", "request_invalid", 422, "/body/reason",
        "missing", {}),
    Bad("reveal of a field that there is not", "regulator", "/v1/people/none/reveal", "request_invalid", 422,
        "/body/fields/0", "not_allowed_value", {"reason": "r", "fields": ["salary"]}),
    Bad("reveal of nobody", "regulator", "/v1/people/none/reveal", "person_data_not_found", 404, body={"reason": "r"}),
    Bad("erasure of nobody", "regulator", "/v1/people/019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f/erasure",
        "person_data_not_found", 404, body={"reason": "r"}),
    Bad("persons of no family", "regulator", "/v1/people", "request_invalid", 422, "/query/family_id", "missing",
        method="GET"),
    Bad("family of others", "parent", "/v1/families/f-2/people", "family_not_found", 404, method="GET"),
]  # fmt: skip

PACKS = [
    Bad("claims of tomorrow", "regulator", "/v1/accounts/{account_id}/claims-pack", "instant_in_future", method="GET",
        query={"as_of": "2027-01-01T00:00:00Z"}),
    Bad("history before the opening", "regulator", "/v1/accounts/{account_id}/audit-pack", "account_not_found", 404,
        method="GET", query={"as_of": "2020-01-01T00:00:00Z"}),
    Bad("claims of no account", "regulator", "/v1/accounts/7/claims-pack", "account_not_found", 404, method="GET"),
]  # fmt: skip

READS = [
    Bad("cursor of somebody else", "bank", "/v1/instructions", "cursor_malformed", 400, method="GET",
        query={"cursor": "bm8"}),
    Bad("quote of nothing paid", "parent", "/v1/contracts/{contract_id}/refund-quote", "refund_nothing_left",
        method="GET"),
    Bad("quote of no contract", "parent", "/v1/contracts/none/refund-quote", "contract_not_found", 404, method="GET"),
    Bad("quote on no ground", "parent", "/v1/contracts/{contract_id}/refund-quote", "request_invalid", 422,
        "/query/ground", "not_allowed_value", method="GET", query={"ground": "whim"}),
    Bad("limit of zero", "bank", "/v1/instructions", "request_invalid", 422, "/query/limit", "too_small", method="GET",
        query={"limit": 0}),
    Bad("position to come", "bank", "/v1/instructions", "position_not_recorded", method="GET",
        query={"at_least": "0:999999"}),
    Bad("position without a partition", "bank", "/v1/instructions", "request_invalid", 422, "/query/at_least",
        "pattern", method="GET", query={"at_least": "12"}),
    Bad("two pasts at once", "bank", "/v1/accounts/{account_id}/balance", "as_of_ambiguous", 400, method="GET",
        query={"at_position": 1, "effective_on": "2026-09-01"}),
    Bad("balance of tomorrow", "bank", "/v1/accounts/{account_id}/balance", "instant_in_future", method="GET",
        query={"as_of": "2027-01-01T00:00:00Z"}),
    Bad("balance before the opening", "bank", "/v1/accounts/{account_id}/balance", "account_not_found", 404,
        method="GET", query={"as_of": "2020-01-01T00:00:00Z"}),
    Bad("instant without its offset", "bank", "/v1/accounts/{account_id}/balance", "request_invalid", 422,
        "/query/as_of", "not_instant", method="GET", query={"as_of": "2026-01-01T00:00:00"}),
]  # fmt: skip

_HEAD = "bank_reference,account_no,amount,currency,booked_on\n"


def _file(name: str, code: str, text: str | bytes, **more: Any) -> Bad:
    content = text.encode() if isinstance(text, str) else text
    headers = {"content-type": more.pop("media_type", "text/csv")}
    return Bad(name, "bank", "/v1/bank-files", code, content=content, headers=headers, **more)


def _message(name: str) -> str:
    return f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"/>'


FILES = [
    _file("empty file", "file_empty", ""),
    _file("spreadsheet", "file_kind_unknown", b"PK\x03\x04rest"),
    _file("no header", "file_header_missing", "1,2,3\n"),
    _file("column missing", "file_column_missing", "bank_reference,account_no,amount\nr,1,1.00\n"),
    _file("column unknown", "file_column_unknown", _HEAD.replace("amount,", "amount,colour,") + "r,1,1.00,red,CNY,x\n"),
    _file("header alone", "file_without_entries", _HEAD),
    _file("file not UTF-8", "file_encoding_wrong", _HEAD.encode() + b"\xff"),
    _file("document type", "file_doctype_refused", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
          media_type="application/xml"),
    _file("no XML", "file_not_xml", "<Document>", media_type="application/xml"),
    _file("another document", "file_namespace_unknown", "<Document/>", media_type="text/xml"),
    _file("intraday report", "file_message_unsupported", _message("camt.052.001.08"), media_type="application/xml"),
    _file("newest version", "file_version_unsupported", _message("camt.053.001.13"), media_type="application/xml"),
    _file("statement of nothing", "file_schema_invalid", _message("camt.053.001.08"), media_type="application/xml"),
    _file("another media type", "media_type_unsupported", _HEAD, media_type="application/pdf", status=415),
    _file("file without a key", "idempotency_key_missing", _HEAD, key=None, status=400),
]  # fmt: skip

ALL = [*DEPOSITS, *BATCHES, *OTHERS, *PEOPLE, *PACKS, *READS, *FILES]
