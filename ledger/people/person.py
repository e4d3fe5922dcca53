"""What is kept of a person, in clear: it exists in memory only, on its way in or out."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

DETAILS: Final = ("name", "phones", "contract_nos", "families")
"""The sealed fields of a person beside its payment routes."""


class FamilyTie(msgspec.Struct, frozen=True, kw_only=True):
    """That a person belongs to a family (an opaque id of contracts): in which relation, and to which students."""

    family_id: str
    relation: str
    student_ids: tuple[str, ...] = ()


class PaymentRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A bank account under the opaque token by which events name it."""

    route: str
    bank: str
    account_no: str
    holder_name: str


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is called and how it is reached. `contract_nos` are as printed on its contracts."""

    name: str
    phones: tuple[str, ...] = ()
    contract_nos: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person in clear; fields that were not asked for are None."""

    person_id: UUID
    name: str | None = None
    phones: tuple[str, ...] | None = None
    contract_nos: tuple[str, ...] | None = None
    families: tuple[FamilyTie, ...] | None = None
    routes: tuple[PaymentRoute, ...] | None = None


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True):
    """That there is a person, without anything personal. `routes` are its tokens, `fields` what is kept of it.

    `seq` is its place in lists.
    """

    person_id: UUID
    seq: int
    written_by: str
    created_at: datetime
    erased_at: datetime | None
    fields: list[str]
    routes: list[str]
