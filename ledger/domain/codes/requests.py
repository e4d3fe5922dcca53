"""Refusal codes: money and requests."""

CODES: dict[str, tuple[str, str]] = {
    "amount_not_positive": (
        "The amount must be at least 1 fen; it is {amount_fen} fen.",
        "金额必须至少为1分，实为{amount_fen}分。",
    ),
    "amount_too_large": (
        "The amount {amount_fen} fen is above the limit of {limit_fen} fen.",
        "金额{amount_fen}分超过上限{limit_fen}分。",
    ),
    "total_too_large": (
        "The total would be {total_fen} fen, above the limit of {limit_fen} fen.",
        "合计将为{total_fen}分，超过上限{limit_fen}分。",
    ),
    "reference_malformed": (
        "The {field} must be 1 to {limit} printable characters without spaces at its ends.",
        "{field}须为1至{limit}个可见字符，首尾不得有空格。",
    ),
    "idempotency_key_reused": ("This idempotency key was used for another request.", "该幂等键已用于另一请求。"),
    "idempotency_key_missing": ("An Idempotency-Key header is required.", "缺少 Idempotency-Key 请求头。"),
    "idempotency_key_malformed": (
        "The Idempotency-Key must be 1 to 128 printable ASCII characters.",
        "Idempotency-Key 须为1至128个可见ASCII字符。",
    ),
    "version_mismatch": (
        "The account is at version {version}, not at {expected}.",
        "账户当前版本为{version}，而非{expected}。",
    ),
    "date_in_future": ("The date {date} is after the day {today} of the request.", "日期{date}晚于请求日{today}。"),
    "date_too_early": (
        "The date {date} is before {earliest}, the first day of any account.",
        "日期{date}早于{earliest}，任何账户不得早于该日。",
    ),
    "not_found": ("There is no such {kind}.", "未找到该{kind}。"),
}
