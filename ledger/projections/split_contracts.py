"""Contracts of one child and subject in several accounts of an institution, out of the views that have them."""

from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.charge_splits import ContractTerms
from ledger.projections.paging import Filter, Scope

# What came back of a package was not charged in the end: only what was drawn of it counts.
_GROUPS = """
SELECT b.institution_id, t.student_id, t.subject,
       jsonb_agg(jsonb_build_object(
           'account_id', t.account_id, 'contract_id', t.contract_id, 'category', t.category,
           'signed_on', t.signed_on, 'starts_on', t.starts_on, 'ends_on', t.ends_on,
           'lessons', p.lessons, 'amount_fen', p.amount_fen, 'pack', b.pack)
           ORDER BY t.account_id, t.contract_id)
  FROM escrow_views.contracts t
  JOIN escrow_views.balances b ON b.account_id = t.account_id
  CROSS JOIN LATERAL (
      SELECT coalesce(sum(CASE WHEN (one ->> 'refunded_fen')::bigint > 0
                 THEN (one ->> 'paid_lessons')::bigint + (one ->> 'gift_lessons')::bigint
                      - (one ->> 'lessons_left')::bigint
                 ELSE (one ->> 'paid_lessons')::bigint + (one ->> 'gift_lessons')::bigint END), 0)::bigint AS lessons,
             coalesce(sum(CASE WHEN (one ->> 'refunded_fen')::bigint > 0 THEN (one ->> 'drawn_fen')::bigint
                 ELSE (one ->> 'price_fen')::bigint END), 0)::bigint AS amount_fen
        FROM jsonb_array_elements(t.packages) one) p
 WHERE t.status IN ('open', 'refund_open') AND t.billing = 'prepaid' AND t.student_id <> '' AND t.ends_on >= %(on)s
   AND b.institution_id IN (SELECT institution_id FROM escrow_views.balances GROUP BY 1 HAVING count(*) > 1)
   AND {}
 GROUP BY 1, 2, 3
HAVING count(DISTINCT t.account_id) > 1
   AND (b.institution_id, t.student_id, t.subject)
        > (%(institution)s, %(student)s, %(subject)s)
 ORDER BY 1, 2, 3 LIMIT %(limit)s
"""


class ContractPart(ContractTerms, frozen=True, kw_only=True):
    """A contract with the pack of its account."""

    pack: str


class ChildContracts(msgspec.Struct, frozen=True, kw_only=True):
    """The running prepaid contracts of a child and subject, in more than one account of the institution."""

    institution_id: str
    student_id: str
    subject: str
    contracts: list[ContractPart]

    @property
    def place(self) -> tuple[str, str, str]:
        """The place in the list."""
        return self.institution_id, self.student_id, self.subject


async def list_page(
    connection: AsyncConnection[Any],
    on: date,
    *,
    scope: Scope,
    after: tuple[str, str, str] | None,
    limit: int,
) -> list[ChildContracts]:
    """A page of children with contracts in several accounts of the scope, in the order of institution and child."""
    where = Filter()
    where.accounts(scope)
    query = sql.SQL(_GROUPS).format(sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")]))
    institution, student, subject = after or ("", "", "")
    values = where.values | {"on": on, "limit": limit, "institution": institution, "student": student}
    values["subject"] = subject
    cursor = await connection.execute(query, values, prepare=False)
    return [
        ChildContracts(
            institution_id=institution_id,
            student_id=student_id,
            subject=subject,
            contracts=msgspec.convert(contracts, list[ContractPart]),
        )
        for institution_id, student_id, subject, contracts in await cursor.fetchall()
    ]
