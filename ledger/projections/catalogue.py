"""All views, by name."""

from ledger.projections.alerts import Alerts
from ledger.projections.balances import Balances
from ledger.projections.cases import Cases
from ledger.projections.claims import Claims
from ledger.projections.contracts import Contracts
from ledger.projections.days import Days
from ledger.projections.districts import Districts
from ledger.projections.fee_notices import FeeNotices
from ledger.projections.inspection_draws import InspectionDraws
from ledger.projections.instructions import Instructions
from ledger.projections.lessons import Lessons
from ledger.projections.ordered_refunds import OrderedRefunds
from ledger.projections.reconciliation import Reconciliation
from ledger.projections.refunds import Refunds
from ledger.projections.suspense import Suspense
from ledger.projections.view import Views

VIEWS: Views = (
    Alerts,
    Balances,
    Cases,
    Claims,
    Contracts,
    Days,
    Districts,
    FeeNotices,
    InspectionDraws,
    Instructions,
    Lessons,
    OrderedRefunds,
    Reconciliation,
    Refunds,
    Suspense,
)
"""In the order of their names, in which everybody locks them."""
