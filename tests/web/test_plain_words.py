"""What families and institutions read is words: no field of ours, no rule's id, no id that nobody knows."""

import io
import re
from html import unescape

import pypdf
import pytest

from api.web.words import word
from ledger.application import advances, payouts
from tests.api.fee_routes import proposed
from tests.api.town import TODAY
from tests.web.site_over import Site, Visitor

pytestmark = pytest.mark.anyio
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:refund|lesson|payout|fee|advance|default|national)[.@][\w.]+")
MORNING = f"{TODAY.isoformat()}T02:00:00Z"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}")


def told(visitor: Visitor) -> str:
    """What stands on the page, without what its scripts and forms carry."""
    assert visitor.last is not None
    body = visitor.last.text.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_pages_of_families_and_institutions_show_no_codes(site: Site, language: str) -> None:
    town = site.town
    waiting, _ = await town.asked()
    refund_id = await town.refund(await town.paid_contract())
    contested = await town.refund(await town.paid_contract())
    answer = {"agree": False, "offered_fen": 1, "reason": "books"}
    await town.post("institution", f"/v1/refunds/{contested}/answer", answer)
    proposal, _ = await proposed(town)
    account_id, drawn = await town.under("jinhua")
    lesson = await town.post("institution", "/v1/lessons", town.lesson(drawn, account_id=account_id, starts_at=MORNING))
    await town.catch_up()
    pages = {
        "parent": (
            "/parent",
            f"/parent/contracts/{waiting}",
            f"/parent/contracts/{proposal}",
            f"/parent/contracts/{drawn}/refund",
            "/parent/refunds",
            f"/parent/refunds/{refund_id}",
            f"/parent/refunds/{contested}",
            "/parent/complaints",
        ),
        "institution": (
            "/institution",
            f"/institution/accounts/{account_id}",
            f"/institution/accounts/{account_id}/advance",
            f"/institution/accounts/{account_id}/lessons/{lesson['lesson_id']}",
            "/institution/lessons",
            "/institution/refunds",
            f"/institution/refunds/{refund_id}",
            f"/institution/refunds/{contested}",
            "/institution/contracts",
            "/institution/money",
            f"/institution/contracts/{waiting}",
        ),
    }
    for who, paths in pages.items():
        async with site.signed_in(who) as visitor:
            await visitor.get(f"/language/{language}")
            for path in paths:
                assert (await visitor.get(path)).status_code == 200
                assert CODE.findall(told(visitor)) == [], path
                assert UUID.findall(told(visitor)) == [], path


def test_every_term_of_a_quote_has_a_word_in_both_languages() -> None:
    for formula in (payouts.FORMULA, advances.FORMULA):
        for name in re.findall("[a-z_]+", formula):
            assert word("zh", "term", name) != name
            assert word("en", "term", name) != name


async def test_the_basis_of_a_refund_is_told_with_its_time_and_its_source(site: Site) -> None:
    refund_id = await site.town.refund(await site.town.paid_contract())
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get("/language/en")
        await visitor.get(f"/parent/refunds/{refund_id}")
        silence = "The institution's silence that counts as agreement: 5 working days (our own default, not law)"
        assert silence in told(visitor)
        assert "Answer (the institution)" in told(visitor)
        await visitor.get("/language/zh")
        await visitor.get(f"/parent/refunds/{refund_id}")
        assert "5个工作日 (本项目默认值，非法律规定)" in told(visitor)


async def test_an_order_that_the_bank_may_pay_is_not_said_to_wait_for_approval(site: Site) -> None:
    await site.town.instruction()
    await site.awaiting()
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/money")
        assert "退费 100.00 机构 institution — 待付" in told(visitor)
        assert "拨付 0.01 机构 institution 待复核 待复核" in told(visitor)
        await visitor.get("/language/en")
        await visitor.get("/institution/money")
        assert "Payout 0.01 Institution institution to come Waits for a second person" in told(visitor)


