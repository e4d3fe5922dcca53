"""Refusal codes: holds."""

CODES: dict[str, tuple[str, str]] = {
    "hold_exists": ("Hold {hold_id} exists already.", "暂扣{hold_id}已存在。"),
    "hold_not_found": ("There is no hold {hold_id}.", "没有暂扣{hold_id}。"),
}
