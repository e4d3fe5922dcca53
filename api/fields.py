"""The kinds of fields that bodies are made of: their bounds, their forms, and an example of each.

Bodies are msgspec structs: an integer is an integer and nothing else, unknown fields are refused, and text holds no
control characters, so that whatever is recorded can be read back by every program.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from ledger.domain.money import MAX_FEN

_CONTROL: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
# `$` alone would let a line break at the end pass.
_LINE: Final = rf"^[^{_CONTROL}]*(?!\n)$"
_NAME: Final = rf"^[^\s{_CONTROL}]([^{_CONTROL}]*[^\s{_CONTROL}])?(?!\n)$"
# What nobody sees between two letters: with it, one reference of a bank would be two.
_UNSEEN: Final = (
    r"\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_KEY: Final = rf"^[^\s{_CONTROL}{_UNSEEN}]([^{_CONTROL}{_UNSEEN}]*[^\s{_CONTROL}{_UNSEEN}])?(?!\n)$"

Fen = Annotated[int, Meta(ge=1, le=MAX_FEN, description="Fen (1/100 yuan).", examples=[1280000])]
FenOrZero = Annotated[int, Meta(ge=0, le=MAX_FEN, description="Fen (1/100 yuan).", examples=[1280000])]
SignedFen = Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, description="Fen, negative for a debt.", examples=[5120000])]
BankReference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_KEY,
        description="The bank's own reference of the entry, unique at the bank.",
        examples=["20260901-000123"],
    ),
]
AccountNo = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=34,
        pattern=_KEY,
        description="The supervised account's number at its bank.",
        examples=["110914000012345678"],
    ),
]
Name = Annotated[
    str,
    Meta(min_length=1, max_length=64, pattern=_KEY, description="An opaque id or code.", examples=["piano-2026-a"]),
]
ContractReference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_KEY,
        description="The contract's id or number, as the payer gave it.",
        examples=["HT-2026-0001"],
    ),
]
PayerRoute = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_KEY,
        description="The bank's opaque token of the payer's account, to which a refund goes back; never its number.",
        examples=["route-7f3a9c"],
    ),
]
ContractId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=_NAME,
        description="The contract's id, as the ledger gave it.",
        examples=["019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"],
    ),
]
TransferId = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=_LINE,
        description="A transfer from another account that is in transit to the contract; empty for none.",
        examples=[""],
    ),
]
Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=_NAME,
        description="Why, without personal data; it is kept for ever.",
        examples=["moved to another city"],
    ),
]
OptionalText = Annotated[str, Meta(max_length=500, pattern=_LINE, description="Free of personal data.", examples=[""])]
District = Annotated[
    str,
    Meta(min_length=1, max_length=12, pattern=r"^[0-9A-Za-z]+(?!\n)$", description="District.", examples=["310104"]),
]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body: unknown fields are refused."""


def example_of(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """An example for a JSON schema, from the examples, defaults and values that its parts name."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "default" in schema and schema["default"] not in (None, [], {}):
        return schema["default"]
    for alternatives in (schema.get("anyOf"), schema.get("oneOf")):
        if alternatives:
            return example_of(alternatives[0], components)
    match schema.get("type"):
        case "object":
            parts: dict[str, Any] = schema.get("properties", {})
            return {name: _example_of_field(name, part, components) for name, part in parts.items()}
        case "array":
            return [example_of(schema["items"], components)] if schema.get("items") else []
        case "integer":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "string":
            return _EXAMPLES_OF_FORMATS.get(schema.get("format", ""), "text")
        case _:
            return None


def _example_of_field(name: str, schema: dict[str, Any], components: dict[str, Any]) -> Any:
    if name in _EXAMPLES_OF_NAMES and "examples" not in schema and schema.get("type") != "integer":
        return _EXAMPLES_OF_NAMES[name]
    return example_of(schema, components)


_ID: Final = "019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"
_EXAMPLES_OF_NAMES: Final[dict[str, Any]] = {
    "account_id": _ID,
    "refund_id": _ID,
    "suspense_id": "s-2c5f262d9f01af0cf3ff11a5f05a9415",
    "instruction_id": _ID,
    "end_to_end_id": "5f2a7c1e9b0d4e6f8a3c5b7d9e1f2a4c",
    "events": ["account.fee_paid"],
    "next": None,
    "code": "account_not_found",
    "detail": "There is no such account.",
    "figures": {},
}
_EXAMPLES_OF_FORMATS: Final = {
    "time": "08:00:00",
    "date": "2026-09-01",
    "date-time": "2026-09-01T02:30:00Z",
    "uuid": "019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f",
}
