"""A spreadsheet's row as a contract that the API would take, or all that is wrong with it, column by column."""

from typing import Any, Final

import msgspec

from api.field_errors import FAULTS, Fault, FieldFault, fault_of_msgspec
from api.request_context import Language
from api.routes.contracts import Contract
from api.web.institution.contract_sheet import EXAMPLE, HEADINGS, Row

_AMOUNT: Final = Fault(
    "is to be an amount in yuan with at most two decimals, such as 1280.50.",
    "须为人民币元，至多两位小数，例如1280.50。",
)
# Sentences about a cell, where the API's speak of JSON.
_CELL: Final[dict[str, Fault]] = {
    "not_integer": Fault("is to be a whole number.", "须为整数。"),
    "not_date": Fault("is to be a date such as 2026-09-01.", "须为日期，例如2026-09-01。"),
    "not_allowed_value": Fault("is none of the values that it may have.", "不在可选范围内。"),
    "too_small": Fault("is to be at least {limit}.", "不得小于{limit}。"),
    "too_large": Fault("is to be at most {limit}.", "不得大于{limit}。"),
    "too_short": Fault("is empty.", "未填写。"),
    "too_long": Fault("is longer than {limit} characters.", "超过{limit}个字符。"),
    "not_uuid": Fault("is none of yours.", "不是本机构的账户。"),
    "pattern": Fault("has characters that are not taken.", "含有不接受的字符。"),
}


def contract_of(row: Row, account_id: str, language: Language) -> tuple[Contract | None, list[str]]:
    """The contract of a row, or a sentence for each column that is wrong."""
    faults = [_told(HEADINGS[column], _AMOUNT, None, language) for column in row.wrong_amounts]
    fields, found = row.fields | {column: _RIGHT[column] for column in row.wrong_amounts}, set(row.wrong_amounts)
    while True:
        try:
            contract = msgspec.convert(body_said(fields, account_id), Contract, strict=False)
        except msgspec.ValidationError as error:
            fault = fault_of_msgspec(error)
            column = fault.pointer.rpartition("/")[2].removesuffix("_fen")
            faults.append(_sentence(fault, column, language))
            if column not in HEADINGS or column in found:
                return None, faults
            found.add(column)
            fields[column] = _RIGHT[column]  # to see what else is wrong
        else:
            return (None if faults else contract), faults


def body_said(fields: dict[str, str], account_id: str) -> dict[str, Any]:
    """The body of the API's route that a row's fields make."""
    return {
        "account_id": account_id,
        **{name: fields[name] for name in Row.TEXTS},
        "lesson_minutes": fields["lesson_minutes"],
        "packages": [
            {
                "price_fen": fields["price"],
                "list_price_fen": fields["list_price"] or fields["price"],
                "paid_lessons": fields["paid_lessons"],
                "gift_lessons": fields["gift_lessons"] or 0,
            }
        ],
    }


_RIGHT: Final = {name: str(value) for name, value in zip(HEADINGS, EXAMPLE, strict=True)}


def _sentence(fault: FieldFault, column: str, language: Language) -> str:
    told = _CELL.get(fault.code, FAULTS[fault.code])
    return _told(HEADINGS.get(column, ("账户", "Account")), told, fault.limit, language)


def _told(heading: tuple[str, str], told: Fault, limit: int | str | None, language: Language) -> str:
    name, sentence = (heading[0], told.zh) if language == "zh" else (heading[1], told.en)
    return f"“{name}”{'' if language == 'zh' else ' '}{sentence.format(limit=limit)}"
