"""A contract that is bought under a pack, and the quote of a refund of it."""

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import Scenario


def bought(pack: str = "default", *packages: e.Package, paid_fen: int = 1000, **said: object) -> Scenario:
    """Contract `c1` of 1000 fen for 10 lessons, or of these packages, under the pack."""
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack=pack)
    scenario.sign("c1", *packages, **said)
    scenario.pay("c1", paid_fen)
    return scenario


def ask(scenario: Scenario, **said: object) -> e.RefundQuoted:
    asked, quoted = scenario.do(c.RequestRefund, contract_id="c1", **said)
    assert isinstance(asked, e.RefundRequested)
    assert isinstance(quoted, e.RefundQuoted)
    assert quoted.amount_fen == sum(line.refund_fen for line in quoted.lines)
    assert set(quoted.lines) <= set(quoted.bases)
    return quoted


def named(quoted: e.RefundQuoted) -> list[tuple[int, str | None, int]]:
    return [(line.package, line.basis, line.refund_fen) for line in quoted.bases]
