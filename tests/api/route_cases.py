"""Every business route with the permission it needs, a request that is right, and what a foreign row scope is told."""

from collections.abc import Awaitable, Callable

from tests.api.alert_routes import ALERT_ROUTES
from tests.api.case_routes import CASE_ROUTES
from tests.api.fee_routes import FEE_ROUTES
from tests.api.order_routes import ORDER_ROUTES
from tests.api.people_routes import PEOPLE_ROUTES
from tests.api.reconciliation_routes import RECONCILIATION_ROUTES
from tests.api.route_shapes import WHY, Arrange, Case, Right
from tests.api.town import TODAY, Json, Town
from tests.api.wind_down_routes import WIND_DOWN_ROUTES


def _account(body: Json | None = None) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"account_id": town.account_id}, body)

    return arrange


def _list(make: Callable[[Town], Awaitable[object]]) -> Arrange:
    """A list that has at least what `make` makes."""

    async def arrange(town: Town) -> Right:
        await make(town)
        await town.catch_up()
        return Right()

    return arrange


async def _nothing(_: Town) -> None:
    return


async def _deposit(town: Town) -> Right:
    return Right(body=town.deposit() | {"account_id": town.account_id, "account_no": None})


async def _batch(town: Town) -> Right:
    return Right(body={"items": [town.deposit()]})


async def _file(town: Town) -> Right:
    text = (
        "bank_reference,account_no,amount_fen,currency,booked_on\n"
        f"{town.new('file')},110914000012345678,100,CNY,{TODAY.isoformat()}\n"
    )
    return Right(content=text.encode(), media_type="text/csv")


async def _instruction(town: Town) -> Right:
    return Right({"instruction_id": await town.instruction()})


async def _settlement(town: Town) -> Right:
    body = {
        "outcome": "settled",
        "amount_fen": 10_000,
        "settled_on": TODAY.isoformat(),
        "bank_reference": town.new("paid"),
    }
    return Right({"instruction_id": await town.instruction()}, body)


async def _statement(town: Town) -> Right:
    return Right(
        body={
            "statement_id": town.new("statement"),
            "statement_on": TODAY.isoformat(),
            "balances": [{"account_no": "110914000012345678", "balance_fen": 1}],
        }
    )


async def _contract(town: Town) -> Right:
    return Right(body=town.contract())


async def _contract_id(town: Town) -> Right:
    return Right({"contract_id": await town.sign()})


async def _contract_end(town: Town) -> Right:
    return Right({"contract_id": await town.sign()}, WHY)


async def _lesson(town: Town) -> Right:
    return Right(body=town.lesson(await town.paid_contract()))


async def _correction(town: Town) -> Right:
    contract_id = await town.paid_contract()
    lesson_id = await town.teach(contract_id)
    return Right({"lesson_id": lesson_id}, WHY | {"account_id": town.account_id, "contracts": [contract_id]})


def _of_asked(body: Json, *, disputed: bool = False) -> Arrange:
    """About a lesson that waits for its family, or that it disputes."""

    async def arrange(town: Town) -> Right:
        contract_id, lesson_id = await town.asked()
        if disputed:
            await town.post("parent", f"/v1/lessons/{lesson_id}/dispute", WHY | {"contract_id": contract_id})
        return Right({"lesson_id": lesson_id}, body | {"contract_id": contract_id})

    return arrange


async def _leave(town: Town) -> Right:
    body = WHY | {"contract_id": await town.sign(), "lesson_on": TODAY.isoformat()}
    return Right({"lesson_id": town.new("lesson")}, body)


async def _absence(town: Town) -> Right:
    body = {"account_id": town.account_id, "contracts": [await town.sign()], "lesson_on": TODAY.isoformat()}
    return Right({"lesson_id": town.new("lesson")}, WHY | body | {"absent": "teacher"})


async def _payout(town: Town) -> Right:
    await town.teach(await town.paid_contract())
    return Right(body={"account_id": town.account_id, "amount_fen": 1})


async def _announcement(town: Town) -> Right:
    account_id, _ = await town.under("guangzhou")
    return Right(body={"account_id": account_id, "amount_fen": 1})


async def _advance(town: Town) -> Right:
    account_id, _ = await town.under("jinhua")
    return Right(body={"account_id": account_id, "amount_fen": 1})


async def _kept_fee(town: Town) -> Right:
    _, contract_id = await town.under("national-deposit", paid=False)
    return Right(body={"contract_id": contract_id, "receipt_no": "receipt-1", "amount_fen": 1})


