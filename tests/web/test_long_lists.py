"""Where there is more than a page holds, the newest is on the first one and the rest behind it."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.web.site_over import Site, site_over

pytestmark = pytest.mark.anyio


@pytest.fixture
async def many(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Site, list[str]]]:
    """An account with more contracts and instructions than a page shows, in the order in which they were made."""
    async with site_over(database_url, tmp_path_factory.mktemp("many")) as site:
        town = site.town
        signed = [await town.sign(contract_no=f"HT-{number:03}", student_id=f"s-{number:03}") for number in range(101)]
        for contract_id in signed:
            await town.pay(contract_id, 100)
        await town.catch_up()
        yield site, signed


async def test_the_newest_contract_is_on_the_first_page_and_the_oldest_on_the_second(
    many: tuple[Site, list[str]],
) -> None:
    site, _ = many
    async with site.signed_in("institution") as visitor:
        first = re.findall("HT-[0-9]{3}", (await visitor.get("/institution/contracts")).text)
        assert (first[0], first[-1], len(first)) == ("HT-100", "HT-001", 100)
        assert visitor.last is not None
        further = re.search(r'href="(/institution/contracts\?cursor=[^"]+)"', visitor.last.text)
        assert further
        assert re.findall("HT-[0-9]{3}", (await visitor.get(further[1])).text) == ["HT-000"]


async def test_a_course_has_all_its_pupils(many: tuple[Site, list[str]]) -> None:
    site, _ = many
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/classes")
        assert "101名学员" in visitor.text()
        page = await visitor.get(f"/institution/accounts/{site.town.account_id}/classes/piano")
        assert re.findall('name="present" value="[^"]+" checked> <span>(s-[0-9]+)', page.text) == [
            f"s-{number:03}" for number in range(101)
        ]


async def test_the_newest_refund_and_order_are_on_the_first_page(many: tuple[Site, list[str]]) -> None:
    site, signed = many
    town = site.town
    for contract_id in signed:
        refund_id = await town.refund(contract_id)
        await town.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
    last = await town.sign(contract_no="HT-last")
    await town.pay(last, 777)
    await town.post("institution", f"/v1/refunds/{await town.refund(last)}/answer", {"agree": True})
    await town.catch_up()
    async with site.signed_in("institution") as visitor:
        numbers = re.findall("HT-(?:[0-9]{3}|last)", (await visitor.get("/institution/refunds")).text)
        assert (numbers[0], len(numbers)) == ("HT-last", 100)
        for path in (f"/institution/accounts/{town.account_id}", "/institution/money"):
            amounts = re.findall(r">(7\.77|1\.00)<", (await visitor.get(path)).text)
            assert (amounts[0], len(amounts)) == ("7.77", 50)
