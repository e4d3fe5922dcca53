"""Cases and inspection draws in the log, beside the accounts that `LogWriter` writes."""

from typing import Any
from uuid import UUID

from ledger.domain.case import SupervisionCase
from ledger.domain.commands import Command
from ledger.domain.commands.cases import CaseCommand
from ledger.domain.decisions import Context, decide
from ledger.domain.events import Event
from ledger.domain.evolution import evolve
from ledger.domain.inspection import InspectionDraw
from ledger.domain.partition import partition_of
from tests.conftest import PARTITIONS
from tests.domain.case_scenario import DEFAULTS
from tests.projections.log_writer import DAY, LogWriter


class CaseWriter:
    """Streams in memory, and what they decided in the log of `writer`."""

    def __init__(self, writer: LogWriter) -> None:
        self.writer = writer
        self.streams: dict[UUID, SupervisionCase | InspectionDraw] = {}

    def do(self, stream: UUID, kind: type[Command], /, **said: Any) -> int:
        """Decide a command with what is not said taken from the scenario's defaults; the last position."""
        spoken: dict[str, Any] = {"account_id": stream, "effective_on": DAY}
        if issubclass(kind, CaseCommand):
            spoken["acting"] = ("*",)
        command = kind(**(spoken | DEFAULTS[kind] | said))
        empty = SupervisionCase(id=stream) if isinstance(command, CaseCommand) else InspectionDraw(id=stream)
        state = self.streams.setdefault(stream, empty)
        context = Context(
            recorded_at=self.writer.now, today=max(command.effective_on, DAY), actor="regulator:office@310115"
        )
        rows: list[tuple[UUID, int, Event]] = []
        for event in decide(state, command, context):
            evolve(state, event)
            rows.append((stream, state.version, event))
        return self.writer.append(partition_of(stream, PARTITIONS), rows)
