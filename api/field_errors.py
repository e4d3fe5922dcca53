"""Faulty fields of a request: where, a stable code, and a sentence, never the value that was sent.

pydantic and msgspec both describe what is wrong with the sender's own text in places, so their sentences are not passed
on: each kind of fault has a code and a sentence here, and the only figures are our own limits. A field's name is told
only if it looks like one of ours.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from api.request_context import Language


class Fault(NamedTuple):
    """Sentences of one code; `{limit}` takes the bound that the field has."""

    en: str
    zh: str


class FieldFault(NamedTuple):
    """One faulty field. `pointer` is an RFC 6901 pointer into {path, query, header, cookie, body}."""

    pointer: str
    code: str
    limit: int | str | None = None

    def to_json(self, language: Language) -> dict[str, str]:
        """The entry of the problem's `errors` list."""
        sentence = FAULTS[self.code]
        text = sentence.zh if language == "zh" else sentence.en
        return {"pointer": self.pointer, "code": self.code, "detail": text.format(limit=self.limit)}


FAULTS: Final[dict[str, Fault]] = {
    "missing": Fault("This field is required.", "缺少该字段。"),
    "unknown_field": Fault("There is a field here that is not known.", "此处有未知字段。"),
    "not_integer": Fault(
        "An integer is required: no string, fraction or boolean.", "须为整数，不得为字符串、小数或布尔值。"
    ),
    "not_text": Fault("Text is required.", "须为文本。"),
    "not_boolean": Fault("true or false is required.", "须为 true 或 false。"),
    "not_list": Fault("A list is required.", "须为列表。"),
    "not_object": Fault("An object is required.", "须为对象。"),
    "not_date": Fault("A date is required, as YYYY-MM-DD.", "须为日期，格式 YYYY-MM-DD。"),
    "not_instant": Fault(
        "An instant with its UTC offset is required, as in RFC 3339.", "须为带UTC偏移的时刻，格式见 RFC 3339。"
    ),
    "not_uuid": Fault("A UUID is required.", "须为UUID。"),
    "not_allowed_value": Fault("The value is not one of those allowed.", "该值不在允许范围内。"),
    "too_small": Fault("The value must be at least {limit}.", "该值不得小于{limit}。"),
    "not_above": Fault("The value must be above {limit}.", "该值须大于{limit}。"),
    "too_large": Fault("The value must be at most {limit}.", "该值不得大于{limit}。"),
    "not_below": Fault("The value must be below {limit}.", "该值须小于{limit}。"),
    "too_short": Fault("There must be at least {limit} of these.", "长度或个数不得少于{limit}。"),
    "too_long": Fault("There may be at most {limit} of these.", "长度或个数不得多于{limit}。"),
    "pattern": Fault("The text does not have the required form.", "文本不符合要求的格式。"),
    "account_unnamed": Fault(
        "Exactly one of account_id and account_no is required.", "须且仅须给出 account_id 与 account_no 之一。"
    ),
    "reference_missing": Fault(
        "An instruction that was settled or returned needs the bank's reference.",
        "已结算或已退回的指令须给出银行流水号。",
    ),
    "invalid": Fault("The value is not valid.", "该值无效。"),
}

# pydantic's error type -> (our code, the key of our limit in its context)
_PYDANTIC: Final[dict[str, tuple[str, str | None]]] = {
    "missing": ("missing", None),
    "extra_forbidden": ("unknown_field", None),
    "int_type": ("not_integer", None),
    "int_parsing": ("not_integer", None),
    "int_parsing_size": ("not_integer", None),
    "int_from_float": ("not_integer", None),
    "string_type": ("not_text", None),
    "string_unicode": ("not_text", None),
    "bool_type": ("not_boolean", None),
    "bool_parsing": ("not_boolean", None),
    "list_type": ("not_list", None),
    "tuple_type": ("not_list", None),
    "set_type": ("not_list", None),
    "frozen_set_type": ("not_list", None),
    "dict_type": ("not_object", None),
    "model_type": ("not_object", None),
    "model_attributes_type": ("not_object", None),
    "date_type": ("not_date", None),
    "date_parsing": ("not_date", None),
    "date_from_datetime_parsing": ("not_date", None),
    "date_from_datetime_inexact": ("not_date", None),
    "datetime_type": ("not_instant", None),
    "datetime_parsing": ("not_instant", None),
    "datetime_from_date_parsing": ("not_instant", None),
    "datetime_object_invalid": ("not_instant", None),
    "timezone_aware": ("not_instant", None),
    "uuid_type": ("not_uuid", None),
    "uuid_parsing": ("not_uuid", None),
    "uuid_version": ("not_uuid", None),
    "enum": ("not_allowed_value", None),
    "literal_error": ("not_allowed_value", None),
    "union_tag_invalid": ("not_allowed_value", None),
    "union_tag_not_found": ("missing", None),
    "greater_than_equal": ("too_small", "ge"),
    "greater_than": ("not_above", "gt"),
    "less_than_equal": ("too_large", "le"),
    "less_than": ("not_below", "lt"),
    "string_too_short": ("too_short", "min_length"),
    "too_short": ("too_short", "min_length"),
    "string_too_long": ("too_long", "max_length"),
    "too_long": ("too_long", "max_length"),
    "string_pattern_mismatch": ("pattern", None),
}

