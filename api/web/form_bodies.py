"""A page's form as the body of a route: it is judged by the rules of that route, and by no others."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from api.field_errors import fault_of_msgspec
from ledger.domain.errors import LedgerError

T = TypeVar("T")


def body_of(kind: type[T], said: Mapping[str, Any]) -> T:
    """The body that a form makes, numbers as texts. Raises LedgerError `form_field_wrong` with the field's place."""
    try:
        return msgspec.convert(said, kind, strict=False)
    except msgspec.ValidationError as error:
        raise LedgerError("form_field_wrong", field=fault_of_msgspec(error).pointer.removeprefix("/body/")) from error
