"""A wind-down behind its confirmation, the packs, and a family's printed statement."""

import io
import zipfile

import pytest
from pypdf import PdfReader

from api.web.parent.statement import in_capitals
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio


async def test_a_wind_down_is_begun_shared_out_and_packed(site: Site) -> None:
    number = site.town.new("end")
    account = await site.town.open_account(account_no=number, institution_id="i-9")
    await site.town.catch_up()
    path = f"/regulator/accounts/{account}/wind-down"
    async with site.signed_in("regulator") as visitor:
        await visitor.get(path)
        wrong = await visitor.post(path, reason="卷款跑路", confirmation="i-1")
        assert "confirmation_wrong" in wrong.text
        await visitor.get(path)
        begun = await visitor.post(path, reason="卷款跑路", confirmation="i-9")
        assert "清算已开始" in begun.text
        pack = await visitor.get(f"/regulator/accounts/{account}/claims-pack.zip")
        assert pack.headers["content-type"] == "application/zip"
        names = zipfile.ZipFile(io.BytesIO(pack.content)).namelist()
        assert any(name.endswith("manifest.json") for name in names)
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.get(f"/regulator/accounts/{account}/claims-pack.zip")).status_code == 404


async def test_claims_are_told_by_contract_numbers_and_shared_out_once(site: Site) -> None:
    account, contract_id = await site.town.under("default")
    await site.town.catch_up()
    contract = await site.town.get("institution", f"/v1/contracts/{contract_id}")
    path = f"/regulator/accounts/{account}/wind-down"
    async with site.signed_in("regulator") as visitor:
        await visitor.get(path)
        begun = await visitor.post(path, reason="停办", confirmation="i-1")
        assert contract["contract_no"] in begun.text
        assert contract_id not in begun.text
        assert "/wind-down/distribution" in begun.text
        shared = await visitor.post(f"{path}/distribution", confirmation="i-1")
        assert "现金已按比例分配。" in shared.text
        assert "未覆盖（元） 0.00" in visitor.text()
        assert "/wind-down/distribution" not in shared.text, "nothing is left to be shared out"


async def test_a_family_prints_its_statement_with_the_balance_in_capitals(site: Site) -> None:
    contract_id = await site.town.paid_contract(10_000)
    await site.town.teach(contract_id)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        first = await visitor.get(f"/parent/contracts/{contract_id}/statement.pdf")
        assert first.headers["content-type"] == "application/pdf"
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages)
        assert "玖拾元整" in text
        assert "90.00" in text
        again = await visitor.get(f"/parent/contracts/{contract_id}/statement.pdf")
        assert again.content == first.content
    async with site.signed_in("other_parent") as other:
        assert (await other.get(f"/parent/contracts/{contract_id}/statement.pdf")).status_code == 404


@pytest.mark.parametrize(
    ("amount_fen", "capitals"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (10_000, "壹佰元整"),
        (1_234_567, "壹万贰仟叁佰肆拾伍元陆角柒分"),
        (101_010, "壹仟零壹拾元壹角"),
    ],
)
def test_amounts_in_capitals(amount_fen: int, capitals: str) -> None:
    assert in_capitals(amount_fen) == capitals
