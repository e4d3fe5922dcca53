"""The payments of one contract, read from the log itself: what a receipt says."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.domain.events import Event, FeeKeptByInstitution, FeePaid, SuspenseMatched
from ledger.projections.contracts import ContractBalance
from ledger.projections.event_log import Decode

_Paying = FeePaid | SuspenseMatched | FeeKeptByInstitution
_KINDS: Final[tuple[type[_Paying], ...]] = (FeePaid, SuspenseMatched, FeeKeptByInstitution)
# Read by the account's own index; that the id stands somewhere in the payload spares decoding other families' payments.
_READ = """
SELECT version, topic, state FROM escrow.events
 WHERE partition = %s AND account_id = %s AND topic = ANY(%s) AND strpos(state, %s) > 0 ORDER BY version
"""


class ContractPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a contract (fen) as the event `version` of its account recorded it.

    `reference` is the bank's, or of fees that the institution keeps (`kept`) its own receipt's. What was in suspense
    first (`matched`) counts from the day on which it was found to be this contract's.
    """

    version: int
    paid_on: date
    recorded_at: datetime
    amount_fen: int
    reference: str
    matched: bool = False
    kept: bool = False


async def list_payments(
    connection: AsyncConnection[Any], contract: ContractBalance, *, decode: Decode
) -> list[ContractPayment]:
    """Every payment of the contract, oldest first. What came over from another contract is not among them."""
    values = (
        contract.partition,
        UUID(contract.account_id),
        [kind.topic for kind in _KINDS],
        contract.contract_id,
    )
    cursor = await connection.execute(_READ, values)
    found: list[ContractPayment] = []
    for version, topic, state in await cursor.fetchall():
        payment = _payment(version, decode(topic, state), contract.contract_id)
        if payment is not None:
            found.append(payment)
    return found


def _payment(version: int, event: Event, contract_id: str) -> ContractPayment | None:
    assert isinstance(event, _Paying), event
    if event.contract_id != contract_id:
        return None
    return ContractPayment(
        version=version,
        paid_on=event.effective_on,
        recorded_at=event.recorded_at,
        amount_fen=event.amount_fen,
        reference=event.bank_reference if isinstance(event, FeePaid) else event.payment_reference,
        matched=isinstance(event, SuspenseMatched),
        kept=isinstance(event, FeeKeptByInstitution),
    )
