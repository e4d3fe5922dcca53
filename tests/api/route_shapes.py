"""What the table of routes is made of: a request that is right, and what others than its caller are told."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple

from tests.api.town import Json, Town

Foreign = Literal["not_found", "empty", "district_denied", "refused_items", "nothing_closed", "own_rows"]


class Right(NamedTuple):
    """A request that its caller may make: what fills the path, and the body."""

    path: Json = {}  # noqa: RUF012
    body: Any = None
    query: Json = {}  # noqa: RUF012
    content: bytes | None = None
    media_type: str = "application/json"
    headers: dict[str, str] = {}  # noqa: RUF012


Arrange = Callable[[Town], Awaitable[Right]]


class Case(NamedTuple):
    """One route. `foreign` is what a caller with the permission and another row scope is answered."""

    permission: str
    arrange: Arrange
    foreign: Foreign = "not_found"
    owner: str = ""
    """The client that made it, where it is nobody else's."""


WHY = {"reason": "as decided"}
