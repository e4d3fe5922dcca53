"""What a page says where something was refused: amounts in yuan, contracts by their numbers, fields by their labels."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from api.codes import EDGE_CODES, ApiError
from api.errors import LEDGER_CODES
from api.request_context import Language
from api.web.field_words import FIELDS
from api.web.page_call import PageCall
from api.web.rendering import in_yuan, instant
from ledger.domain.errors import LedgerError

_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")


async def sentence_of(call: PageCall, refusal: LedgerError | ApiError, labels: Mapping[str, str]) -> str:
    """The refusal in the visitor's language. `labels` are the words by which a form's fields stand on the page."""
    figures = {name: _as_read(figure) for name, figure in refusal.figures.items()}
    field, contract_id = field_of(refusal), figures.get("contract_id")
    if field in labels:
        figures["field"] = f"“{labels[field]}”"
    elif field in FIELDS:
        zh, en = FIELDS[field]
        figures["field"] = f"“{zh if call.language == 'zh' else en}”"
    if isinstance(contract_id, str):
        figures["contract_id"] = await _number_of(call, contract_id)
    return in_yuan(_template(refusal, call.language).format(**figures))


def field_of(refusal: LedgerError | ApiError) -> str:
    """The form's field that was refused, also where the place in a route's body is told; empty where none was."""
    return str(refusal.figures.get("field", "")).rpartition("/")[2].removesuffix("_fen")


def _as_read(figure: int | str) -> int | str:
    """An instant as people in China read it, to the minute; anything else as it is."""
    if isinstance(figure, str) and _INSTANT.fullmatch(figure):
        return instant(datetime.fromisoformat(figure))[:-3]
    return figure


def _template(refusal: LedgerError | ApiError, language: Language) -> str:
    entry = EDGE_CODES[refusal.code] if isinstance(refusal, ApiError) else LEDGER_CODES[refusal.code]
    return entry.zh if language == "zh" else entry.en


async def _number_of(call: PageCall, contract_id: str) -> str:
    """The contract's number where the visitor may see the contract, else its id as it was."""
    if call.session is None or call.services.books is None:
        return contract_id
    try:
        return (await call.reader.contract(contract_id, call.scope)).contract_no
    except LedgerError:
        return contract_id
