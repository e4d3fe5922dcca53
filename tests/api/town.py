"""A small town over HTTP: two of each kind of client, one account, and the ways in which money moves through it."""

import itertools
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.server import build_app
from api.services import Services
from ledger.application.access import ROLE_SCOPES, Bindings, Role
from ledger.application.clients import add_client, find_client
from ledger.application.reading import Reader
from ledger.settings import Settings

TODAY = date(2026, 9, 1)
ACCOUNT_NO = "110914000012345678"
OTHER_ACCOUNT_NO = "220914000012345678"
Json = dict[str, Any]

CLIENTS: dict[str, tuple[Role, Bindings]] = {
    "bank": ("bank", Bindings(bank="ICBC")),
    "other_bank": ("bank", Bindings(bank="ABC")),
    "institution": ("institution", Bindings(institutions=frozenset({"i-1"}))),
    "other_institution": ("institution", Bindings(institutions=frozenset({"i-2"}))),
    "parent": ("parent", Bindings(families=frozenset({"f-1"}))),
    "other_parent": ("parent", Bindings(families=frozenset({"f-2"}))),
    "regulator": ("regulator", Bindings(districts=frozenset({"310104"}))),
    "other_regulator": ("regulator", Bindings(districts=frozenset({"310105"}))),
    "city": ("regulator", Bindings(districts=frozenset({"*"}))),
    "operator": ("operator", Bindings()),
}