async def _institution_payment(town: Town) -> Right:
    return Right({"refund_id": await town.kept_refund()}, {"amount_fen": 1, "document": "slip-1"})


async def _reserve_draw(town: Town) -> Right:
    return Right({"refund_id": await town.kept_refund()}, WHY | {"amount_fen": 1})


async def _quote(town: Town) -> Right:
    return Right(query={"account_id": town.account_id})


async def _match(town: Town) -> Right:
    contract_id, suspense_id = await town.sign(), await town.suspense()
    body = WHY | {"account_id": town.account_id, "contract_id": contract_id, "amount_fen": 10_000}
    return Right({"suspense_id": suspense_id}, body)


async def _return(town: Town) -> Right:
    return Right({"suspense_id": await town.suspense()}, WHY | {"account_id": town.account_id})


async def _refund(town: Town) -> Right:
    return Right(body=WHY | {"contract_id": await town.paid_contract()})


def _of_refund(body: Json | None) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"refund_id": await town.refund()}, body)

    return arrange


async def _instruct_again(town: Town) -> Right:
    refund_id = await town.refund()
    legs = (await town.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True}))["legs"]
    rejected = {"outcome": "rejected", "amount_fen": 10_000, "settled_on": TODAY.isoformat(), "reason": "closed"}
    await town.post("bank", f"/v1/instructions/{legs[0]['instruction_id']}/settlement", rejected)
    return Right({"refund_id": refund_id}, {})


async def _opening(town: Town) -> Right:
    return Right(
        body={
            "institution_id": "i-1",
            "bank": "ICBC",
            "account_no": town.new("no"),
            "district": "310104",
            "authorities": ["310104"],
        }
    )


async def _opening_balance(town: Town) -> Right:
    account_id = await town.open_account(account_no=town.new("no"))
    amounts = {"cash_fen": 6, "earned_fen": 1, "reserve_fen": 2, "suspense_fen": 3, "document": "letter-1"}
    return Right({"account_id": account_id}, amounts)


async def _unfreeze(town: Town) -> Right:
    account_id = await town.open_account(account_no=town.new("no"))
    await town.post("regulator", f"/v1/accounts/{account_id}/freeze", WHY | {"scope": "lessons"})
    return Right({"account_id": account_id}, WHY | {"scope": "lessons"})


async def _freeze(town: Town) -> Right:
    account_id = await town.open_account(account_no=town.new("no"))
    return Right({"account_id": account_id}, WHY | {"scope": "all"})


async def _suspend(town: Town) -> Right:
    return Right({"account_id": await town.open_account(account_no=town.new("no"))}, WHY)


async def _resume(town: Town) -> Right:
    account_id = await town.open_account(account_no=town.new("no"))
    await town.post("regulator", f"/v1/accounts/{account_id}/suspend", WHY)
    return Right({"account_id": account_id}, WHY)


async def _paid_contract_id(town: Town) -> Right:
    return Right({"contract_id": await town.paid_contract()})


async def _hold_release(town: Town) -> Right:
    held = await town.post("regulator", f"/v1/accounts/{town.account_id}/holds", WHY | {"amount_fen": 1})
    return Right({"account_id": town.account_id, "hold_id": held["hold_id"]}, WHY)


async def _reserve_release(town: Town) -> Right:
    await town.post("bank", "/v1/deposits", town.deposit(5, purpose="reserve"))
    return Right({"account_id": town.account_id}, WHY | {"amount_fen": 5})


async def _day(_: Town) -> Right:
    return Right(body={"close_on": TODAY.isoformat()})


async def _closes(town: Town) -> None:
    await town.post("regulator", "/v1/close-day", {"close_on": TODAY.isoformat()})


async def _stream(_: Town) -> Right:
    return Right(query={"for_s": 0})


async def _new_webhook(town: Town) -> Right:
    return Right(body={"url": f"http://127.0.0.1:9/{town.new('hook')}"})


async def _webhook_id(town: Town) -> str:
    body = {"url": f"http://127.0.0.1:9/{town.new('hook')}", "topics": ["instruction.*"]}
    return await town.webhook("bank", body)


def _webhook(body: Json | None = None) -> Arrange:
    async def arrange(town: Town) -> Right:
        return Right({"endpoint_id": await _webhook_id(town)}, body)

    return arrange


def _delivery(body: Json | None = None) -> Arrange:
    async def arrange(town: Town) -> Right:
        endpoint_id = await _webhook_id(town)
        await town.instruction()
        delivery_id = await town.delivery("bank", endpoint_id, dead=body is not None)
        return Right({"endpoint_id": endpoint_id, "delivery_id": delivery_id}, body)

    return arrange


