"""Rules about movements of cash: large ones, and money that goes in and out again around a reporting date."""

from datetime import date, timedelta

from ledger.projections.alert_rules.rule import AlertRule, Figures

WINDOW_DAYS = 7

LARGE_MOVEMENT = AlertRule(
    id="movement.large",
    severity="yellow",
    source="movements of cash against the policy's share",
    subject_kind="account",
    parameters={"window_days": WINDOW_DAYS},
    dated=("large_movement_bp",),
    en="{amount_fen} fen moved {direction} in {days} day(s) to {on}: above {share_bp} basis points of the "
    "{before_fen} fen held before.",
    zh="截至{on}的{days}日内资金{direction_zh}{amount_fen}分，超过此前余额{before_fen}分的万分之{share_bp}。",
    resolved_en="No large movement in the {days} days to {on}.",
    resolved_zh="截至{on}的{days}日内无大额变动。",
)
ROUND_TRIP = AlertRule(
    id="movement.round_trip",
    severity="yellow",
    source="payments and their refunds around the end of a month; registry of staff",
    subject_kind="payment",
    dated=("round_trip_days",),
    en="Payment {payment} of {paid_on} goes back on {refunded_on} with {amount_fen} fen: both within {days} days of "
    "the end of the month, {month_end}.",
    zh="{paid_on}的缴费{payment}于{refunded_on}退回{amount_fen}分，均在月末{month_end}前后{days}日内。",
    resolved_en="The payment {payment} is explained.",
    resolved_zh="缴费{payment}已说明。",
    ways={
        "payer_is_staff": (
            "Payment {payment} of {amount_fen} fen came from somebody linked to the institution's staff.",
            "缴费{payment}（{amount_fen}分）的付款人与机构员工有关联。",
        )
    },
)


def exceeds_share(amount_fen: int, before_fen: int, share_bp: int) -> bool:
    """Whether an amount is above `share_bp` basis points of a balance; an empty account has no share."""
    return before_fen > 0 and amount_fen * 10_000 > share_bp * before_fen


def large_movement(
    *, change_fen: int, before_fen: int, earlier_outflows_fen: int, share_bp: int, on: date
) -> Figures | None:
    """What makes one movement of cash large: itself, or the outflows of the days that end with it.

    `change_fen` is signed, `before_fen` the cash before it; `earlier_outflows_fen` left on the same `WINDOW_DAYS`
    effective days before it, and are counted back into the balance that they left.
    """
    direction = "in" if change_fen > 0 else "out"
    if exceeds_share(abs(change_fen), before_fen, share_bp):
        figures = (abs(change_fen), before_fen, 1)
    elif change_fen < 0 and exceeds_share(
        earlier_outflows_fen - change_fen, before_fen + earlier_outflows_fen, share_bp
    ):
        figures = (earlier_outflows_fen - change_fen, before_fen + earlier_outflows_fen, WINDOW_DAYS)
    else:
        return None
    amount_fen, base_fen, days = figures
    return {
        "amount_fen": amount_fen,
        "before_fen": base_fen,
        "direction": direction,
        "direction_zh": "流入" if direction == "in" else "流出",
        "days": days,
        "share_bp": share_bp,
        "on": on.isoformat(),
    }


def reporting_date_between(paid_on: date, refunded_on: date, days: int) -> date | None:
    """The end of a month which the payment precedes (or falls on) and the refund follows, both by at most `days`.

    The earliest of them; None when there is none.
    """
    month_end = _end_of_month(paid_on)
    near = (month_end - paid_on).days <= days and 0 < (refunded_on - month_end).days <= days
    return month_end if near else None


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
