"""Refusal codes: cost advances."""

CODES: dict[str, tuple[str, str]] = {
    "advance_not_allowed": (
        "The account's policy allows no cost advances.",
        "本账户的政策不允许按成本预拨。",
    ),
    "advance_blacklisted": (
        "The institution is on the blacklist: no advances.",
        "机构已列入黑名单，不得预拨。",
    ),
    "advance_closing": (
        "The institution closes on {closes_on}: it may have nothing before it teaches.",
        "机构将于{closes_on}停业，不得预拨。",
    ),
    "advance_funds_held": (
        "{held_fen} fen are held by order: no advances until the hold ends.",
        "已暂扣{held_fen}分，暂扣解除前不得预拨。",
    ),
    "advance_above_limit": (
        "{amount_fen} fen were asked; {outstanding_fen} fen are outstanding of at most {limit_fen} fen.",
        "申请预拨{amount_fen}分，未冲抵{outstanding_fen}分，上限{limit_fen}分。",
    ),
    "advance_not_safe": (
        "{amount_fen} fen were asked; only {safe_fen} fen may leave the account.",
        "申请预拨{amount_fen}分，账户可动用{safe_fen}分。",
    ),
}