async def _nothing_asked(_: Town) -> Right:
    return Right()


async def _pack(_: Town) -> Right:
    return Right({"pack": "jinhua"}, query={"on": TODAY.isoformat()})


async def _first_event(town: Town) -> Right:
    return Right({"account_id": town.account_id, "version": 1})


ROUTES: dict[tuple[str, str], Case] = (
    {
        ("POST", "/v1/deposits"): Case("deposits:write", _deposit),
        ("POST", "/v1/deposits/batch"): Case("deposits:write", _batch, "refused_items"),
        ("POST", "/v1/bank-files"): Case("bank_files:write", _file, "refused_items"),
        ("GET", "/v1/instructions"): Case("instructions:read", _list(Town.instruction), "empty"),
        ("GET", "/v1/instructions/{instruction_id}"): Case("instructions:read", _instruction),
        ("POST", "/v1/instructions/{instruction_id}/settlement"): Case("instructions:settle", _settlement),
        ("POST", "/v1/statements"): Case("statements:write", _statement, "refused_items"),
        ("POST", "/v1/contracts"): Case("contracts:write", _contract),
        ("GET", "/v1/contracts"): Case("contracts:read", _list(Town.sign), "empty"),
        ("GET", "/v1/contracts/{contract_id}"): Case("contracts:read", _contract_id),
        ("GET", "/v1/contracts/{contract_id}/balance"): Case("contracts:read", _contract_id),
        ("POST", "/v1/contracts/{contract_id}/end"): Case("contracts:write", _contract_end),
        ("POST", "/v1/lessons"): Case("lessons:write", _lesson),
        ("POST", "/v1/lessons/{lesson_id}/correction"): Case("lessons:write", _correction),
        ("GET", "/v1/lessons"): Case("lessons:read", _list(Town.asked), "empty"),
        ("POST", "/v1/lessons/{lesson_id}/confirmation"): Case("lessons:confirm", _of_asked({"device": "d-1"})),
        ("POST", "/v1/lessons/{lesson_id}/dispute"): Case("lessons:confirm", _of_asked(WHY)),
        ("POST", "/v1/lessons/{lesson_id}/concession"): Case("lessons:write", _of_asked(WHY, disputed=True)),
        ("POST", "/v1/lessons/{lesson_id}/decision"): Case(
            "lessons:decide", _of_asked(WHY | {"outcome": "drawn"}, disputed=True)
        ),
        ("POST", "/v1/lessons/{lesson_id}/leave"): Case("lessons:write", _leave),
        ("POST", "/v1/lessons/{lesson_id}/absence"): Case("lessons:write", _absence),
        ("POST", "/v1/payouts"): Case("payouts:write", _payout),
        ("GET", "/v1/payouts/quote"): Case("balances:read", _quote),
        ("POST", "/v1/payouts/announcements"): Case("payouts:write", _announcement),
        ("POST", "/v1/advances"): Case("advances:write", _advance),
        ("GET", "/v1/advances/quote"): Case("balances:read", _quote),
        ("POST", "/v1/kept-fees"): Case("contracts:write", _kept_fee),
        ("POST", "/v1/refunds/{refund_id}/institution-payment"): Case("refunds:order", _institution_payment),
        ("POST", "/v1/refunds/{refund_id}/reserve-draw"): Case("refunds:order", _reserve_draw),
        ("GET", "/v1/suspense"): Case("suspense:read", _list(Town.suspense), "empty"),
        ("POST", "/v1/suspense/{suspense_id}/match"): Case("suspense:write", _match),
        ("POST", "/v1/suspense/{suspense_id}/return"): Case("suspense:write", _return),
        ("GET", "/v1/contracts/{contract_id}/refund-quote"): Case("refunds:read", _paid_contract_id),
        ("POST", "/v1/refunds"): Case("refunds:request", _refund),
        ("GET", "/v1/refunds"): Case("refunds:read", _list(Town.refund), "empty"),
        ("GET", "/v1/refunds/{refund_id}"): Case("refunds:read", _of_refund(None)),
        ("POST", "/v1/refunds/{refund_id}/withdrawal"): Case("refunds:request", _of_refund(WHY)),
        ("POST", "/v1/refunds/{refund_id}/answer"): Case("refunds:answer", _of_refund({"agree": True})),
        ("POST", "/v1/refunds/{refund_id}/order"): Case("refunds:order", _of_refund(WHY | {"amount_fen": 10_000})),
        ("POST", "/v1/refunds/{refund_id}/instruct"): Case("refunds:order", _instruct_again),
        ("POST", "/v1/accounts"): Case("accounts:write", _opening, "district_denied"),
        ("GET", "/v1/accounts"): Case("accounts:read", _list(_nothing), "empty"),
        ("GET", "/v1/accounts/{account_id}"): Case("accounts:read", _account()),
        ("GET", "/v1/accounts/{account_id}/balance"): Case("balances:read", _account()),
        ("GET", "/v1/accounts/{account_id}/history"): Case("history:read", _account()),
        ("GET", "/v1/accounts/{account_id}/claims-pack"): Case("packs:read", _account()),
        ("GET", "/v1/accounts/{account_id}/audit-pack"): Case("packs:read", _account()),
        ("POST", "/v1/accounts/{account_id}/policy"): Case("accounts:write", _account(WHY | {"pack": "default"})),
        ("POST", "/v1/accounts/{account_id}/authorities"): Case(
            "accounts:write", _account(WHY | {"authorities": ["310104"]})
        ),
        ("POST", "/v1/accounts/{account_id}/rating"): Case("accounts:write", _account(WHY | {"rating": "A"})),
        ("POST", "/v1/accounts/{account_id}/listing"): Case("accounts:write", _account(WHY | {"listing": "watch"})),
        ("POST", "/v1/accounts/{account_id}/freeze"): Case("freeze:write", _freeze),
        ("POST", "/v1/accounts/{account_id}/unfreeze"): Case("freeze:write", _unfreeze),
        ("POST", "/v1/accounts/{account_id}/suspend"): Case("freeze:write", _suspend),
        ("POST", "/v1/accounts/{account_id}/resume"): Case("freeze:write", _resume),
        ("POST", "/v1/accounts/{account_id}/minimum-balance"): Case(
            "minimum_balance:write", _account(WHY | {"amount_fen": 0})
        ),
        ("POST", "/v1/accounts/{account_id}/holds"): Case("holds:write", _account(WHY | {"amount_fen": 1})),
        ("POST", "/v1/accounts/{account_id}/holds/{hold_id}/release"): Case("holds:write", _hold_release),
        ("POST", "/v1/accounts/{account_id}/opening-balance"): Case("accounts:write", _opening_balance),
        ("POST", "/v1/accounts/{account_id}/reserve-release"): Case("accounts:write", _reserve_release),
        ("POST", "/v1/close-day"): Case("days:close", _day, "nothing_closed"),
        ("GET", "/v1/rules"): Case("rules:read", _nothing_asked, "own_rows"),
        ("GET", "/v1/rules/{pack}"): Case("rules:read", _pack, "own_rows"),
        ("GET", "/v1/accounts/{account_id}/events/{version}/explanation"): Case("history:read", _first_event),
        ("GET", "/v1/stream"): Case("stream:read", _stream, "own_rows"),
        ("POST", "/v1/webhooks"): Case("webhooks:write", _new_webhook, "own_rows"),
        ("GET", "/v1/webhooks"): Case("webhooks:read", _webhook(), "own_rows", owner="bank"),
        ("GET", "/v1/webhooks/{endpoint_id}"): Case("webhooks:read", _webhook(), owner="bank"),
        ("POST", "/v1/webhooks/{endpoint_id}/secret"): Case("webhooks:write", _webhook({}), owner="bank"),
        ("POST", "/v1/webhooks/{endpoint_id}/disable"): Case("webhooks:write", _webhook(WHY), owner="bank"),
        ("POST", "/v1/webhooks/{endpoint_id}/enable"): Case("webhooks:write", _webhook({}), owner="bank"),
        ("GET", "/v1/webhooks/{endpoint_id}/deliveries"): Case("webhooks:read", _delivery(), owner="bank"),
        ("GET", "/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}"): Case(
            "webhooks:read", _delivery(), owner="bank"
        ),
        ("POST", "/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/resend"): Case(
            "webhooks:write", _delivery({}), owner="bank"
        ),
        ("GET", "/v1/closes"): Case("days:close", _list(_closes), "empty"),
        **FEE_ROUTES,
        **WIND_DOWN_ROUTES,
    }
    | ALERT_ROUTES
    | CASE_ROUTES
    | ORDER_ROUTES
    | PEOPLE_ROUTES
    | RECONCILIATION_ROUTES
)

PUBLIC = {
    ("POST", "/v1/oauth/token"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/version"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/style.css"),
    ("GET", "/problems/{code}"),
    ("GET", "/v1/fee-notices"),
}
"""Routes that need no token."""
