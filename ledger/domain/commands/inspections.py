"""Commands to an inspection draw; `account_id` is the id of the draw's own stream."""

from datetime import date
from typing import ClassVar

import msgspec

from ledger.domain.commands.base import Command
from ledger.domain.events import DrawInput
from ledger.domain.inspection import InspectionDraw


class DrawCommand(Command, frozen=True, kw_only=True, gc=False):
    """A request to one inspection draw."""

    aggregate: ClassVar[type[msgspec.Struct]] = InspectionDraw


class AnnounceInspectionDraw(DrawCommand, frozen=True, kw_only=True, gc=False):
    """Fix the list before the seed can be known: by a commitment to a secret, a public value to come, or both."""

    input: DrawInput
    draw_on: date
    commitment: str = ""
    public_source: str = ""


class DrawInspections(DrawCommand, frozen=True, kw_only=True, gc=False):
    """Draw, with the secret (hex) of the commitment and the value of the public source, as announced."""

    secret: str = ""
    public_value: str = ""
