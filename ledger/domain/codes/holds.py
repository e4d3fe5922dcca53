"""Refusal codes: holds."""

CODES: dict[str, tuple[str, str]] = {
    "minimum_not_fixed": (
        "The policy works out the minimum balance ({formula}); it is not fixed by hand.",
        "最低余额按政策公式（{formula}）核定，不得手工设定。",
    ),
    "hold_exists": ("Hold {hold_id} exists already.", "暂扣{hold_id}已存在。"),
    "hold_not_found": ("There is no hold {hold_id}.", "没有暂扣{hold_id}。"),
}
