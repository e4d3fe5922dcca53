"""What a page says when it refuses: in words and yuan, and with a way back to where one was."""

import re
from pathlib import Path
from string import Formatter

import pytest

import api.web
from api.web.field_words import FIELDS
from api.web.rendering import in_yuan
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
    assert read - FIELDS.keys() == set()


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


async def test_a_wrong_address_is_told_in_words(site: Site) -> None:
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor:
        await visitor.get(f"/regulator/accounts/{site.town.account_id}/as-of?first=yesterday")
        assert "“日期”填写有误。" in visitor.text()
        await visitor.get("/language/en?next=/regulator/institutions?month=2026-13")
        assert "“Month” is not filled in" in visitor.text()
