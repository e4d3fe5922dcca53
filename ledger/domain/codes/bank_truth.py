"""Refusal codes: bank truth."""

CODES: dict[str, tuple[str, str]] = {
    "statement_part_wrong": (
        "Part {part} of {parts} is no part of a statement.",
        "第{part}部分（共{parts}部分）不是对账单的有效部分。",
    ),
    "statement_period_wrong": (
        "A statement from {from_on} to {to_on} cannot count for {effective_on}: it counts for its last day.",
        "自{from_on}至{to_on}的对账单不能计入{effective_on}：应计入其最后一日。",
    ),
    "statement_reused": (
        "Part {part} of statement {statement_id} was recorded with another content.",
        "对账单{statement_id}第{part}部分已以其他内容登记。",
    ),
    "debit_restored_too_much": (
        "The shortage is {shortage_fen} fen, less than {amount_fen} fen.",
        "短缺为{shortage_fen}分，少于{amount_fen}分。",
    ),
    "debit_above_cash": (
        "The account holds {cash_fen} fen, less than {amount_fen} fen.",
        "账户现金{cash_fen}分，少于{amount_fen}分。",
    ),
}
