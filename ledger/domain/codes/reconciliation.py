"""Refusal codes: reconciliation with the bank, and breaks."""

CODES: dict[str, tuple[str, str]] = {
    "break_not_found": ("There is no break {break_id}.", "没有对账差异{break_id}。"),
    "break_not_open": ("The break {break_id} is not open.", "对账差异{break_id}未处于待处理状态。"),
    "reconciliation_behind": (
        "The account was compared as of version {seen_version}; the bank's word or a break changed at {version}.",
        "对账所依据的账户版本为{seen_version}，此后银行数据或差异已在版本{version}变更。",
    ),
}
