"""Business resources, one a file; each router's paths are whole (`/v1/...`), and `ROUTERS` is what the app serves."""

from collections.abc import Mapping

from fastapi import APIRouter

from api.hot_routes import Endpoint
from api.routes import (
    account_controls,
    account_money,
    accounts,
    advances,
    alerts,
    amendments,
    balances,
    bank_files,
    case_outcomes,
    cases,
    cash_reports,
    close_day,
    complaints,
    contracts,
    deposits,
    fee_notices,
    inspections,
    instructions,
    kept_fees,
    lesson_answers,
    lessons,
    payment_messages,
    payouts,
    people,
    refund_quotes,
    refunds,
    rules,
    statements,
    stream,
    suspense,
    suspension,
    webhooks,
)

ROUTERS: list[APIRouter] = [
    deposits.router,
    bank_files.router,
    instructions.router,
    payment_messages.router,
    statements.router,
    contracts.router,
    amendments.router,
    cash_reports.router,
    fee_notices.router,
    lessons.router,
    lesson_answers.router,
    payouts.router,
    advances.router,
    kept_fees.router,
    suspense.router,
    refunds.router,
    refund_quotes.router,
    accounts.router,
    account_controls.router,
    suspension.router,
    account_money.router,
    balances.router,
    alerts.router,
    close_day.router,
    complaints.router,
    cases.router,
    case_outcomes.router,
    inspections.router,
    people.router,
    rules.router,
    stream.router,
    webhooks.router,
]

HOT_ROUTES: Mapping[str, Endpoint] = deposits.HOT_ROUTES
"""POST path -> endpoint of what is answered before FastAPI's layers."""
