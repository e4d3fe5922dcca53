"""The request log as a page: a bank sees its own clients' requests and refusals; no other bank's, nobody's pages."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from api.request_log import RequestLog
from api.web.request_log import MOST
from ledger.application.access import Bindings
from ledger.application.clients import add_client
from ledger.application.request_log import AnsweredRequest, write_requests
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio


async def written(site: Site) -> None:
    """What was asked so far is in the table."""
    requests: RequestLog = site.town.app.state.request_log
    await requests.write()


async def noted(site: Site, client_id: str, requests: Sequence[AnsweredRequest], *, bank: str = "ICBC") -> None:
    """A client of its own with these requests."""
    async with site.town.app.state.services.pool.connection() as connection:
        await add_client(
            connection,
            client_id=client_id,
            name="Core system",
            role="bank",
            scopes=frozenset({"deposits:write"}),
            bindings=Bindings(bank=bank),
            now=datetime.now(UTC),
        )
        await write_requests(connection, requests)


async def test_a_refused_deposit_is_found_with_its_code_by_its_request_id(site: Site) -> None:
    town = site.town
    receipt = town.deposit()
    await town.call("bank", "POST", "/v1/deposits", body=receipt, headers={"x-request-id": "core-0001"})
    changed = receipt | {"amount_fen": 1}
    refused = await town.call("bank", "POST", "/v1/deposits", body=changed, headers={"x-request-id": "core-0002"})
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_reused")
    await written(site)
    async with site.signed_in("bank") as visitor:
        await visitor.get("/bank/requests?request=core-0002")
        assert re.search(r" bank POST /v1/deposits 409 拒绝 entry_reused \d+\.\d core-0002 ", visitor.text())
        assert "core-0001" not in visitor.text()
        assert "core-0002" in (await visitor.get("/bank/requests?outcome=refused")).text
        assert "core-0001" not in visitor.text()
        page = await visitor.get("/bank/requests?outcome=ok")
        assert "core-0001" in page.text
        assert "core-0002" not in page.text
        assert "没有符合条件的请求" in (await visitor.get("/bank/requests?outcome=failed")).text
        assert receipt["bank_reference"] not in page.text
        assert receipt["account_no"] not in page.text


async def test_another_banks_requests_are_not_seen_by_any_filter(site: Site) -> None:
    town = site.town
    for who in ("bank", "other_bank"):
        await town.call(who, "GET", "/v1/instructions", headers={"x-request-id": f"of-{who}-1"})
        await town.call(who, "GET", "/v1/instructions", headers={"x-request-id": "of-both-1"})
    await town.call("regulator", "GET", "/v1/accounts", headers={"x-request-id": "of-both-1"})
    await written(site)
    async with site.signed_in("bank") as visitor, site.signed_in("other_bank") as other:
        for one, own, foreign in ((visitor, "bank", "other_bank"), (other, "other_bank", "bank")):
            assert f"of-{own}-1" in (await one.get("/bank/requests")).text
            for filters in (
                "",
                f"?client={foreign}",
                "?outcome=ok",
                f"?request=of-{foreign}-1",
                f"?request=of-{own}-1",
            ):
                page = await one.get("/bank/requests" + filters)
                assert f"<code>{foreign}</code>" not in page.text
                assert f"<code>of-{foreign}-1</code>" not in page.text
            page = await one.get("/bank/requests?request=of-both-1")
            assert page.text.count("<code>of-both-1</code>") == 1
            assert f"<code>{own}</code>" in page.text
            assert "没有符合条件的请求" in (await one.get(f"/bank/requests?client={foreign}")).text


async def test_pages_of_people_are_not_requests_of_a_client_of_that_name(site: Site) -> None:
    async with site.signed_in("bank") as visitor:
        answer = await visitor.get("/bank/accounts", **{"x-request-id": "a-page-of-mine"})
        assert answer.headers["x-request-id"] == "a-page-of-mine"
        await written(site)
        assert "<code>a-page-of-mine</code>" not in (await visitor.get("/bank/requests")).text


async def test_pages_go_on_where_the_one_before_ended(site: Site) -> None:
    first = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
    requests = [
        # Two at each instant, of several outcomes: the order is by arrival, then as they were written.
        AnsweredRequest(first + number // 2, "icbc-pages", "GET", "/v1/accounts", 200 + 100 * (number % 4), "", 1, one)
        for number, one in enumerate(f"p-{number:06}" for number in range(2 * MOST + 5))
    ]
    await noted(site, "icbc-pages", requests)
    seen: list[str] = []
    async with site.signed_in("bank") as visitor:
        path: str | None = "/bank/requests?client=icbc-pages"
        while path is not None:
            page = await visitor.get(path)
            seen += re.findall(r"<code>(p-\d{6})</code>", page.text)
            more = re.search(r'class="pager"><a class="button quiet" href="([^"]+)"', page.text)
            path = more.group(1).replace("&amp;", "&") if more else None
        assert seen == [one.request_id for one in reversed(requests)]
        for hostile in ("x", "1-", "1" * 18 + "-1", "1-" + "1" * 19):
            assert (await visitor.get(f"/bank/requests?before={hostile}")).status_code == 400
        for hostile in ("%00", "short", "'; DROP TABLE x", "x" * 200):
            assert "没有符合条件的请求" in (await visitor.get(f"/bank/requests?request={hostile}")).text


async def test_a_banks_clients_lead_to_their_requests_and_say_how_long_they_are_kept(site: Site) -> None:
    async with site.signed_in("bank") as visitor:
        page = await visitor.get("/bank/clients")
        assert 'href="/bank/requests?client=bank"' in page.text
        assert "保留30天" in (await visitor.get("/bank/requests?client=bank")).text
        await visitor.get("/language/en")
        assert "kept for 30 days" in (await visitor.get("/bank/requests")).text


async def test_the_operator_sees_the_requests_of_all_clients(site: Site) -> None:
    for who in ("bank", "other_bank", "institution"):
        await site.town.call(who, "GET", "/v1/nothing-here", headers={"x-request-id": f"op-{who}"})
        await site.town.call(who, "GET", "/v1/accounts", headers={"x-request-id": f"op-{who}-2"})
    await written(site)
    async with site.signed_in("operator") as visitor:
        page = await visitor.get("/operator/requests")
        assert [one for one in ("bank", "other_bank", "institution") if f"<code>op-{one}-2</code>" in page.text] == [
            "bank",
            "other_bank",
            "institution",
        ]
        assert "<code>op-bank</code>" not in page.text, "no route answered, so nobody asked who it was"
        page = await visitor.get("/operator/requests?client=other_bank")
        assert "op-institution-2" not in page.text
