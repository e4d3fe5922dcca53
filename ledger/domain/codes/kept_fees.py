"""Refusal codes: fees that the institution keeps against a risk deposit."""

CODES: dict[str, tuple[str, str]] = {
    "fee_not_kept": (
        "The policy has fees paid to the bank account; the institution keeps none.",
        "现行政策为银行托管，学费须缴入专用账户，机构不得自行留存。",
    ),
    "kept_fee_exists": (
        "Receipt {receipt_no} is reported already on contract {contract_id}.",
        "合同{contract_id}的收据{receipt_no}已报告。",
    ),
    "refund_not_with_institution": (
        "{amount_fen} fen were named; the institution keeps {kept_fen} fen of refund {refund_id}.",
        "退费{refund_id}中由机构留存的为{kept_fen}分，而非{amount_fen}分。",
    ),
}
