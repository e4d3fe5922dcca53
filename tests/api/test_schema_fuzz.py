"""Requests made from the OpenAPI document, right and wrong: no answer is a fault of ours or undocumented."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import anyio.from_thread
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as openapi_checks

from ledger.application.access import ROLE_SCOPES
from tests.api.route_cases import ROUTES
from tests.api.town import CLIENTS, Json, Town, town_over

# Schemathesis names type parameters which it does not fill in.
_fuzz: Final[Any] = schemathesis
_EVERY_HEALTH_CHECK: Final[Any] = list(HealthCheck)
_answered: Final[Any] = openapi_checks
CHECKS: Final = [
    _fuzz.checks.not_a_server_error,
    _answered.status_code_conformance,
    _answered.content_type_conformance,
    _answered.response_headers_conformance,
    _answered.response_schema_conformance,
]
WHO: Final = ("bank", "institution", "parent", "regulator", "city")


class FuzzedTown:
    """A town on an event loop of its own, for tests that are not coroutines."""

    def __init__(self, portal: anyio.from_thread.BlockingPortal, town: Town) -> None:
        self.portal = portal
        self.town = town
        self.document: Json = self.send("GET", "/openapi.json").json()
        self.ids: Json = portal.call(self._ids)

    async def _ids(self) -> Json:
        """Things that are there, so that not every path leads nowhere."""
        contract_id = await self.town.paid_contract()
        refund_id = await self.town.refund()
        return {
            "account_id": self.town.account_id,
            "contract_id": contract_id,
            "refund_id": refund_id,
            "instruction_id": await self.town.instruction(),
            "suspense_id": await self.town.suspense(),
            "lesson_id": await self.town.teach(contract_id),
        }

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            return await self.town.http.request(method, path, **options)

        return self.portal.call(sent)


@contextmanager
def fuzzed_town(url: str, directory: Path) -> Generator[FuzzedTown]:
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(town_over(url, directory)) as town,
    ):
        yield FuzzedTown(portal, town)


@pytest.fixture(scope="module")
def fuzzed(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedTown]:
    with fuzzed_town(module_database_url, tmp_path_factory.mktemp("fuzz")) as running:
        yield running


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_answers_are_documented(fuzzed: FuzzedTown, method: str, path: str) -> None:
    schema = _fuzz.openapi.from_dict(fuzzed.document)
    schema.config.update(base_url=str(fuzzed.town.http.base_url))
    operation = schema[path][method]
    holders = [who for who in WHO if ROUTES[method, path].permission in _permissions(who)]
    right = operation.as_strategy(generation_mode=_fuzz.GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=_fuzz.GenerationMode.NEGATIVE)
    tried = 0

    @settings(
        max_examples=15,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=_EVERY_HEALTH_CHECK,
    )
    @given(case=right | wrong)
    def check(case: Any) -> None:
        nonlocal tried
        tried += 1
        for name, known in fuzzed.ids.items():
            if name in case.path_parameters and tried % 2:
                case.path_parameters[name] = known
            body: Any = case.body
            if isinstance(body, dict) and name in body and tried % 3:
                body[name] = known
        if tried % 4:  # past the checks of headers, to those of the ledger
            case.headers["Idempotency-Key"] = fuzzed.town.new("fuzz")
            case.headers.pop("If-Match", None)
            case.query.pop("at_least", None)
        if path == "/v1/stream":  # which else would not end
            case.query["for_s"] = 0
        who = holders[tried % len(holders)]
        case.headers["Authorization"] = f"Bearer {fuzzed.town.tokens[who]}"
        sent = case.as_transport_kwargs(base_url=str(fuzzed.town.http.base_url))
        answer = fuzzed.send(sent.pop("method"), sent.pop("url"), **_for_httpx(sent))
        case.validate_response(answer, checks=CHECKS)

    check()
    assert tried >= 5


def test_server_is_well_after_all_that(fuzzed: FuzzedTown) -> None:
    fuzzed.portal.call(fuzzed.town.catch_up)
    assert set(fuzzed.send("GET", "/readyz").json()["checks"].values()) == {"ok"}


def _permissions(who: str) -> frozenset[str]:
    return ROLE_SCOPES[CLIENTS[who][0]]


def _for_httpx(sent: Json) -> Json:
    """From the arguments of `requests` to those of httpx."""
    data = sent.pop("data", None)
    if isinstance(data, bytes | str):
        sent["content"] = data
    elif data is not None:
        sent["data"] = data
    sent["headers"] = {
        name.encode("latin-1", "replace"): value.encode("latin-1", "replace")
        for name, value in sent["headers"].items()
        if isinstance(value, str)
    }
    return {name: value for name, value in sent.items() if name in ("content", "data", "json", "headers", "params")}
