"""The kinds of streams in the log: accounts, and beside them supervision cases and inspection draws."""

from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.case import SupervisionCase
from ledger.domain.commands import Command
from ledger.domain.commands.cases import CaseCommand
from ledger.domain.commands.inspections import DrawCommand
from ledger.domain.events import CaseOpened, Event, InspectionDrawAnnounced
from ledger.domain.inspection import InspectionDraw

StreamState = EscrowAccount | SupervisionCase | InspectionDraw


def asked_of(command: Command) -> type[StreamState]:
    """The kind of stream that the command is for."""
    if isinstance(command, CaseCommand):
        return SupervisionCase
    return InspectionDraw if isinstance(command, DrawCommand) else EscrowAccount


def begun_by(stream_id: UUID, first: Event) -> StreamState:
    """The empty state of a stream that begins with this event, before the event is applied."""
    if isinstance(first, CaseOpened):
        return SupervisionCase(id=stream_id)
    return InspectionDraw(id=stream_id) if isinstance(first, InspectionDrawAnnounced) else EscrowAccount(id=stream_id)
