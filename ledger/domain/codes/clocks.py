"""Refusal codes: clocks."""

CODES: dict[str, tuple[str, str]] = {
    "account_suspended": (
        "Clocks and payouts of the account stand still since {since}.",
        "账户自{since}起期限中止、暂停拨付。",
    ),
    "account_not_suspended": ("Clocks and payouts of the account are running.", "账户的期限与拨付并未中止。"),
    "resumed_before_suspended": (
        "Teaching cannot resume on {resumed_on}, before it was suspended on {since}.",
        "恢复日{resumed_on}早于中止日{since}。",
    ),
}
