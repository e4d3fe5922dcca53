"""The query of a request: days and instants as they are written, and no name that is not ours.

Neither is guessed at: a misspelt `dry_run` would record a file that was to be tried, and a number read as seconds would
tell the balance of another day.
"""

import re
from datetime import date
from typing import Annotated, Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.datastructures import QueryParams

from api.request_context import Scope

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9].*")


def _written_day(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("date_parsing", "not YYYY-MM-DD")
    return value


def _written_instant(value: Any) -> Any:
    if isinstance(value, str) and not _INSTANT.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", "not of RFC 3339")
    return value


Day = Annotated[date, BeforeValidator(_written_day)]
"""A day of a query, `YYYY-MM-DD`; pydantic alone takes seconds since 1970 too."""
Instant = Annotated[AwareDatetime, BeforeValidator(_written_instant)]
"""An instant of a query, RFC 3339 with its offset; pydantic alone takes seconds since 1970 too."""


def require_known_query(scope: Scope) -> None:
    """Errors: RequestValidationError, answered as `request_invalid`, with one fault for all unknown parameters.

    A thin route takes none.
    """
    if not scope["query_string"]:
        return
    route = scope.get("route")
    known = _names(route.dependant) if isinstance(route, APIRoute) else set[str]()
    if not known.issuperset(QueryParams(scope["query_string"])):
        raise RequestValidationError([{"type": "extra_forbidden", "loc": ("query", "*")}])


def _names(dependant: Dependant) -> set[str]:
    names = {parameter.alias for parameter in dependant.query_params}
    return names.union(*(_names(part) for part in dependant.dependencies))
