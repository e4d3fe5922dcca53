"""What every command says: which account, and for which day. Who asks and when comes in the context."""

from datetime import date
from typing import ClassVar
from uuid import UUID

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request to one account; the decision may refuse it with a `LedgerError`.

    `effective_on` is the day the fact counts for (China), never after the day of the request.
    """

    cause: ClassVar[str] = ""

    account_id: UUID
    effective_on: date

    def __init_subclass__(cls, **_: object) -> None:
        name = cls.__name__
        cls.cause = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
