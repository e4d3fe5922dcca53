"""The result of one item that was refused, in answers with one result an item."""

import msgspec

from api.request_context import Language
from ledger.bank.findings import EntryRefused
from ledger.domain.errors import LedgerError


class Refused(msgspec.Struct, kw_only=True, tag="refused", tag_field="status"):
    """Why the item was not recorded: a stable code, a sentence in the language asked for, and the figures behind it."""

    code: str
    detail: str
    figures: dict[str, int | str]


def refused_item(refusal: LedgerError | EntryRefused, language: Language) -> Refused:
    """The result of a refused item."""
    return Refused(
        code=refusal.code,
        detail=refusal.message_zh if language == "zh" else refusal.message,
        figures=refusal.figures,
    )
