"""Whom an order pays, as a message names it: an opaque token by default, an account and a name where they are known.

The ledger has neither names nor account numbers. A bank that made the tokens resolves them itself; where encrypted
payment routes are kept beside the ledger, `ResolveCreditors` is the place to put them in, at the last moment before a
file leaves.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

ROUTE_TOKEN: Final = "ROUTE_TOKEN"
"""The id is the token of the account that paid, as the bank gave it (or as the ledger made it of a bank's file)."""
ORIGINAL_ENTRY: Final = "ORIGINAL_ENTRY"
"""The payer gave no route: the id is the bank's own reference of the entry that is sent back."""
INSTITUTION: Final = "INSTITUTION"
"""The id is the institution's; the bank pays to the operating account that it has registered for it."""
SUPERVISED_ACCOUNT: Final = "SUPERVISED_ACCOUNT"
"""The id is another supervised account: its bank, a slash, and its number there."""
ROUTE_DIGEST: Final = "ROUTE_DIGEST"
"""The token has more characters than an account number may have: the id is its digest, the token stands beside it."""
_LONGEST: Final = 34


class Creditor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is paid. `scheme` says what kind of id `account` is, None for an account number; `agent` is the BIC of the
    creditor's bank, if known; `token` is the whole token where it is too long to be the id itself."""

    account: str
    scheme: str | None = None
    name: str | None = None
    agent: str | None = None
    token: str | None = None


ResolveCreditors = Callable[[str, Sequence[str]], Awaitable[Mapping[str, Creditor]]]
"""From a bank and route tokens to accounts and names. What it does not know is left out, and paid to by its token."""


async def by_token(bank: str, routes: Sequence[str]) -> Mapping[str, Creditor]:
    """Knows nobody: every order names its creditor by the token."""
    del bank, routes
    return {}


def creditor_of(token: str, scheme: str) -> Creditor:
    """The creditor whom a token of that scheme names."""
    if len(token) <= _LONGEST:
        return Creditor(account=token, scheme=scheme)
    digest = blake2b(token.encode(), digest_size=16).hexdigest()
    return Creditor(account=digest, scheme=ROUTE_DIGEST, token=token)
