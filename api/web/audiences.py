"""All pages of the app, by audience."""

from typing import Final

from api.web import breaks, live, look_up, oidc, sign_in
from api.web.bank import clients as bank_clients
from api.web.bank import entries as bank_entries
from api.web.bank import files as bank_files
from api.web.bank import home as bank_home
from api.web.bank import orders as bank_orders
from api.web.bank import status as bank_status
from api.web.bank import webhooks as bank_webhooks
from api.web.institution import classes, closure, contract, fees, home, money_ahead
from api.web.institution import contracts as institution_contracts
from api.web.institution import lessons as institution_lessons
from api.web.institution import orders as institution_orders
from api.web.institution import rectifications as institution_rectifications
from api.web.institution import refunds as institution_refunds
from api.web.operator import home as operator_home
from api.web.operator import installation, upkeep
from api.web.operator import requests as operator_requests
from api.web.parent import complaints, contracts, receipts, refunds, statement, transfers
from api.web.regulator import accounts as regulator_accounts
from api.web.regulator import alerts as regulator_alerts
from api.web.regulator import campaign, facts, inspections, league, premises, reconciliation, visits, wind_down
from api.web.regulator import cases as regulator_cases
from api.web.regulator import home as regulator_home
from api.web.regulator import orders as regulator_orders
from api.web.regulator import rectifications as regulator_rectifications
from api.web.regulator import suspense as regulator_suspense
from api.web.site import Pages

AUDIENCES: Final[tuple[Pages, ...]] = (
    sign_in.pages,
    oidc.pages,
    live.pages,
    look_up.pages,
    contracts.pages,
    refunds.pages,
    complaints.pages,
    statement.pages,
    transfers.pages,
    receipts.pages,
    home.pages,
    classes.pages,
    institution_refunds.pages,
    institution_contracts.pages,
    contract.pages,
    institution_lessons.pages,
    institution_orders.pages,
    money_ahead.pages,
    closure.pages,
    fees.pages,
    institution_rectifications.pages,
    regulator_home.pages,
    regulator_accounts.pages,
    premises.pages,
    facts.pages,
    regulator_alerts.pages,
    regulator_cases.pages,
    league.pages,
    wind_down.pages,
    inspections.pages,
    regulator_rectifications.pages,
    reconciliation.pages,
    regulator_suspense.pages,
    regulator_orders.pages,
    campaign.pages,
    visits.pages,
    breaks.pages,
    bank_home.pages,
    bank_files.pages,
    bank_orders.pages,
    bank_status.pages,
    bank_entries.pages,
    bank_webhooks.pages,
    bank_clients.pages,
    operator_home.pages,
    upkeep.pages,
    operator_requests.pages,
    installation.pages,
)
"""In the order in which addresses are tried."""
