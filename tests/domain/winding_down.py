"""Wind-downs in few words: started, worked through page by page, shared, and paid or bounced by the bank."""

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import Scenario, package


def families(*paid_fen: int, lessons: int = 10) -> Scenario:
    """An account with a contract for each amount, `c1`, `c2` ...: one package of so many lessons, paid in full."""
    scenario = Scenario()
    for number, amount_fen in enumerate(paid_fen, 1):
        contract_id = f"c{number}"
        scenario.sign(contract_id, package(1, amount_fen, lessons), family_id=f"family-{number}")
        scenario.pay(contract_id, amount_fen, payer_route=f"route-{number}")
    return scenario


def seize(scenario: Scenario, amount_fen: int, reference: str = "seized-1") -> None:
    """Money leaves the account without an instruction."""
    scenario.do(c.RecordUnexplainedDebit, amount_fen=amount_fen, bank_reference=reference)


def work_through(scenario: Scenario) -> list[e.Event]:
    """Go on until there is nothing to go on with; the events."""
    done: list[e.Event] = []
    while events := scenario.do(c.ContinueWindDown):
        done += events
    return done


def wind_down(scenario: Scenario) -> list[e.Event]:
    """Start a wind-down and record all claims; the events."""
    return [*scenario.do(c.StartWindDown), *work_through(scenario)]


def distribute(scenario: Scenario) -> list[e.Event]:
    """Share what is there; the events."""
    return [*scenario.do(c.DistributeClaims), *work_through(scenario)]


def settle_all(scenario: Scenario) -> None:
    """The bank pays everything that waits for it."""
    for instruction_id in scenario.pending():
        scenario.settle(instruction_id, bank_reference=f"settled-{instruction_id}")


def claims(events: list[e.Event]) -> dict[str, int]:
    """Of these events the claims (fen), by contract."""
    found: dict[str, int] = {}
    for event in events:
        for claim in event.claims if isinstance(event, e.ClaimRecorded) else ():
            found[claim.contract_id] = found.get(claim.contract_id, 0) + claim.claim_fen
    return found


def allocated(events: list[e.Event]) -> dict[str, int]:
    """Of these events what was allocated (fen), by contract."""
    found: dict[str, int] = {}
    for event in events:
        for line in event.lines if isinstance(event, e.ClaimAllocated) else ():
            found[line.contract_id] = found.get(line.contract_id, 0) + line.allocated_fen
    return found


def paid(scenario: Scenario) -> dict[str, int]:
    """What the bank has paid to each contract's family in all, less what came back (fen)."""
    found: dict[str, int] = {}
    for event in scenario.history:
        if isinstance(event, e.RefundPaid | e.RefundReturned):
            contract_id = scenario.account.refunds[event.refund_id].contract_id
            sign = 1 if isinstance(event, e.RefundPaid) else -1
            found[contract_id] = found.get(contract_id, 0) + sign * event.amount_fen
    return found
