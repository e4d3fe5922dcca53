"""A table of rows that are read whole: its keys, and each row as one text."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from ledger.postgres import wire
from ledger.postgres.pipeline import Statement
from ledger.projections.table import Standing, Table, TableWrite

R = TypeVar("R", bound=msgspec.Struct)
_encode = msgspec.json.encode


class StateTable(Table[R]):
    """`escrow_views.<name>` with the columns of the key (texts and UUIDs), `partition` and `state`, the row's JSON.

    PostgreSQL keeps the state as it comes: to parse it there would take longer than all else about the row.
    """

    def __init__(self, name: str, row: type[R], *, key: tuple[str, ...]) -> None:
        super().__init__(name, row, key=key)
        self.fields = self.columns = self._changing = (*key, "partition", "state")
        self._partition = attrgetter("partition")
        self._decode_row = msgspec.json.Decoder(row).decode

    def dump(self, row: R) -> tuple[Any, ...]:
        return (*(getattr(row, name) for name in self.fields[:-1]), _encode(row).decode())

    def load(self, values: Sequence[Any]) -> R:
        return self._decode_row(values[-1])

    def _sent(self, fields: Sequence[str], types: Mapping[str, str]) -> str:
        arrays = ", ".join(f"${number}::text[]" for number in range(1, len(self.key) + 1))
        keys = ", ".join(f'"{name}"::{types[name]}' for name in self.key)
        names = ", ".join(f'"{name}"' for name in self.key)
        after = len(self.key) + 1
        return (
            f"(SELECT {keys}, partition, state FROM unnest({arrays}, ${after}::int[], ${after + 1}::text[])"
            f" AS o ({names}, partition, state)) AS r"
        )

    def write(self, rows: list[R], standing: Standing) -> TableWrite:
        keys = [wire.texts([getattr(row, name) for row in rows]) for name in self.key]
        partitions = wire.int4s([self._partition(row) for row in rows])
        states = wire.encoded_texts([_encode(row) for row in rows])
        return TableWrite(Statement(self._statement(standing), [*keys, partitions, states]), len(rows))