class LedgerClock:
    """The ledger's instants: morning of `TODAY` in China at first, a second later each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def go_to(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


@dataclass
class Town:
    """One running app, a token for each client, and an account at ICBC of institution i-1 in district 310104."""

    app: FastAPI
    http: httpx.AsyncClient
    clock: LedgerClock
    tokens: dict[str, str]
    account_id: str = ""
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def new(self, word: str) -> str:
        """A word that was not used before."""
        return f"{word}-{next(self._numbers)}"

    async def call(
        self,
        who: str | None,
        method: str,
        path: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        key: str | None = "",
        **query: Any,
    ) -> httpx.Response:
        """One request. `key` is the Idempotency-Key of a POST: a new one when empty, none for None."""
        sent: dict[str, str | bytes] = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        if method == "POST" and key is not None:
            sent["idempotency-key"] = key or self.new("key")
        sent |= headers or {}
        raw = [(name, value.encode() if isinstance(value, str) else value) for name, value in sent.items()]
        named = [(name.encode(), value) for name, value in raw]
        return await self.http.request(method, path, json=body, content=content, headers=named, params=query or None)

    async def post(self, who: str, path: str, body: Json, **options: Any) -> Json:
        """The answer of a POST that is accepted."""
        answer = await self.call(who, "POST", path, body=body, **options)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def get(self, who: str, path: str, **query: Any) -> Json:
        """The answer of a GET that is accepted."""
        answer = await self.call(who, "GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def heads(self) -> dict[int, int]:
        """The last recorded position of each partition."""
        return await self._reader.heads()

    async def catch_up(self) -> None:
        """Wait until the views show everything."""
        await self._reader.catch_up()

    @property
    def _reader(self) -> Reader:
        services: Services = self.app.state.services
        assert services.books is not None
        return services.books.reader

    async def open_account(
        self, *, account_no: str, bank: str = "ICBC", institution_id: str = "i-1", key: str = ""
    ) -> str:
        body = {
            "institution_id": institution_id,
            "bank": bank,
            "account_no": account_no,
            "district": "310104",
            "authorities": ["310104"],
        }
        return (await self.post("regulator", "/v1/accounts", body, key=key))["account_id"]

    def contract(self, **changed: Any) -> Json:
        """A contract of family f-1: 10 lessons for 10,000 fen."""
        return {
            "account_id": self.account_id,
            "contract_no": self.new("HT"),
            "family_id": "f-1",
            "student_id": "s-1",
            "course_id": "piano",
            "subject": "piano",
            "category": "arts",
            "starts_on": "2026-08-01",
            "ends_on": "2027-07-31",
            "lesson_minutes": 45,
            "packages": [{"price_fen": 10_000, "list_price_fen": 12_000, "paid_lessons": 10}],
        } | changed

    async def sign(self, **changed: Any) -> str:
        return (await self.post("institution", "/v1/contracts", self.contract(**changed)))["contract_id"]

    def deposit(self, amount_fen: int = 10_000, **changed: Any) -> Json:
        return {
            "bank_reference": self.new("entry"),
            "amount_fen": amount_fen,
            "value_on": TODAY.isoformat(),
            "account_no": ACCOUNT_NO,
        } | changed

    async def pay(self, contract_id: str, amount_fen: int = 10_000) -> Json:
        body = self.deposit(amount_fen, contract_reference=contract_id, payer_route="route-1")
        return await self.post("bank", "/v1/deposits", body)

    async def paid_contract(self, amount_fen: int = 10_000) -> str:
        contract_id = await self.sign()
        await self.pay(contract_id, amount_fen)
        return contract_id

    def lesson(self, *contracts: str, **changed: Any) -> Json:
        return {
            "account_id": self.account_id,
            "course_id": "piano",
            "taught_on": TODAY.isoformat(),
            "minutes": 45,
            "contracts": list(contracts),
        } | changed

    async def teach(self, *contracts: str) -> str:
        return (await self.post("institution", "/v1/lessons", self.lesson(*contracts)))["lesson_id"]

    async def asked(self) -> tuple[str, str]:
        """A paid contract of an account whose policy asks families, and a lesson of it that waits."""
        number = self.new("asked")
        account_id = await self.open_account(account_no=number)
        contract_id = await self.sign(account_id=account_id)
        await self.post("bank", "/v1/deposits", self.deposit(account_no=number, contract_reference=contract_id))
        policy = {"pack": "national", "reason": "the law"}
        await self.post("regulator", f"/v1/accounts/{account_id}/policy", policy)
        lesson = self.lesson(contract_id, account_id=account_id, starts_at=f"{TODAY.isoformat()}T02:00:00Z")
        return contract_id, (await self.post("institution", "/v1/lessons", lesson))["lesson_id"]

    async def under(self, pack: str, *, paid: bool = True) -> tuple[str, str]:
        """An account of its own with a contract, paid to the bank or not at all, then put under a pack."""
        number = self.new("under")
        account_id = await self.open_account(account_no=number)
        contract_id = await self.sign(account_id=account_id)
        if paid:
            await self.post("bank", "/v1/deposits", self.deposit(account_no=number, contract_reference=contract_id))
        policy = {"pack": pack, "reason": "the law"}
        await self.post("regulator", f"/v1/accounts/{account_id}/policy", policy)
        return account_id, contract_id

    async def kept_refund(self) -> str:
        """An agreed refund of 10,000 fen that the institution keeps, with as much in its deposit."""
        account_id, contract_id = await self.under("national-deposit", paid=False)
        fee = {"contract_id": contract_id, "receipt_no": "receipt-1", "amount_fen": 10_000}
        await self.post("institution", "/v1/kept-fees", fee)
        number = (await self.get("regulator", f"/v1/accounts/{account_id}"))["account_no"]
        await self.post("bank", "/v1/deposits", self.deposit(account_no=number, purpose="reserve"))
        refund_id = await self.refund(contract_id)
        agreed = await self.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
        # Whoever reads it from now on sees it agreed.
        await self.get("parent", f"/v1/refunds/{refund_id}", at_least=f"{agreed['partition']}:{agreed['position']}")
        return refund_id

    async def refund(self, contract_id: str | None = None) -> str:
        """A refund that the family has asked for and nobody has answered."""
        body = {"contract_id": contract_id or await self.paid_contract(), "reason": "moving away"}
        return (await self.post("parent", "/v1/refunds", body))["refund_id"]

    async def suspense(self, amount_fen: int = 10_000) -> str:
        receipt = await self.post("bank", "/v1/deposits", self.deposit(amount_fen))
        return receipt["lines"][0]["suspense_id"]

    async def instruction(self) -> str:
        """A refund's instruction that waits for the bank, for 10,000 fen."""
        refund_id = await self.refund()
        receipt = await self.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
        return receipt["legs"][0]["instruction_id"]

    async def webhook(self, who: str, body: Json) -> str:
        return (await self.post(who, "/v1/webhooks", body))["endpoint_id"]

    async def delivery(self, who: str, endpoint_id: str, *, dead: bool) -> str:
        """The endpoint's first delivery; given up after its first attempt, which else might say that it goes on."""
        listed: list[Json] = []
        while not listed or (dead and not listed[0]["attempts"]):
            listed = (await self.get(who, f"/v1/webhooks/{endpoint_id}/deliveries"))["items"]
        delivery_id: str = listed[0]["delivery_id"]
        if dead:
            async with self.app.state.services.pool.connection() as connection:
                await connection.execute(
                    "UPDATE escrow.webhook_deliveries SET state = 'dead', next_at = now() + interval '1 day'"
                    " WHERE delivery_id = %s",
                    [delivery_id],
                )
        return delivery_id


@asynccontextmanager
async def town_over(url: str, data_dir: Path) -> AsyncGenerator[Town, None]:
    """A town over an empty migrated database, or over one that was a town before."""
    settings = Settings.model_validate(
        {"database_url": url, "data_dir": data_dir, "rate_limit_per_s": 0, "token_rate_limit_per_minute": 0}
        | {"webhook_private_addresses": True}
    )
    clock = LedgerClock()
    app = build_app(settings, url, clock=clock)
    async with app.router.lifespan_context(app):
        tokens = {name: await _token(app, name) for name in CLIENTS}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
            town = Town(app, http, clock, tokens)
            town.account_id = await town.open_account(account_no=ACCOUNT_NO, key="first-account")
            yield town


async def _token(app: FastAPI, name: str) -> str:
    role, bindings = CLIENTS[name]
    async with app.state.services.pool.connection() as connection:
        if await find_client(connection, name) is None:
            await add_client(
                connection,
                client_id=name,
                name=name,
                role=role,
                scopes=ROLE_SCOPES[role],
                bindings=bindings,
                now=datetime.now(UTC),
            )
        client = await find_client(connection, name)
    assert client is not None
    return app.state.tokens.issue(client, client.scopes)
