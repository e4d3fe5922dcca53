"""Refusal codes: money in."""

CODES: dict[str, tuple[str, str]] = {
    "bank_mismatch": ("The account is held at another bank.", "该账户不在本银行。"),
    "entry_reused": (
        "The bank reference {bank_reference} was posted before with other content.",
        "银行流水号{bank_reference}已入账且内容不同。",
    ),
    "entry_duplicate_in_batch": (
        "The bank reference {bank_reference} stands twice in this batch.",
        "银行流水号{bank_reference}在本批中重复。",
    ),
    "suspense_exists": ("Suspense item {suspense_id} is open already.", "待查款项{suspense_id}已存在。"),
    "suspense_not_found": ("There is no open suspense item {suspense_id}.", "没有待查款项{suspense_id}。"),
    "suspense_return_pending": (
        "The return of suspense item {suspense_id} is under way.",
        "待查款项{suspense_id}正在退回。",
    ),
    "suspense_too_small": (
        "The suspense item holds {held_fen} fen, less than {amount_fen} fen.",
        "待查款项余{held_fen}分，少于{amount_fen}分。",
    ),
    "contract_overpaid": (
        "Only {due_fen} fen are due on the contract, not {amount_fen} fen.",
        "合同仅应付{due_fen}分，而非{amount_fen}分。",
    ),
    "reserve_too_small": (
        "The reserve is {reserve_fen} fen, less than {amount_fen} fen.",
        "准备金为{reserve_fen}分，少于{amount_fen}分。",
    ),
}
