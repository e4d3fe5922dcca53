"""The working state of one inspection draw: the announced list until it is drawn."""

from datetime import date
from uuid import UUID

import msgspec

from ledger.domain.events import DrawInput


class InspectionDraw(msgspec.Struct, kw_only=True):
    """One draw. Version 0 is not announced; `input` is None before that and after the draw."""

    id: UUID
    version: int = 0
    district: str = ""
    digest: str = ""
    commitment: str = ""
    public_source: str = ""
    draw_on: date | None = None
    input: DrawInput | None = None
    drawn: list[str] = []
    """Institutions, in the order of the draw."""

    def copy(self) -> "InspectionDraw":
        """An independent copy of the working state."""
        return _decode(_encode(self))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(InspectionDraw).decode
