"""An institution tells of a family's persons: names, phones, payment routes, and how they belong to the family."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from ledger.application.caller import Caller, key_of
from ledger.application.people.registry import Registry
from ledger.domain.errors import LedgerError
from ledger.people import access_log
from ledger.people.directory import lock
from ledger.people.person import Details, FamilyTie, PaymentRoute, PersonRecord
from ledger.projections.paging import Scope

_TAKE: Final = """
INSERT INTO escrow_people.requests (request_key, person_id, digest) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_TAKEN: Final = "SELECT person_id, digest FROM escrow_people.requests WHERE request_key = %s"


class Written(NamedTuple):
    """The person as it is recorded now, and whether the request was made before."""

    record: PersonRecord
    replayed: bool


async def add_person(
    registry: Registry,
    caller: Caller,
    scope: Scope,
    *,
    tie: FamilyTie,
    details: Details,
    routes: Sequence[PaymentRoute] = (),
) -> Written:
    """A new person of a family that has a contract in the caller's scope. The request's key makes its id.

    Raises LedgerError `family_not_found`, `route_taken`, `person_routes_many`, `idempotency_key_reused`,
    `person_data_erased` (the same request, after the erasure).
    """
    assert caller.idempotency_key is not None
    person_id = key_of("person", caller.idempotency_key.hex)
    async with registry.pool.connection() as connection:
        accounts = await registry.accounts_of(connection, [tie.family_id], scope)
        if not accounts:
            raise LedgerError("family_not_found")
        written_by = accounts[0].institution_id if scope.institution_ids is not None else ""
        at = registry.clock()
        await registry.directory.create(connection, person_id, written_by=written_by, at=at)
        first = await _take(registry, connection, caller, person_id)
        if first:
            await registry.directory.put(connection, person_id, details)
            await registry.directory.tie(connection, person_id, tie)
            await registry.directory.add_routes(connection, person_id, routes, at=at)
            ids = [account.account_id for account in accounts]
            await _log(registry, connection, caller, person_id, ids, "name", "phones", "contract_nos", "families")
        return await _written(registry, connection, person_id, first)


async def change_person(
    registry: Registry,
    caller: Caller,
    scope: Scope,
    person_id: UUID,
    *,
    details: Details | None = None,
    tie: FamilyTie | None = None,
    routes: Sequence[PaymentRoute] = (),
) -> Written:
    """Other details, one more family (with a contract in the caller's scope) or further payment routes.

    Raises as `add_person`, and `person_data_not_found`, `person_data_not_own`.
    """
    async with registry.pool.connection() as connection:
        record, ids, _ = await registry.visible(connection, person_id, scope)
        if scope.institution_ids is not None and record.written_by not in scope.institution_ids:
            raise LedgerError("person_data_not_own", person_id=str(person_id))
        if tie is not None and not await registry.accounts_of(connection, [tie.family_id], scope):
            raise LedgerError("family_not_found")
        await lock(connection, person_id)
        first = await _take(registry, connection, caller, person_id)
        if first:
            at = registry.clock()
            changed: list[str] = []
            if details is not None:
                await registry.directory.put(connection, person_id, details)
                changed += ["name", "phones", "contract_nos"]
            if tie is not None:
                await registry.directory.tie(connection, person_id, tie)
                changed.append("families")
            if routes:
                await registry.directory.add_routes(connection, person_id, routes, at=at)
                changed.append("routes")
            await _log(registry, connection, caller, person_id, ids, *changed)
        return await _written(registry, connection, person_id, first)


async def _take(registry: Registry, connection: AsyncConnection[Any], caller: Caller, person_id: UUID) -> bool:
    """Whether the request is made for the first time.

    A plain hash of names and phones could be guessed: it is keyed with the person's own key, and erased with it.
    """
    if caller.idempotency_key is None or caller.request_hash is None:
        return True
    key = await asyncio.to_thread(registry.directory.keystore.get, person_id)
    digest = hmac.digest(key, caller.request_hash, hashlib.sha256)
    taken = await connection.execute(_TAKE, [caller.idempotency_key, person_id, digest])
    if taken.rowcount == 1:
        return True
    owner, kept = await (await connection.execute(_TAKEN, [caller.idempotency_key])).fetchone() or (None, None)
    if owner != person_id or kept is None or not hmac.compare_digest(bytes(kept), digest):
        raise LedgerError("idempotency_key_reused")
    return False


async def _log(
    registry: Registry,
    connection: AsyncConnection[Any],
    caller: Caller,
    person_id: UUID,
    account_ids: Sequence[UUID],
    *fields: str,
) -> None:
    await access_log.append(
        connection,
        person_id,
        at=registry.clock(),
        actor=caller.actor,
        action="written",
        fields=fields,
        account_ids=account_ids,
    )


async def _written(registry: Registry, connection: AsyncConnection[Any], person_id: UUID, first: bool) -> Written:
    record = await registry.directory.record(connection, person_id)
    assert record is not None
    return Written(record, not first)
