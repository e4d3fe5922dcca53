"""The working state of a wind-down: how far it is. What a family claims and has been given stands in its refunds."""

from datetime import date

import msgspec


class WindDown(msgspec.Struct, kw_only=True):
    """A wind-down since `started_on`; amounts in fen.

    `claimed` are the refunds that are claims, each with what was paid of it before; none is forgotten while the account
    is wound up. `shares` is what the open distribution still has to hand out, by refund: none is open when it is empty.
    """

    started_on: date
    claimed: dict[str, int] = {}
    distributions: int = 0
    shares: dict[str, int] = {}
    transferred_fen: int = 0
    closed_on: date | None = None
