"""Refusal codes: rule packs, and explanations of events."""

CODES: dict[str, tuple[str, str]] = {
    "pack_not_found": ("There is no rule pack {pack}.", "没有规则包{pack}。"),
    "event_not_found": ("There is no event at {place}.", "{place}处没有事件。"),
}
