"""The working state of one supervision case: what is still to be done, kept small by dropping what is done."""

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from ledger.domain.events import CaseAction, CaseKind, CaseStep, FreezeScope, Listing

CaseState = Literal["open", "closed"]


class RunningStep(msgspec.Struct, kw_only=True):
    """A step that somebody has to finish."""

    step: CaseStep
    who: str
    due_on: date
    overdue: bool = False


class Rectification(msgspec.Struct, kw_only=True):
    """Something that the institution has to put right and that was not passed yet."""

    due_on: date
    answered: bool = False
    overdue: bool = False


class DecidedAction(msgspec.Struct, kw_only=True):
    """What was decided about an account and is not linked yet; `refused_by` is the code of the account's refusal."""

    action: CaseAction
    about_account_id: str
    reason: str
    decided_on: date
    decided_by: str
    refund_id: str = ""
    amount_fen: int = 0
    scope: FreezeScope | None = None
    listing: Listing | None = None
    refused_by: str = ""


class SupervisionCase(msgspec.Struct, kw_only=True):
    """One supervision case. Version 0 is a case that is not open yet. It owns no money.

    `owner` is the authority that received it first, `handler` the one that works on it.
    """

    id: UUID
    version: int = 0
    kind: CaseKind = "complaint"
    state: CaseState = "open"
    owner: str = ""
    handler: str = ""
    pack: str = "default"
    institution_id: str = ""
    about_account_id: str = ""
    contract_id: str = ""
    refund_id: str = ""
    family_id: str = ""
    steps: dict[int, RunningStep] = {}
    steps_started: int = 0
    rectifications: dict[str, Rectification] = {}
    rectified: list[str] = []
    """Items that were passed: their ids are not given again."""
    actions: dict[str, DecidedAction] = {}
    linked: list[str] = []
    """Done actions by id, other links as `account:version`."""
    mediated: bool = False

    def copy(self) -> "SupervisionCase":
        """An independent copy of the working state."""
        return _decode(_encode(self))

    def running(self, step: CaseStep) -> int | None:
        """The number of the running step of that kind."""
        return next((number for number, one in self.steps.items() if one.step == step), None)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SupervisionCase).decode
