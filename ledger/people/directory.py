"""Persons in the database: written, found, opened and erased, each in the caller's transaction."""

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from ledger.domain.errors import LedgerError
from ledger.people.blind_index import IndexKind, digest
from ledger.people.keystore import Keystore
from ledger.people.person import DETAILS, Details, FamilyTie, PaymentRoute, Person, PersonRecord
from ledger.people.sealing import SealBroken, seal, unseal

MOST_ROUTES: Final = 20
_TYPES: Final[dict[str, Any]] = {
    "name": str,
    "phones": tuple[str, ...],
    "contract_nos": tuple[str, ...],
    "families": tuple[FamilyTie, ...],
}
_INDEXED: Final[dict[str, IndexKind]] = {"phones": "phone", "contract_nos": "contract_no", "families": "family"}

_INSERT: Final = """
INSERT INTO escrow_people.persons (person_id, written_by, created_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_LOCK: Final = "SELECT erased_at FROM escrow_people.persons WHERE person_id = %s FOR UPDATE"
_RECORD: Final = """
SELECT p.person_id, p.seq, p.written_by, p.created_at, p.erased_at,
       array(SELECT field FROM escrow_people.sealed_fields f WHERE f.person_id = p.person_id ORDER BY field) AS fields,
       array(SELECT route FROM escrow_people.payment_routes r
              WHERE r.person_id = p.person_id AND r.sealed IS NOT NULL ORDER BY created_at, route) AS routes
  FROM escrow_people.persons p
"""
_BY_ID: Final = _RECORD + " WHERE p.person_id = %s"
_BY_INDEX: Final = (
    _RECORD
    + " WHERE p.seq > %s AND p.person_id IN"
    + " (SELECT person_id FROM escrow_people.blind_indexes WHERE kind = %s AND digest = ANY(%s))"
    + " ORDER BY p.seq LIMIT %s"
)
_BY_ROUTE: Final = """
SELECT route, person_id, sealed FROM escrow_people.payment_routes WHERE route = ANY(%s) AND sealed IS NOT NULL
"""
_VERSION: Final = "SELECT version FROM escrow_people.sealed_fields WHERE person_id = %s AND field = %s"
_PUT: Final = """
INSERT INTO escrow_people.sealed_fields (person_id, field, version, sealed) VALUES (%s, %s, %s, %s)
ON CONFLICT (person_id, field) DO UPDATE SET version = EXCLUDED.version, sealed = EXCLUDED.sealed
"""
_FIELDS: Final = """
SELECT field, version, sealed FROM escrow_people.sealed_fields WHERE person_id = %s AND field = ANY(%s)
"""
_ROUTE_OF: Final = "SELECT person_id, sealed FROM escrow_people.payment_routes WHERE route = %s"
_ROUTES: Final = """
SELECT route, sealed FROM escrow_people.payment_routes
 WHERE person_id = %s AND sealed IS NOT NULL ORDER BY created_at, route
