"""Packs over HTTP: one signed ZIP, the same bytes for the same instant, without a name in it."""

import io
import zipfile
from pathlib import Path

import pytest

from ledger.packs.manifest import check_pack
from tests.api.town import Town

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["claims", "audit"])
async def test_a_regulator_gets_a_pack_that_verifies(town: Town, tmp_path: Path, kind: str) -> None:
    await town.teach(await town.paid_contract())
    path = f"/v1/accounts/{town.account_id}/{kind}-pack"
    answer = await town.call("regulator", "GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    checked = check_pack(tmp_path)
    assert (checked.faults, checked.manifest["kind"]) == ([], kind)
    assert checked.manifest["account_id"] == town.account_id
    await town.paid_contract()
    again = await town.call("city", "GET", path, as_of=checked.manifest["as_of"])
    assert again.content == answer.content
    later = await town.call("regulator", "GET", path)
    assert later.content != answer.content
