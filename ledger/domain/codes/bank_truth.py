"""Refusal codes: bank truth."""

CODES: dict[str, tuple[str, str]] = {
    "debit_restored_too_much": (
        "The shortage is {shortage_fen} fen, less than {amount_fen} fen.",
        "短缺为{shortage_fen}分，少于{amount_fen}分。",
    ),
    "debit_above_cash": (
        "The account holds {cash_fen} fen, less than {amount_fen} fen.",
        "账户现金{cash_fen}分，少于{amount_fen}分。",
    ),
}
