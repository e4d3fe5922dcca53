"""One person is erased: name, phones, ties and payment routes go, money and history stay as they are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ledger.application.people.registry import Asker, Registry, Seen
from ledger.domain.errors import LedgerError
from ledger.people import access_log
from ledger.people.access_log import require_reason
from ledger.people.directory import lock
from ledger.projections import families
from ledger.projections.paging import EVERYTHING


class Erased(NamedTuple):
    """Since when the person's data are gone, and whether they were gone before."""

    person_id: UUID
    erased_at: datetime
    before: bool


async def erase_person(registry: Registry, asker: Asker, person_id: UUID, *, reason: str) -> Erased:
    """Destroy the person's key and what it sealed; done before, it changes nothing and says since when.

    A refund of the family that is not paid yet may have to go along the person's payment route, so a person with
    routes waits for it: LedgerError `person_refund_pending`. Raises `person_data_not_found`, `reveal_reason_missing`.
    """
    reason = require_reason(reason)
    await registry.catch_up()
    async with registry.pool.connection() as connection:
        await lock(connection, person_id)
        try:
            seen = await registry.visible(connection, person_id, asker.scope)
        except LedgerError as refused:
            record = await registry.directory.record(connection, person_id)
            if record is not None and refused.code == "person_data_erased":
                # A key that was destroyed before the database failed, or was restored: go through with it.
                at = record.erased_at or registry.clock()
                await registry.directory.erase(connection, person_id, at=at)
                return Erased(person_id, at, True)
            if record is None or refused.code != "person_data_unreadable" or asker.scope != EVERYTHING:
                raise
            seen = Seen(record, [], [])
        record = seen.record
        if record.routes:
            refund_id = await families.unpaid_refund(connection, seen.family_ids)
            if refund_id is not None:
                raise LedgerError("person_refund_pending", refund_id=refund_id)
        at = registry.clock()
        await access_log.append(
            connection,
            person_id,
            at=at,
            actor=asker.actor,
            action="erased",
            fields=(*record.fields, "routes") if record.routes else record.fields,
            reason=reason,
            account_ids=seen.account_ids,
        )
        await registry.directory.erase(connection, person_id, at=at)
    return Erased(person_id, at, False)
