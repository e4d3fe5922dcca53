"""Names and bank accounts for a pack, where they were asked for and logged as a reveal."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.people.person import PaymentRoute


class Payees(NamedTuple):
    """Names by family, and accounts by route token. Who was erased is in neither."""

    names: Mapping[str, Sequence[str]]
    routes: Mapping[str, PaymentRoute]