async def test_no_payout_is_offered_that_would_be_refused(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("default")
    path, form = f"/institution/accounts/{account_id}", 'action="/institution/accounts/{}/payouts"'
    await town.catch_up()
    async with site.signed_in("institution") as visitor:
        assert form.format(account_id) not in (await visitor.get(path)).text
        await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
        await town.catch_up()
        assert form.format(account_id) in (await visitor.get(path)).text
        await town.post("regulator", f"/v1/accounts/{account_id}/freeze", {"scope": "payouts", "reason": "a look"})
        await town.catch_up()
        frozen = await visitor.get(path)
        assert form.format(account_id) not in frozen.text
        assert "账户已被监管部门冻结：拨付" in told(visitor)
    scheduled, other = await town.under("xiamen")
    await town.post("institution", "/v1/lessons", town.lesson(other, account_id=scheduled, starts_at=MORNING))
    await town.catch_up()
    async with site.signed_in("institution") as visitor:
        assert form.format(scheduled) not in (await visitor.get(f"/institution/accounts/{scheduled}")).text
        assert "无须申请" in told(visitor)


async def test_a_refund_is_told_with_its_contract_and_pupil(site: Site) -> None:
    contract_id = await site.town.sign(student_id="s-refunded")
    await site.town.pay(contract_id)
    refund_id = await site.town.refund(contract_id)
    await site.town.catch_up()
    number = (await site.town.get("institution", f"/v1/contracts/{contract_id}"))["contract_no"]
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/refunds")
        assert f"{number} · s-refunded" in told(visitor)
        page = await visitor.get(f"/institution/refunds/{refund_id}")
        assert f'href="/institution/contracts/{contract_id}"' in page.text
        contract = await visitor.get(f"/institution/contracts/{contract_id}")
        assert f'href="/institution/refunds/{refund_id}"' in contract.text
        await visitor.get(f"/institution/refunds/{refund_id}")
        assert "s-refunded" in told(visitor)


async def test_lessons_drawn_without_asking_are_told_to_both_sides(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("default")
    kept = await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    wrong = await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    undo = {"account_id": account_id, "contracts": [contract_id], "reason": "nobody came"}
    await town.post("institution", f"/v1/lessons/{wrong['lesson_id']}/correction", undo)
    await town.catch_up()
    drawn = (await town.get("parent", f"/v1/contracts/{contract_id}"))["drawn_fen"]
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert f"第1课 · {drawn // 100}.{drawn % 100:02} 元 已消课" in told(visitor)
        assert told(visitor).count("已冲正") == 1
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/contracts/{contract_id}")
        link = f"/institution/accounts/{account_id}/lessons/{kept['lesson_id']}"
        assert link in page.text
        await visitor.get(link)
        assert "课次 2026-09-01" in told(visitor)
        assert "piano" in told(visitor)
        nowhere = await visitor.get(f"/institution/accounts/{account_id}/lessons/nobody-knows")
        assert nowhere.status_code == 404


async def test_what_was_refunded_whole_has_no_lessons_left(site: Site) -> None:
    town = site.town
    contract_id = await town.paid_contract()
    refund_id = await town.refund(contract_id)
    await town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "剩余课时 10" in told(visitor)
        await town.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
        await town.catch_up()
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "剩余课时 0" in told(visitor)


async def test_no_pupil_is_called_whose_lesson_could_not_be_recorded(site: Site) -> None:
    town = site.town
    paid, unpaid = await town.sign(course_id="chess"), await town.sign(course_id="chess")
    await town.pay(paid)
    await town.catch_up()
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/accounts/{town.account_id}/classes/chess")
        assert f'name="present" value="{paid}"' in page.text
        assert f'value="{unpaid}"' not in page.text
        assert f'href="/institution/contracts/{unpaid}"' in page.text
        assert 'name="starts_at">' in page.text


async def test_the_start_of_a_class_is_asked_for_where_the_law_looks_at_its_end(site: Site) -> None:
    account_id, _ = await site.town.under("national")
    await site.town.catch_up()
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/accounts/{account_id}/classes/piano")
        assert 'name="starts_at" required>' in page.text


async def test_a_refund_is_asked_for_once_at_a_time(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    path = f"/parent/contracts/{contract_id}/refund"
    async with site.signed_in("parent") as visitor:
        assert 'textarea name="reason"' in (await visitor.get(path)).text
        await site.town.refund(contract_id)
        await site.town.catch_up()
        assert 'textarea name="reason"' not in (await visitor.get(path)).text
        assert "本合同已有退费在办理" in told(visitor)


async def test_homes_say_how_far_the_bank_has_confirmed(site: Site) -> None:
    await site.town.paid_contract()
    await site.town.catch_up()
    for who in ("parent", "institution"):
        async with site.signed_in(who) as visitor:
            await visitor.get(f"/{who}")
            assert "银行尚未对账。" in told(visitor)


async def test_a_statement_lists_payments_and_lessons_of_both_kinds(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", {"pack": "national", "reason": "the law"})
    asked = town.lesson(contract_id, account_id=account_id, starts_at=MORNING)
    await town.post("institution", "/v1/lessons", asked)
    await town.catch_up()
    async with site.signed_in("parent") as visitor:
        answer = await visitor.get(f"/parent/contracts/{contract_id}/statement.pdf")
        assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    assert "2026-09-01 100.00" in text
    assert "2026-09-01 1 10.00 已消课 Drawn" in text
    assert "2026-09-01 2 10.00 待家长确认 Waits for the family" in text
