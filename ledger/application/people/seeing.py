"""Personal data in clear: revealed to a regulator for a reason, shown to the family itself, always with a trace."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from ledger.application.people.registry import Asker, Registry
from ledger.domain.errors import LedgerError
from ledger.people import access_log
from ledger.people.access_log import Access, require_reason
from ledger.people.blind_index import IndexKind
from ledger.people.person import DETAILS, PaymentRoute, Person, PersonRecord
from ledger.projections import families
from ledger.projections.paging import EVERYTHING

FIELDS: Final = (*DETAILS, "routes")
_MOST: Final = 100_000


async def reveal(
    registry: Registry, asker: Asker, person_id: UUID, *, reason: str, fields: Sequence[str] = FIELDS
) -> Person:
    """The person in clear. The entry in the access log is durable before anything is answered.

    Raises LedgerError `reveal_reason_missing`, `person_data_not_found`, `person_data_erased`, `person_data_unreadable`.
    """
    reason = require_reason(reason)
    async with registry.pool.connection() as connection:
        seen = await registry.visible(connection, person_id, asker.scope)
        person = await registry.directory.open(connection, person_id, fields=fields)
        await access_log.append(
            connection,
            person_id,
            at=registry.clock(),
            actor=asker.actor,
            action="revealed",
            fields=fields,
            reason=reason,
            account_ids=seen.account_ids,
        )
    return person


async def own_persons(registry: Registry, asker: Asker, family_id: str) -> list[Person]:
    """What is kept of a family's persons, for the family. Other families of theirs are left out.

    Raises LedgerError `family_not_found`.
    """
    if family_id not in (asker.scope.family_ids or ()):
        raise LedgerError("family_not_found")
    async with registry.pool.connection() as connection:
        records = await registry.directory.find(connection, "family", [family_id], limit=_MOST)
        persons = [await registry.directory.open(connection, one.person_id) for one in records]
        accounts = await registry.accounts_of(connection, [family_id], EVERYTHING)
        await access_log.append(
            connection,
            *(one.person_id for one in records),
            at=registry.clock(),
            actor=asker.actor,
            action="read_own",
            fields=FIELDS,
            account_ids=[account.account_id for account in accounts],
        )
    return [_of_family(person, family_id) for person in persons]


async def list_persons(
    registry: Registry, asker: Asker, family_id: str, *, after: int, limit: int
) -> list[PersonRecord]:
    """That there are persons of a family, without anything personal; nobody for a family out of scope."""
    async with registry.pool.connection() as connection:
        if not await registry.accounts_of(connection, [family_id], asker.scope):
            return []
        return await registry.directory.find(connection, "family", [family_id], after=after, limit=limit)


async def find_persons(
    registry: Registry, asker: Asker, kind: IndexKind, text: str, *, reason: str
) -> list[PersonRecord]:
    """Persons in the scope with this phone or contract number. That they were looked for is logged.

    Raises LedgerError `reveal_reason_missing`.
    """
    reason = require_reason(reason)
    found: list[PersonRecord] = []
    async with registry.pool.connection() as connection:
        for record in await registry.directory.find(connection, kind, [text], limit=_MOST):
            person = await registry.directory.open(connection, record.person_id, fields=("families",))
            ties = [tie.family_id for tie in person.families or ()]
            accounts = await families.accounts_of(connection, ties, scope=asker.scope)
            if not accounts and asker.scope != EVERYTHING:
                continue
            found.append(record)
            await access_log.append(
                connection,
                record.person_id,
                at=registry.clock(),
                actor=asker.actor,
                action="found",
                fields=(kind,),
                reason=reason,
                account_ids=[account.account_id for account in accounts],
            )
    return found


async def reveal_payees(
    registry: Registry,
    asker: Asker,
    account_id: UUID,
    *,
    family_ids: Collection[str],
    routes: Collection[str],
    reason: str,
) -> tuple[dict[str, list[str]], dict[str, PaymentRoute]]:
    """For paying many families of one account: names by family, and accounts by route token, logged one by one.

    Erased persons are left out. Raises LedgerError `reveal_reason_missing`, `person_data_unreadable`.
    """
    reason = require_reason(reason)
    wanted, names = set(family_ids), dict[str, list[str]]()
    async with registry.pool.connection() as connection:
        opened = await registry.directory.open_routes(connection, routes)
        records = await registry.directory.find(connection, "family", sorted(wanted), limit=_MOST)
        for record in records:
            person = await registry.directory.open(connection, record.person_id, fields=("name", "families"))
            for tie in person.families or ():
                if tie.family_id in wanted and person.name is not None:
                    names.setdefault(tie.family_id, []).append(person.name)
        by_fields: dict[tuple[str, ...], set[UUID]] = {
            ("name", "families"): {record.person_id for record in records},
            ("routes",): {owner for owner, _ in opened.values()},
        }
        for fields, persons in by_fields.items():
            await access_log.append(
                connection,
                *sorted(persons),
                at=registry.clock(),
                actor=asker.actor,
                action="revealed",
                fields=fields,
                reason=reason,
                account_ids=[account_id],
            )
    return names, {token: route for token, (_, route) in opened.items()}


async def list_accesses(
    registry: Registry, asker: Asker, *, person_id: UUID | None = None, after: int = 0, limit: int = 100
) -> list[Access]:
    """The access log, as far as it is about families with an account in the scope."""
    async with registry.pool.connection() as connection:
        accounts = await families.accounts_in(connection, asker.scope)
        return await access_log.list_page(connection, accounts=accounts, person_id=person_id, after=after, limit=limit)


def _of_family(person: Person, family_id: str) -> Person:
    ties = tuple(tie for tie in person.families or () if tie.family_id == family_id)
    return Person(
        person_id=person.person_id,
        name=person.name,
        phones=person.phones,
        contract_nos=person.contract_nos,
        families=ties,
        routes=person.routes,
    )


__all__ = [
    "FIELDS",
    "find_persons",
    "list_accesses",
    "list_persons",
    "own_persons",
    "reveal",
    "reveal_payees",
]
