"""What the routes of persons take and give: names, phones, ties to families and payment routes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from api.fields import Body, Name
from ledger.domain.errors import LedgerError
from ledger.people.person import FamilyTie, PaymentRoute, Person, PersonRecord

PersonName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^\S([^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S)?(?!\n)$",
        description="As in the identity document. Kept sealed, and nowhere else.",
        examples=["王小明"],
    ),
]
Phone = Annotated[
    str,
    Meta(
        max_length=24,
        pattern=r"^\+?[0-9][0-9 -]{3,20}[0-9](?!\n)$",
        description="Digits, with spaces and hyphens between them. Kept sealed.",
        examples=["139 0000 0000"],
    ),
]
BankAccountNo = Annotated[
    str,
    Meta(
        max_length=34,
        pattern=r"^[0-9A-Za-z][0-9A-Za-z -]{3,32}(?!\n)$",
        description="The number of the payer's account. Kept sealed.",
        examples=["6222 0200 0000 0000 000"],
    ),
]
Phones = Annotated[tuple[Phone, ...], Meta(max_length=5)]
ContractNos = Annotated[tuple[Name, ...], Meta(max_length=50, description="As printed on the person's contracts.")]
Relation = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]+(?!\n)$", examples=["mother"])]
Students = Annotated[tuple[Name, ...], Meta(max_length=20, description="Opaque ids, as contracts name them.")]


class Tie(Body, frozen=True, kw_only=True):
    """How the person belongs to a family: the opaque id of contracts, the relation, and to which students."""

    family_id: Name
    relation: Relation
    student_ids: Students = ()

    def told(self) -> FamilyTie:
        return FamilyTie(family_id=self.family_id, relation=self.relation, student_ids=self.student_ids)


class Route(Body, frozen=True, kw_only=True):
    """A bank account to which refunds may go. `route` is the token by which deposits name it; a new one if absent."""

    bank: Name
    account_no: BankAccountNo
    holder_name: PersonName
    route: Name | None = None


Routes = Annotated[tuple[Route, ...], Meta(max_length=20)]


class NewPerson(Body, frozen=True, kw_only=True):
    """A person of a family."""

    family: Tie
    name: PersonName
    phones: Phones = ()
    contract_nos: ContractNos = ()
    routes: Routes = ()


class PersonChange(Body, frozen=True, kw_only=True):
    """Other details in the place of all that there are, and further payment routes."""

    name: PersonName
    phones: Phones = ()
    contract_nos: ContractNos = ()
    routes: Routes = ()


class PersonReceipt(msgspec.Struct, kw_only=True):
    """That there is a person: which fields are kept of it and its route tokens, and nothing personal."""

    person_id: str
    created_at: datetime
    erased_at: datetime | None
    fields: list[str]
    routes: list[str]


class PersonShown(msgspec.Struct, kw_only=True):
    """A person in clear. What was not asked for is null."""

    person_id: str
    name: str | None
    phones: tuple[str, ...] | None
    contract_nos: tuple[str, ...] | None
    families: tuple[FamilyTie, ...] | None
    routes: tuple[PaymentRoute, ...] | None


def receipt_of_person(record: PersonRecord) -> PersonReceipt:
    """The record without who wrote it."""
    return PersonReceipt(
        person_id=str(record.person_id),
        created_at=record.created_at,
        erased_at=record.erased_at,
        fields=record.fields,
        routes=record.routes,
    )


def shown(person: Person) -> PersonShown:
    """The person as it is answered."""
    return PersonShown(
        person_id=str(person.person_id),
        name=person.name,
        phones=person.phones,
        contract_nos=person.contract_nos,
        families=person.families,
        routes=person.routes,
    )


def payment_routes(routes: Sequence[Route], key: UUID | None) -> list[PaymentRoute]:
    """The routes with their tokens. A new token is made of the request's key, so that a repetition makes the same."""
    assert key is not None
    return [
        PaymentRoute(
            route=route.route or f"route-{key.hex}-{number}",
            bank=route.bank,
            account_no="".join(route.account_no.split()).replace("-", ""),
            holder_name=route.holder_name,
        )
        for number, route in enumerate(routes)
    ]


def person_id_of(text: str) -> UUID:
    """The person id of a path. Errors: LedgerError `person_data_not_found` for text that is no id of ours."""
    try:
        return UUID(text)
    except ValueError as error:
        raise LedgerError("person_data_not_found") from error
