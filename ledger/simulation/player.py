"""Plays a story through the HTTP API: many connections, one idempotency key a step, every answer checked."""

import asyncio
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import urlencode

import msgspec

from ledger.simulation.http_client import Answer, HttpClient
from ledger.simulation.steps import (
    BankFileUpload,
    DebitAndReport,
    Payout,
    Phase,
    Post,
    RaiseMinimum,
    ReportBalances,
    SettleAll,
    Step,
)

_AT_ONCE: Final = 48
_BUSY: Final = 503
_ATTEMPTS: Final = 20
_TOKEN_MARGIN_S: Final = 30
_PAGE: Final = 500


class StoryError(Exception):
    """The API did not answer as the story goes."""


class Player:
    """`secrets` are the clients' secrets by id. An async context manager.

    `names` maps what earlier steps made (`account:inst-0001`) to the ids that the API gave.
    """

    def __init__(self, url: str, secrets: Mapping[str, str], *, run_id: str) -> None:
        self._http = HttpClient(url, connections=_AT_ONCE)
        self._secrets = secrets
        self._run_id = run_id
        self._tokens: dict[str, tuple[str, float]] = {}
        self._token_locks: dict[str, asyncio.Lock] = {}
        self._count = 0
        self._positions: dict[int, int] = {}
        self.names: dict[str, str] = {}
        self.requests = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def play(self, phase: Phase, on_step: Callable[[], None] = lambda: None) -> None:
        """Take the phase's steps, many at once. Raises StoryError."""

        async def take(step: Step, key: str) -> None:
            await self._take(step, key, phase.day.isoformat())
            on_step()

        first = self._count + 1
        self._count += len(phase.steps)
        await asyncio.gather(*(take(step, f"{self._run_id}-{n}") for n, step in enumerate(phase.steps, first)))

    async def get(self, client: str, path: str, **parameters: str | int | bool) -> dict[str, Any]:
        """The answer of a GET. Raises StoryError."""
        return await self._call(client, "GET", path, parameters=parameters)

    async def post(self, client: str, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The answer of a POST with a JSON body. Raises StoryError."""
        content = msgspec.json.encode(body)
        return await self._call(client, "POST", path, content=content, media_type="application/json", key=key)

    async def _take(self, step: Step, key: str, day: str) -> None:
        match step:
            case Post():
                answer = await self.post(step.client, self._filled(step.path), self._filled(step.body), key)
                if answer.get("refused"):
                    raise StoryError(f"{step.path}: {answer['refused']} refused")
                for field, name in step.keeps.items():
                    self.names[name] = answer[field]
            case BankFileUpload():
                await self._upload(step, key)
            case Payout():
                await self._pay_out(step, key)
            case SettleAll():
                await self._settle(step, key, day)
            case ReportBalances():
                await self._report_balances(step, key, day)
            case DebitAndReport():
                await self._debit(step, key, day)
            case RaiseMinimum():
                account = self._filled(step.account)
                cash_fen = (await self.get(step.client, f"/v1/accounts/{account}/balance"))["cash_fen"]
                body = {"amount_fen": cash_fen * step.share_bp // 10_000, "reason": "信用等级下调"}
                await self.post(step.client, f"/v1/accounts/{account}/minimum-balance", body, key)

    async def _upload(self, step: BankFileUpload, key: str) -> None:
        answer = await self._call(
            step.client,
            "POST",
            "/v1/bank-files",
            content=step.content,
            media_type="application/xml",
            key=key,
            parameters={"name": step.name},
        )
        counts = (answer["accepted"], answer["replayed"], answer["refused"])
        if counts != (step.accepted, step.replayed, 0):
            raise StoryError(f"{step.name}: accepted, replayed, refused are {counts}")

    async def _pay_out(self, step: Payout, key: str) -> None:
        account = self._filled(step.account)
        quote = await self.get(step.client, "/v1/payouts/quote", account_id=account)
        if quote["free_fen"]:
            body = {"account_id": account, "amount_fen": quote["free_fen"]}
            await self.post(step.client, "/v1/payouts", body, key)

    async def _settle(self, step: SettleAll, key: str, day: str) -> None:
        forgotten = {self.names.get(name.removeprefix("@")) for name in step.forgotten_refunds}

        async def settle(item: dict[str, Any]) -> None:
            body = {
                "outcome": "settled",
                "amount_fen": item["amount_fen"],
                "settled_on": day,
                "bank_reference": f"{step.bank}-S-{item['end_to_end_id']}",
            }
            path = f"/v1/instructions/{item['instruction_id']}/settlement"
            await self.post(step.client, path, body, f"{key}-{item['end_to_end_id']}")

        waiting = await self._list(step.client, "/v1/instructions", state="pending")
        await asyncio.gather(*(settle(item) for item in waiting if item["subject_id"] not in forgotten))

    async def _report_balances(self, step: ReportBalances, key: str, day: str) -> None:
        accounts = await self._list(step.client, "/v1/accounts")
        balances = [{"account_no": one["account_no"], "balance_fen": one["cash_fen"]} for one in accounts]
        body = {"statement_id": f"{step.bank}-{day}", "statement_on": day, "balances": balances}
        answer = await self.post(step.client, "/v1/statements", body, key)
        if answer["refused"]:
            raise StoryError(f"statement of {day}: {answer['refused']} refused")

    async def _debit(self, step: DebitAndReport, key: str, day: str) -> None:
        account = self._filled(step.account)
        cash_fen = (await self.get(step.client, f"/v1/accounts/{account}/balance"))["cash_fen"]
        debit = {
            "account_no": step.account_no,
            "bank_reference": step.bank_reference,
            "amount_fen": cash_fen * step.share_bp // 10_000,
            "kind": "seizure",
        }
        body = {"statement_id": f"{step.bank}-{day}-debits", "statement_on": day, "unexplained_debits": [debit]}
        answer = await self.post(step.client, "/v1/statements", body, key)
        if answer["refused"]:
            raise StoryError(f"debit of {day}: refused")

    async def _list(self, client: str, path: str, **parameters: str | int | bool) -> list[dict[str, Any]]:
        """Every item of a list, page by page, as of all that this player was told is recorded."""
        for partition, position in self._positions.items():
            await self.get(client, path, limit=1, at_least=f"{partition}:{position}")
        items: list[dict[str, Any]] = []
        asked: dict[str, str | int | bool] = {"limit": _PAGE, **parameters}
        while True:
            page = await self.get(client, path, **asked)
            items += page["items"]
            if page["next"] is None:
                return items
            asked["cursor"] = page["next"]

    async def _call(
        self,
        client: str,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        media_type: str = "",
        key: str = "",
        parameters: Mapping[str, str | int | bool] | None = None,
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {await self._token(client)}"}
        if content is not None:
            headers |= {"content-type": media_type, "idempotency-key": key}
        attempts = 0
        while True:
            self.requests += 1
            attempts += 1
            answer = await self._http.request(method, path, content=content, headers=headers, parameters=parameters)
            if answer.status != _BUSY or attempts == _ATTEMPTS:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        if answer.status >= 300:
            raise StoryError(f"{method} {path} as {client}: {answer.status} {_shown(answer)}")
        decoded: dict[str, Any] = msgspec.json.decode(answer.body)
        for receipt in (decoded, *decoded.get("results", ())):
            if "position" in receipt:
                partition = receipt["partition"]
                self._positions[partition] = max(receipt["position"], self._positions.get(partition, 0))
        return decoded

    async def _token(self, client: str) -> str:
        async with self._token_locks.setdefault(client, asyncio.Lock()):
            token, expires_at = self._tokens.get(client, ("", 0.0))
            if time.monotonic() >= expires_at:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": client,
                    "client_secret": self._secrets[client],
                }
                answer = await self._http.request(
                    "POST",
                    "/v1/oauth/token",
                    headers={"content-type": "application/x-www-form-urlencoded"},
                    content=urlencode(form).encode(),
                )
                if answer.status != 200:
                    raise StoryError(f"no token for {client}: {answer.status} {_shown(answer)}")
                issued: dict[str, Any] = msgspec.json.decode(answer.body)
                token = str(issued["access_token"])
                self._tokens[client] = (token, time.monotonic() + issued["expires_in"] - _TOKEN_MARGIN_S)
        return token

    def _filled(self, value: Any) -> Any:
        """The value with `@kind:name` replaced by the id of what was made under that name."""
        if isinstance(value, str):
            return "/".join(self._id(part) for part in value.split("/")) if "@" in value else value
        if isinstance(value, dict):
            return {key: self._filled(part) for key, part in cast(dict[str, Any], value).items()}
        if isinstance(value, list):
            return [self._filled(part) for part in cast(list[Any], value)]
        return value

    def _id(self, part: str) -> str:
        return self.names[part[1:]] if part.startswith("@") else part


def _shown(answer: Answer) -> str:
    return answer.body[:500].decode(errors="replace")
