"""A town with pages: a user of each kind of staff, families by one-time code, visitors with cookies of their own."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from pyotp.totp import TOTP

from api.services import Services
from ledger.application.sign_in.users import add_user
from ledger.notifications.code_delivery import CODE_FILE, to_file
from tests.api.conftest import MovableClock
from tests.api.town import CLIENTS, Town, town_over

HOST = "https://escrow.test"
PASSWORD = "correct horse battery staple"
STAFF = {name: bound for name, bound in CLIENTS.items() if bound[0] != "parent"}
FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')


@dataclass
class Visitor:
    """One browser: it keeps cookies, says where its forms come from, and follows where it is sent."""

    http: httpx.AsyncClient
    last: httpx.Response | None = field(default=None, repr=False)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        self.last = await self.http.get(path, headers=headers, follow_redirects=True)
        return self.last

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Sends a form as the page does that was looked at last, with its key if it has one."""
        headers = {"origin": HOST}
        if self.last is not None:
            headers["referer"] = str(self.last.url)
            found = FORM_KEY.search(self.last.text)
            form = ({"form_key": found.group(1)} if found else {}) | form
        self.last = await self.http.post(path, data=form, headers=headers, follow_redirects=True)
        return self.last

    def text(self) -> str:
        """What the page says, without its tags."""
        assert self.last is not None
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.last.text)).split())


@dataclass
class Site:
    """The running pages, their town, and the moving wall clock of sessions."""

    town: Town
    clock: MovableClock
    data_dir: Path
    secrets: dict[str, str]

    @asynccontextmanager
    async def visitor(self) -> AsyncGenerator[Visitor]:
        """A browser that has not been here before."""
        transport = httpx.ASGITransport(self.town.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as http:
            yield Visitor(http)

    @asynccontextmanager
    async def signed_in(self, who: str) -> AsyncGenerator[Visitor]:
        """A user of the staff, or a family (`parent`, `other_parent`), at its home page."""
        async with self.visitor() as visitor:
            if who in STAFF:
                answer = await self.enter(visitor, who)
            else:
                answer = await self.enter_family(visitor, await self.contract_no(who))
            assert answer.status_code == 200, answer.text
            yield visitor

    async def enter(self, visitor: Visitor, who: str, **changed: str) -> httpx.Response:
        """Signs in with the right password and the authenticator's next code, or with others."""
        self.clock.offset_s += 60  # each code is good once
        form = {"user_id": who, "password": PASSWORD, "code": self.code(who)} | changed
        return await visitor.post("/sign-in", **form)

    def code(self, who: str) -> str:
        """What the authenticator shows now."""
        return TOTP(self.secrets[who]).at(int(self.clock()))

    async def enter_family(self, visitor: Visitor, contract_no: str) -> httpx.Response:
        """Asks for a code, reads it where it was delivered, and gives it."""
        self.clock.offset_s += 750  # a family is sent a few codes an hour
        await visitor.post("/sign-in/family", contract_no=contract_no)
        return await visitor.post("/sign-in/family/code", code=self.delivered()[-1]["code"])

    def delivered(self) -> list[dict[str, str]]:
        """The codes that were sent to families, oldest first."""
        path = self.data_dir / CODE_FILE
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def awaiting(self) -> str:
        """A payout that waits for a second person."""
        account_id, contract_id = await self.town.under("default")
        await self.town.post("institution", "/v1/lessons", self.town.lesson(contract_id, account_id=account_id))
        policy = {"pack": "national", "reason": "the law"}
        await self.town.post("regulator", f"/v1/accounts/{account_id}/policy", policy)
        made = await self.town.post("institution", "/v1/payouts", {"account_id": account_id, "amount_fen": 1})
        await self.town.catch_up()
        return made["instruction_id"]

    async def contract_no(self, who: str) -> str:
        """The number of a new paid contract of a family."""
        family = "f-1" if who == "parent" else "f-2"
        contract_id = await self.town.sign(family_id=family)
        await self.town.pay(contract_id)
        await self.town.catch_up()
        return (await self.town.get("institution", f"/v1/contracts/{contract_id}"))["contract_no"]


@asynccontextmanager
async def site_over(url: str, data_dir: Path) -> AsyncGenerator[Site]:
    """A town over an empty migrated database, with a user for each of its machine clients."""
    async with town_over(url, data_dir) as town:
        services: Services = town.app.state.services
        assert services.sign_in is not None
        services.sign_in.deliver = to_file(data_dir)
        clock = MovableClock()
        services.clock = clock
        secrets: dict[str, str] = {}
        async with services.pool.connection() as connection:
            for who, (role, bindings) in STAFF.items():
                address = await add_user(
                    connection,
                    services.sign_in.key,
                    user_id=who,
                    name=f"User {who}",
                    role=role,
                    bindings=bindings,
                    password=PASSWORD,
                    now=datetime.now(UTC),
                )
                secrets[who] = parse_qs(urlsplit(address).query)["secret"][0]
        yield Site(town, clock, data_dir, secrets)
