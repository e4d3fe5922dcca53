"""Refusal codes: refunds."""

CODES: dict[str, tuple[str, str]] = {
    "refund_exists": ("Refund {refund_id} exists already.", "退费{refund_id}已存在。"),
    "refund_open": (
        "Contract {contract_id} has an open refund {refund_id}.",
        "合同{contract_id}已有未完结的退费{refund_id}。",
    ),
    "refund_not_found": ("There is no refund {refund_id} in this account.", "本账户没有退费{refund_id}。"),
    "refund_nothing_left": ("Contract {contract_id} has nothing left to refund.", "合同{contract_id}没有可退金额。"),
    "refund_not_waiting": (
        "Refund {refund_id} is {state}: it does not wait for this step.",
        "退费{refund_id}状态为{state}，不在该步骤。",
    ),
    "refund_offer_wrong": (
        "The offer of {offered_fen} fen must be below the quote of {quoted_fen} fen.",
        "异议金额{offered_fen}分须低于核算金额{quoted_fen}分。",
    ),
    "cash_short": (
        "{amount_fen} fen are to be paid; only {cash_fen} fen of cash are not promised already.",
        "应付{amount_fen}分，未占用现金仅{cash_fen}分。",
    ),
    "refund_above_unconsumed": (
        "{amount_fen} fen exceed the unconsumed {unconsumed_fen} fen.",
        "{amount_fen}分超过未消课金额{unconsumed_fen}分。",
    ),
}
