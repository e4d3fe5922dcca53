"""What a page says when it refuses: in words and yuan, and with a way back to where one was."""

import re
from html import unescape
from pathlib import Path
from string import Formatter

import pytest

import api.web
from api.web.rendering import in_yuan
from api.web.words import WORDS
from ledger.domain.codes import CODES
from ledger.projections.alert_rules import RULES
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio
READ = re.compile(r'(?:call\.(?:text|optional_text|fen|day|whole|choice|lines|moment)|day_of|_sha256)\([^"()]*"(\w+)"')
SENTENCES = [
    *CODES.values(),
    *((rule.en, rule.zh) for rule in RULES),
    *((rule.resolved_en, rule.resolved_zh) for rule in RULES),
    *(way for rule in RULES for way in rule.ways.values()),
]


def test_every_field_that_a_page_reads_has_words() -> None:
    sources = [path.read_text() for path in Path(next(iter(api.web.__path__))).rglob("*.py")]
    read = {name for source in sources for name in READ.findall(source)}
    assert len(read) > 40
    assert read - WORDS["field"].keys() == set()


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Cash of 560030 fen is 1 fen below -200 fen.", "Cash of CNY 5,600.30 is CNY 0.01 below CNY -2.00."),
        ("现金560030分（按银行对账-1分）不足。", "现金5,600.30元（按银行对账-0.01元）不足。"),
        ("above 1250 basis points of the 100 fen", "above 12.50% of the CNY 1.00"),
        ("超过此前余额100分的万分之1000。", "超过此前余额1.00元的10.00%。"),
        ("每课45分钟，3分之1，第2分区，2026-09-01", "每课45分钟，3分之1，第2分区，2026-09-01"),
    ],
)
def test_amounts_and_shares_of_a_sentence_are_told_as_pages_show_them(told: str, shown: str) -> None:
    assert in_yuan(told) == shown


@pytest.mark.parametrize("sentences", SENTENCES, ids=lambda told: told[0][:60])
def test_no_sentence_leaves_an_amount_in_fen(sentences: tuple[str, str]) -> None:
    for sentence in sentences:
        names = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        told = in_yuan(sentence.format(**{name: 1234567 if name.endswith("_fen") else "x" for name in names}))
        assert "1234567" not in told


async def test_a_refused_form_names_its_field_and_leads_back(site: Site) -> None:
    path = f"/regulator/accounts/{site.town.account_id}"
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor:
        await visitor.get(path)
        refused = await visitor.post(f"{path}/minimum-balance", amount="12,3x", reason="规模")
        assert "“金额（元）”须为人民币元" in refused.text
        assert f'href="{path}" data-back' in refused.text
        other = unescape(re.findall('href="(/language/en.*?)"', refused.text)[0])
        assert (await visitor.get(other)).url.path == path, "the other language leads back as well"
        await visitor.get(f"/language/zh?next={path}")
        await visitor.get(f"/language/en?next={path}")
        refused = await visitor.post(f"{path}/minimum-balance", amount="5", reason="")
        assert "Please fill in “Why”." in visitor.text()
        missing = await visitor.get(f"{path}/events/99999")
        assert f'href="{path}">' in missing.text
        wrong = await visitor.get(f"{path}/as-of?first=yesterday")
        assert f'href="{path}/as-of">' in wrong.text
        assert "“Dates” is not filled in" in visitor.text()
        denied = await visitor.get("/operator/upkeep")
        assert 'href="/">' in denied.text


async def test_an_address_where_nothing_is_answers_people_with_a_page(site: Site) -> None:
    browser = {"accept": "text/html,application/xhtml+xml"}
    async with site.signed_in("bank") as visitor:
        answer = await visitor.get("/bank/nowhere", **browser)
        assert (answer.status_code, "该地址不存在。" in answer.text) == (404, True)
        assert 'href="/bank">返回' in answer.text
        machine = await visitor.get("/bank/nowhere", accept="application/json")
        assert (machine.status_code, machine.json()["code"]) == (404, "route_not_found")
        assert (await visitor.get("/v1/nowhere", **browser)).json()["code"] == "route_not_found"
    async with site.visitor() as stranger:
        assert "该地址不存在。" in (await stranger.get("/nowhere", **browser)).text


async def test_a_refusal_on_a_page_counts_in_yuan(site: Site) -> None:
    account = site.town.account_id
    async with site.signed_in("institution") as visitor:
        await visitor.get(f"/institution/accounts/{account}")
        refused = await visitor.post(f"/institution/accounts/{account}/payouts", amount="999999.99")
        assert "payout_not_free" in refused.text
        assert "999,999.99元" in refused.text
        assert not re.search("[0-9]分", visitor.text())