"""
_PUT_ROUTE: Final = """
INSERT INTO escrow_people.payment_routes (route, person_id, sealed, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_CLEAR_INDEX: Final = "DELETE FROM escrow_people.blind_indexes WHERE person_id = %s AND kind = %s"
_PUT_INDEX: Final = """
INSERT INTO escrow_people.blind_indexes (kind, digest, person_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_ERASE: Final = (
    "DELETE FROM escrow_people.sealed_fields WHERE person_id = %(id)s",
    "DELETE FROM escrow_people.blind_indexes WHERE person_id = %(id)s",
    "UPDATE escrow_people.payment_routes SET sealed = NULL WHERE person_id = %(id)s",
    "UPDATE escrow_people.requests SET digest = NULL WHERE person_id = %(id)s",
    "UPDATE escrow_people.persons SET erased_at = coalesce(erased_at, %(at)s) WHERE person_id = %(id)s",
)
_STATES: Final = (
    "SELECT person_id, erased_at FROM escrow_people.persons WHERE person_id = ANY(%s) OR erased_at IS NOT NULL"
)

_encode = msgspec.json.encode


class Directory:
    """Persons under their keys.

    Raises LedgerError `person_data_erased` where a person is asked for whose key was destroyed, and
    `person_data_unreadable` where a key is lost or a stored value was changed, or stands in another's place.
    """

    def __init__(self, keystore: Keystore) -> None:
        self.keystore = keystore

    async def create(self, connection: AsyncConnection[Any], person_id: UUID, *, written_by: str, at: datetime) -> None:
        """A person of whom nothing is known yet."""
        await connection.execute(_INSERT, [person_id, written_by, at])
        await to_thread(self.keystore.create, person_id)

    async def record(self, connection: AsyncConnection[Any], person_id: UUID) -> PersonRecord | None:
        """That there is such a person; None if there is not."""
        cursor = connection.cursor(row_factory=class_row(PersonRecord))
        return await (await cursor.execute(_BY_ID, [person_id])).fetchone()

    async def find(
        self,
        connection: AsyncConnection[Any],
        kind: IndexKind,
        texts: Sequence[str],
        *,
        after: int = 0,
        limit: int = 100,
    ) -> list[PersonRecord]:
        """Persons with one of these phones or contract numbers or in one of these families, in the order of `seq`."""
        key = await to_thread(self.keystore.index_key)
        cursor = connection.cursor(row_factory=class_row(PersonRecord))
        digests = [digest(key, kind, text) for text in texts]
        return await (await cursor.execute(_BY_INDEX, [after, kind, digests, limit])).fetchall()

    async def put(self, connection: AsyncConnection[Any], person_id: UUID, details: Details) -> None:
        """Other details in the place of those that are there."""
        for field in ("name", "phones", "contract_nos"):
            await self._seal(connection, person_id, field, getattr(details, field))

    async def tie(self, connection: AsyncConnection[Any], person_id: UUID, tie: FamilyTie) -> None:
        """Link the person to a family, or change how it is linked."""
        person = await self.open(connection, person_id, fields=("families",))
        others = [one for one in person.families or () if one.family_id != tie.family_id]
        await self._seal(connection, person_id, "families", (*others, tie))

    async def add_routes(
        self, connection: AsyncConnection[Any], person_id: UUID, routes: Iterable[PaymentRoute], *, at: datetime
    ) -> None:
        """Put accounts behind tokens. The same again changes nothing.

        A token never comes to stand for another account: LedgerError `route_taken`; `person_routes_many`.
        """
        key = await to_thread(self.keystore.get, person_id)
        for route in routes:
            sealed = seal(key, _encode(route), str(person_id), "route", route.route)
            done = await connection.execute(_PUT_ROUTE, [route.route, person_id, sealed, at])
            if done.rowcount == 1:
                continue
            owner, stored = await _one(connection, _ROUTE_OF, route.route)
            if owner != person_id or stored is None or _opened_route(key, person_id, route.route, stored) != route:
                raise LedgerError("route_taken", route=route.route)
        if len(await self._routes(connection, person_id, key)) > MOST_ROUTES:
            raise LedgerError("person_routes_many", limit=MOST_ROUTES)

    async def open(
        self, connection: AsyncConnection[Any], person_id: UUID, *, fields: Iterable[str] = (*DETAILS, "routes")
    ) -> Person:
        """The person in clear."""
        wanted = tuple(fields)
        key = await to_thread(self.keystore.get, person_id)
        found: dict[str, Any] = {}
        for field, version, sealed in await (await connection.execute(_FIELDS, [person_id, list(wanted)])).fetchall():
            plain = _opened(key, sealed, person_id, field, str(version))
            found[field] = msgspec.json.decode(plain, type=_TYPES[field])
        routes = await self._routes(connection, person_id, key) if "routes" in wanted else None
        return Person(person_id=person_id, routes=routes, **found)

    async def open_routes(
        self, connection: AsyncConnection[Any], tokens: Iterable[str]
    ) -> dict[str, tuple[UUID, PaymentRoute]]:
        """Whose and which accounts stand behind these tokens, without unknown ones and those of erased persons."""
        found: dict[str, tuple[UUID, PaymentRoute]] = {}
        for token, owner, sealed in await (await connection.execute(_BY_ROUTE, [list(tokens)])).fetchall():
            if not self.keystore.is_erased(owner):
                found[token] = owner, _opened_route(await to_thread(self.keystore.get, owner), owner, token, sealed)
        return found

    async def erase(self, connection: AsyncConnection[Any], person_id: UUID, *, at: datetime) -> None:
        """Destroy the key and remove everything sealed or indexed, here and so in every backup. Repeatable.

        The key goes before the caller commits: if the commit fails, what is left is unreadable and removed by
        `finish_erasures`.
        """
        await connection.execute(_LOCK, [person_id])
        for statement in _ERASE:
            await connection.execute(statement, {"id": person_id, "at": at})
        await to_thread(self.keystore.destroy, person_id, at=at)

    async def finish_erasures(self, connection: AsyncConnection[Any], *, at: datetime) -> int:
        """After a restore of the database or of the keystore: erase again who was erased; the number of persons.

        A person erased according to either of the two is erased in both.
        """
        gone = await to_thread(self.keystore.erased)
        rows = await (await connection.execute(_STATES, [gone])).fetchall()
        unfinished = [one for one, erased_at in rows if erased_at is None or not self.keystore.is_erased(one)]
        for person_id in unfinished:
            await self.erase(connection, person_id, at=at)
        return len(unfinished)

    async def _seal(self, connection: AsyncConnection[Any], person_id: UUID, field: str, value: Any) -> None:
        key = await to_thread(self.keystore.get, person_id)
        row = await (await connection.execute(_VERSION, [person_id, field])).fetchone()
        version = 1 if row is None else row[0] + 1
        sealed = seal(key, _encode(value), str(person_id), field, str(version))
        await connection.execute(_PUT, [person_id, field, version, sealed])
        if field in _INDEXED:
            kind, index_key = _INDEXED[field], self.keystore.index_key()
            await connection.execute(_CLEAR_INDEX, [person_id, kind])
            for text in value:
                named = text.family_id if isinstance(text, FamilyTie) else text
                await connection.execute(_PUT_INDEX, [kind, digest(index_key, kind, named), person_id])

    async def _routes(self, connection: AsyncConnection[Any], person_id: UUID, key: bytes) -> tuple[PaymentRoute, ...]:
        rows = await (await connection.execute(_ROUTES, [person_id])).fetchall()
        return tuple(_opened_route(key, person_id, token, sealed) for token, sealed in rows)


async def lock(connection: AsyncConnection[Any], person_id: UUID) -> None:
    """Wait for whoever else changes this person, until the transaction ends."""
    await connection.execute(_LOCK, [person_id])


async def _one(connection: AsyncConnection[Any], query: str, *values: object) -> tuple[Any, ...]:
    row = await (await connection.execute(query.encode(), values)).fetchone()
    assert row is not None
    return row


def _opened_route(key: bytes, person_id: UUID, token: str, sealed: bytes) -> PaymentRoute:
    return msgspec.json.decode(_opened(key, sealed, person_id, "route", token), type=PaymentRoute)


def _opened(key: bytes, sealed: bytes, person_id: UUID, *place: str) -> bytes:
    try:
        return unseal(key, bytes(sealed), str(person_id), *place)
    except SealBroken as error:
        raise LedgerError("person_data_unreadable", person_id=str(person_id)) from error