_OUR_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MSGSPEC_PATH: Final = re.compile(r" - at `\$((?:\.[A-Za-z0-9_-]+|\[\d+\]|\[\.\.\.\])*)`$")
_MSGSPEC_STEP: Final = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]|(\[\.\.\.\])")
_MSGSPEC_BOUND: Final = re.compile(r"^Expected `\w+` (of length )?(>=|>|<=|<) (-?\d+)")
_MSGSPEC_MISSING: Final = re.compile(r"^Object missing required field `([A-Za-z0-9_]+)`")
_MSGSPEC_EXPECTED: Final = {
    "int": "not_integer",
    "str": "not_text",
    "bool": "not_boolean",
    "array": "not_list",
    "object": "not_object",
}
_MSGSPEC_FORM: Final = re.compile(r"^Invalid (?:RFC3339 encoded )?(datetime|date|UUID)\b")
_FORM_CODES: Final = {"date": "not_date", "datetime": "not_instant", "UUID": "not_uuid"}
_BOUND_CODES: Final = {">=": "too_small", ">": "not_above", "<=": "too_large", "<": "not_below"}


def faults_of_pydantic(errors: Sequence[Mapping[str, Any]]) -> list[FieldFault]:
    """The faults of a pydantic error list, in its order."""
    return [_fault_of_pydantic(error) for error in errors]


def fault_of_msgspec(error: msgspec.ValidationError) -> FieldFault:
    """The fault which msgspec met first; its pointer starts at `/body`."""
    text = str(error)
    path = _MSGSPEC_PATH.search(text)
    steps = [name or index or "*" for name, index, _ in _MSGSPEC_STEP.findall(path.group(1))] if path else []
    pointer = _pointer(["body", *steps])
    # A body's own check of several fields together names its code.
    own = text.partition(" - at ")[0]
    if own in FAULTS:
        return FieldFault(pointer, own)
    missing = _MSGSPEC_MISSING.match(text)
    if missing:
        return FieldFault(f"{pointer}/{missing.group(1)}", "missing")
    if text.startswith("Object contains unknown field"):
        return FieldFault(pointer, "unknown_field")
    if text.startswith(("Invalid enum value", "Invalid value")):
        return FieldFault(pointer, "not_allowed_value")
    bound = _MSGSPEC_BOUND.match(text)
    if bound:
        length, sign, limit = bound.groups()
        code = _BOUND_CODES[sign]
        if length:
            code = "too_short" if sign in (">=", ">") else "too_long"
        return FieldFault(pointer, code, limit)
    form = _MSGSPEC_FORM.match(text)
    if form:
        return FieldFault(pointer, _FORM_CODES[form.group(1)])
    if " matching regex" in text:
        return FieldFault(pointer, "pattern")
    if " with a timezone component" in text:
        return FieldFault(pointer, "not_instant")
    expected = re.match(r"^Expected `(\w+)", text)
    return FieldFault(pointer, _MSGSPEC_EXPECTED.get(expected.group(1), "invalid") if expected else "invalid")


def _fault_of_pydantic(error: Mapping[str, Any]) -> FieldFault:
    code, limit_key = _PYDANTIC.get(str(error["type"]), ("invalid", None))
    location: Sequence[int | str] = error["loc"]
    if code == "unknown_field":
        location = location[:-1]
    context: Mapping[str, Any] = error.get("ctx") or {}
    limit = context.get(limit_key) if limit_key else None
    return FieldFault(_pointer(location), code, limit if isinstance(limit, int | str) else str(limit))


def _pointer(location: Sequence[int | str]) -> str:
    return "".join(f"/{_step(step)}" for step in location)


def _step(step: int | str) -> str:
    if isinstance(step, int) or step.isdigit():
        return str(step)
    return step if _OUR_NAME.fullmatch(step) else "*"
