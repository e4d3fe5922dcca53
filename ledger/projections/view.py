"""What every read model is: tables, and for each kind of event what it changes in their rows."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, ClassVar

from ledger.domain.events import Event
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.rows import Rows
from ledger.projections.table import Table

Handler = Callable[[LoggedEvent, Any], None]


class View:
    """A read model of one partition, in memory.

    `name` is also the name of its DDL file. `number` changes when the fold changes, so that stored rows are rebuilt.
    """

    name: ClassVar[str]
    number: ClassVar[int] = 1
    tables: ClassVar[tuple[Table[Any], ...]]

    def __init__(self, *, complete: bool) -> None:
        self.rows: tuple[Rows[Any, Any], ...] = tuple(Rows(table, complete=complete) for table in self.tables)

    def folds(self) -> dict[type[Event], Handler]:
        """For each kind of event that matters here: what it changes."""
        raise NotImplementedError

    def looks(self) -> dict[type[Event], Handler]:
        """For each kind of event that matters here: which rows its fold looks at (by `Rows.want`)."""
        raise NotImplementedError

    @classmethod
    def ddl(cls) -> str:
        """The statements that create the view's tables."""
        return _ddl(cls.name)

    @classmethod
    def version(cls) -> str:
        """Which code and DDL make this view; stored rows of another version are dropped."""
        return f"{cls.number}-{_digest(cls.name)}"

    @property
    def complete(self) -> bool:
        """Whether every row of the view is in memory."""
        return all(rows.complete for rows in self.rows)


@cache
def _ddl(name: str) -> str:
    return files(__package__ or "").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def _digest(name: str) -> str:
    return sha256(_ddl(name).encode()).hexdigest()[:16]


Views = tuple[type[View], ...]
