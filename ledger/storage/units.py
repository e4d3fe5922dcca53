"""Who waits for the writer: requests that are recorded together, and groups of them under one future."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome, Request

LONG = 500
"""More units than so many are a long batch, which is sent in parts while it is decided."""
_LEAST_PART = 64

Said = list[Outcome] | Exception
"""What a unit is told: its requests' outcomes, a refusal, or why the writer failed it."""


class Group:
    """Units that one caller waits for and that do not depend on each other's fate; they may go with several commits.

    `answer` has one result a unit, in order, once all of them were told. A failure that is no refusal fails it.
    """

    def __init__(self, answer: "asyncio.Future[list[Outcome | LedgerError]]", size: int) -> None:
        self.answer = answer
        self._results: list[Outcome | LedgerError | None] = [None] * size
        self._left = size
        self._failure: Exception | None = None

    def tell(self, item: int, said: Said) -> None:
        """The unit at that place is told."""
        if isinstance(said, list):
            (self._results[item],) = said
        elif isinstance(said, LedgerError):
            self._results[item] = said
        else:
            self._failure = self._failure or said
        self._left -= 1
        if self._left == 0 and not self.answer.done():
            if self._failure is None:
                self.answer.set_result(cast("list[Outcome | LedgerError]", self._results))
            else:
                self.answer.set_exception(self._failure)


class Unit(msgspec.Struct, eq=False, gc=False):
    """Requests that are recorded together or not at all, and who waits for them: a future of its own, or a group."""

    requests: tuple[Request, ...]
    answer: "asyncio.Future[list[Outcome]] | None" = None
    group: Group | None = None
    item: int = 0
    told: bool = False

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits any more: it was told, or the caller has gone away."""
        waiting = self.answer if self.group is None else self.group.answer
        return self.told or (waiting is not None and waiting.done())

    def tell(self, said: Said) -> None:
        """Answer who waits; what is said later is not heard."""
        if self.told:
            return
        self.told = True
        if self.group is not None:
            self.group.tell(self.item, said)
        elif self.answer is not None and not self.answer.done():
            if isinstance(said, list):
                self.answer.set_result(said)
            else:
                self.answer.set_exception(said)


def grouped(requests: Sequence[Request], answer: "asyncio.Future[list[Outcome | LedgerError]]") -> list[Unit]:
    """One unit a request, all under this future."""
    group = Group(answer, len(requests))
    return [Unit((request,), None, group, item) for item, request in enumerate(requests)]


def requests_of(units: Iterable[Unit]) -> list[Request]:
    """All requests of the units, in order."""
    return [request for unit in units for request in unit.requests]


def in_parts(units: list[Unit]) -> list[list[Unit]]:
    """The parts in which a batch is sent. Each part of a long one has three quarters of the one before, about what the
    database takes for a row beside what deciding takes: it always has something to do, and the last part is short."""
    if len(units) <= LONG:
        return [units]
    parts: list[list[Unit]] = []
    start, size = 0, len(units) // 3
    while start < len(units):
        end = start + size if len(units) - start - size > _LEAST_PART // 2 else len(units)
        parts.append(units[start:end])
        start, size = end, max(_LEAST_PART, size * 3 // 4)
    return parts
