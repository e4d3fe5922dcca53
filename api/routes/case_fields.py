"""What the routes of cases share: fields, the receipt, and one way from a body to a recorded command."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.responses import Response

from api.answers import recorded
from api.auth.principal import Principal
from api.calls import Call
from api.codes import ApiError
from api.fields import Body
from api.pages import scope_of
from ledger.application.cases import act_on_case
from ledger.application.reading import as_uuid
from ledger.domain.authorities import EVERYWHERE, acts_for, district_of
from ledger.domain.commands.cases import CaseCommand
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome

AuthorityCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=25,
        pattern=r"^[0-9A-Za-z]{1,12}(/[0-9A-Za-z]{1,12})?(?!\n)$",
        description="A district's authorities, or one of them: `310104/sports`.",
        examples=["310104/education"],
    ),
]
Sha256 = Annotated[
    str, Meta(pattern=r"^([0-9a-f]{64})?(?!\n)$", description="SHA-256 of a document (hex), or empty.", examples=[""])
]
DueOn = Annotated[date | None, Meta(description="The last day; the policy's if absent.", examples=["2026-09-30"])]
EffectiveOn = Annotated[
    date | None, Meta(description="The day it counts for; today if absent, never later.", examples=["2026-09-01"])
]
OF_CASES: Final = ("case_not_found", "case_closed")


class CaseBody(Body, frozen=True, kw_only=True):
    """Everything that is recorded on a case counts for a day."""

    effective_on: EffectiveOn = None


class CaseReceipt(msgspec.Struct, kw_only=True):
    """A command's place in the log. Give `partition:position` as `at_least` to a read that has to show it."""

    case_id: str
    partition: int
    position: int
    version: int
    events: list[str]


def case_receipt(outcome: Outcome) -> CaseReceipt:
    """The receipt of a command to a case."""
    return CaseReceipt(
        case_id=str(outcome.account_id),
        partition=outcome.partition,
        position=outcome.position,
        version=outcome.version,
        events=[event.topic for event in outcome.events],
    )


def case_id_of(text: str) -> UUID:
    """The case id of a path. Errors: LedgerError `case_not_found` for text that is no id of ours."""
    case_id = as_uuid(text)
    if case_id is None:
        raise LedgerError("case_not_found")
    return case_id


def acting_as(principal: Principal, named: str | None) -> str:
    """The authority that receives what this client opens: the one named, or the only one that it acts for.

    Errors: ApiError `district_denied`.
    """
    if named is None and len(principal.acting) == 1 and district_of(principal.acting[0]) != EVERYWHERE:
        return principal.acting[0]
    if named is None or not acts_for(principal.acting, named):
        raise ApiError("district_denied", district=named or EVERYWHERE)
    return named


def said_of(call: Call[Any], case_id: str) -> dict[str, Any]:
    """What every command to a case says."""
    return {
        "account_id": case_id_of(case_id),
        "effective_on": call.body.effective_on or call.ledger.today(),
        "acting": call.principal.acting,
    }


async def act(call: Call[Any], case_id: str, kind: type[CaseCommand], /, **fields: Any) -> Response:
    """Record one command to a case that the caller may see."""
    command = kind(**said_of(call, case_id), **fields)
    outcome = await act_on_case(call.ledger, call.reader, call.caller, command, scope=scope_of(call.principal))
    return recorded(case_receipt(outcome), outcome)
