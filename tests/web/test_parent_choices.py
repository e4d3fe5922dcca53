"""A family's own choices and papers: another course, going on elsewhere, claims, receipts, what it paid elsewhere."""

import pytest

from tests.api.fee_routes import amendment, proposed
from tests.api.town import TODAY, Town
from tests.api.wind_down_routes import ending, offered, shared
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio


async def _settle_all(town: Town, account_id: str) -> None:
    await town.catch_up()
    for order in (await town.get("bank", "/v1/instructions", account_id=account_id, state="pending"))["items"]:
        said = {"outcome": "settled", "amount_fen": order["amount_fen"], "settled_on": TODAY.isoformat()}
        path = f"/v1/instructions/{order['instruction_id']}/settlement"
        await town.post("bank", path, said | {"bank_reference": town.new("paid")})
    await town.catch_up()


async def test_a_family_accepts_the_course_that_it_saw(site: Site) -> None:
    contract_id, amendment_id = await proposed(site.town)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "机构提出转课" in visitor.text()
        assert "100.00" in visitor.text()
        outdated = await visitor.post(f"/parent/contracts/{contract_id}/amendment", amendment_id="another")
        assert "amendment_not_found" in outdated.text
        key = site.town.new("key")
        done = await visitor.post(f"/parent/contracts/{contract_id}/amendment", amendment_id=amendment_id, form_key=key)
        assert "已同意转课" in done.text
        assert done.url.path != f"/parent/contracts/{contract_id}"
        before = await visitor.get(f"/parent/contracts/{contract_id}")
        assert "本合同已转为" in before.text


async def test_a_family_turns_a_course_down_and_may_be_asked_again(site: Site) -> None:
    contract_id, amendment_id = await proposed(site.town)
    await site.town.catch_up()
    path = f"/parent/contracts/{contract_id}"
    async with site.signed_in("parent") as visitor, site.signed_in("institution") as school:
        await visitor.get(path)
        key = site.town.new("key")
        wrong = await visitor.post(f"{path}/amendment/refusal", amendment_id="another", form_key=key + "w")
        assert "amendment_not_found" in wrong.text
        said = {"amendment_id": amendment_id, "reason": "太远", "form_key": key}
        done = await visitor.post(f"{path}/amendment/refusal", **said)
        assert "已告知机构您不同意转课" in done.text
        assert "机构提出转课" not in done.text
        assert "您于2026-09-01不同意转课" in visitor.text()
        before = await site.town.heads()
        assert (await visitor.post(f"{path}/amendment/refusal", **said)).status_code == 200, "sent twice, said once"
        late = await visitor.post(f"{path}/amendment", amendment_id=amendment_id, form_key=key + "late")
        assert "amendment_not_found" in late.text
        assert await site.town.heads() == before
        await school.get(f"/institution/contracts/{contract_id}")
        assert "家长于2026-09-01不同意转课方案" in school.text()
        assert "太远" in school.text()
        await site.town.post("institution", f"/v1/contracts/{contract_id}/amendment", amendment(site.town))
        await site.town.catch_up()
        await visitor.get(path)
        assert "机构提出转课" in visitor.text()
        assert "不同意转课，原合同" not in visitor.text()


async def test_a_proposal_that_the_institution_took_back_is_gone(site: Site) -> None:
    contract_id, amendment_id = await proposed(site.town)
    await site.town.catch_up()
    path = f"/institution/contracts/{contract_id}/amendment/withdrawal"
    said = {"amendment_id": amendment_id, "reason": "班级已满"}
    async with site.signed_in("institution") as school, site.signed_in("other_institution") as other:
        assert (await other.post(path, **said, form_key=site.town.new("k"))).status_code == 404
        await school.get(f"/institution/contracts/{contract_id}")
        done = await school.post(path, **said, form_key=site.town.new("k"))
        assert "转课方案已撤回" in done.text
        assert "等待家长确认" not in done.text
        again = await school.post(path, **said, form_key=site.town.new("k"))
        assert "amendment_not_found" in again.text
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "机构于2026-09-01撤回了转课方案：班级已满" in visitor.text()
        assert "同意转课" not in visitor.text()


async def test_a_family_goes_on_elsewhere_or_has_a_refund_after_all(site: Site) -> None:
    account_id, contract_id, choice = await offered(site.town)
    await site.town.catch_up()
    path = f"/parent/contracts/{contract_id}"
    async with site.signed_in("parent") as visitor:
        page = await visitor.get(path)
        assert "转至该机构续课" in page.text
        wrong = await visitor.post(f"{path}/continuity", **choice | {"offer_id": "none"}, form_key=site.town.new("k"))
        assert "continuity_not_offered" in wrong.text
        chosen = await visitor.post(f"{path}/continuity", **choice, form_key=site.town.new("k"))
        assert "您已选择转续" in chosen.text
        revoked = await visitor.post(f"{path}/continuity/revocation", reason="改主意", form_key=site.town.new("k"))
        assert "已改为退费" in revoked.text
        await visitor.post(f"{path}/continuity", **choice, form_key=site.town.new("k"))
        await site.town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
        await site.town.catch_up()
        claimed = await visitor.get("/parent/claims")
        assert "新机构的合同" in claimed.text
        assert "已转至他处" in (await visitor.get(path)).text


async def test_a_family_sees_what_it_claims_was_given_and_was_paid(site: Site) -> None:
    account_id, contract_id = await shared(site.town)
    await _settle_all(site.town, account_id)
    async with site.signed_in("parent") as visitor:
        assert "/parent/claims" in (await visitor.get("/parent")).text
        assert f"/parent/contracts/{contract_id}" in (await visitor.get("/parent/claims")).text
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "您的债权（元） 100.00 已分配（元） 100.00 已付（元） 100.00" in visitor.text()
    async with site.signed_in("other_parent") as other:
        assert contract_id not in (await other.get("/parent/claims")).text


async def test_each_payment_has_a_receipt_with_its_amount_in_capitals(site: Site) -> None:
    contract_id = await site.town.sign()
    await site.town.pay(contract_id, 6_000)
    suspense_id = await site.town.suspense(4_000)
    match = {"account_id": site.town.account_id, "contract_id": contract_id, "amount_fen": 4_000, "reason": "slip"}
    await site.town.post("institution", f"/v1/suspense/{suspense_id}/match", match)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        page = await visitor.get(f"/parent/contracts/{contract_id}")
        versions = [part.split('"')[0] for part in page.text.split(f"/parent/contracts/{contract_id}/receipts/")[1:]]
        assert len(versions) == 2
        for version, amount, capitals in zip(versions, ("60.00", "40.00"), ("陆拾元整", "肆拾元整"), strict=True):
            await visitor.get(f"/parent/contracts/{contract_id}/receipts/{version}")
            assert amount in visitor.text()
            assert capitals in visitor.text()
        assert "核对待查款后确认" in visitor.text()
        assert (await visitor.get(f"/parent/contracts/{contract_id}/receipts/999999")).status_code == 404
        other_contract = await site.town.sign()
        await site.town.catch_up()
        foreign = await visitor.get(f"/parent/contracts/{other_contract}/receipts/{versions[0]}")
        assert foreign.status_code == 404


async def test_a_paid_refund_has_a_receipt(site: Site) -> None:
    refund_id = await site.town.refund()
    answer = await site.town.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
    said = {"outcome": "settled", "amount_fen": 10_000, "settled_on": TODAY.isoformat(), "bank_reference": "back-1"}
    await site.town.post("bank", f"/v1/instructions/{answer['legs'][0]['instruction_id']}/settlement", said)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        track = await visitor.get(f"/parent/refunds/{refund_id}")
        assert f"/parent/refunds/{refund_id}/receipt" in track.text
        await visitor.get(f"/parent/refunds/{refund_id}/receipt")
        assert "壹佰元整" in visitor.text()
        assert "back-1" in visitor.text()


async def test_what_was_paid_elsewhere_alerts_the_regulator(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    form = {"contract_id": contract_id, "reason": "要求转到个人账户", "refund_id": ""}
    async with site.signed_in("parent") as visitor:
        await visitor.get("/parent/complaints")
        wrong = await visitor.post("/parent/complaints", **form, paid_elsewhere="很多")
        assert "form_amount_wrong" in wrong.text
        told = await visitor.post("/parent/complaints", **form, paid_elsewhere="3,600", form_key=site.town.new("k"))
        assert "投诉已提交" in told.text
    await site.town.catch_up()
    raised = (await site.town.get("regulator", "/v1/alerts", rule="fee.off_book"))["items"]
    assert "360000" in "".join(one["message_zh"] for one in raised)


async def test_a_family_is_told_its_share_of_a_loss_and_how_far_the_bank_confirmed(site: Site) -> None:
    account_id, contract_id = await site.town.under("default")
    number = (await site.town.get("regulator", f"/v1/accounts/{account_id}"))["account_no"]
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "银行尚未对账" in visitor.text()
        assert "您会损失" not in visitor.text()
        statement = {
            "statement_id": site.town.new("statement"),
            "statement_on": TODAY.isoformat(),
            "balances": [{"account_no": number, "balance_fen": 10_000}],
        }
        await site.town.post("bank", "/v1/statements", statement)
        await site.town.catch_up()
        await site.town.post("regulator", f"/v1/accounts/{account_id}/reconciliation", {"on": TODAY.isoformat()})
        await site.town.catch_up()
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert f"银行已对账至{TODAY.isoformat()}" in visitor.text()
        debit = {"account_no": number, "bank_reference": site.town.new("debit"), "amount_fen": 9_000, "kind": "seizure"}
        taken = {"statement_id": site.town.new("statement"), "statement_on": TODAY.isoformat()}
        await site.town.post("bank", "/v1/statements", taken | {"unexplained_debits": [debit]})
        await site.town.catch_up()
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "您会损失90.00元" in visitor.text()


async def test_another_familys_choices_and_papers_are_not_there(site: Site) -> None:
    contract_id, amendment_id = await proposed(site.town)
    _, claimed, choice = await offered(site.town)
    refund_id = await site.town.refund()
    await site.town.catch_up()
    async with site.signed_in("parent") as own:
        page = await own.get(f"/parent/contracts/{contract_id}")
        receipt = f"/parent/contracts/{contract_id}/receipts/" + page.text.split("/receipts/")[1].split('"')[0]
        assert (await own.get(receipt)).status_code == 200
    async with site.signed_in("other_parent") as other:
        for path in (receipt, f"/parent/refunds/{refund_id}/receipt"):
            assert (await other.get(path)).status_code == 404, path
        before = await site.town.heads()
        for path in (
            f"/parent/contracts/{contract_id}/amendment",
            f"/parent/contracts/{contract_id}/amendment/refusal",
            f"/parent/contracts/{claimed}/continuity",
            f"/parent/contracts/{claimed}/continuity/revocation",
        ):
            form = choice | {"amendment_id": amendment_id, "reason": "mine", "form_key": site.town.new("k")}
            assert (await other.post(path, **form)).status_code == 404, path
        assert await site.town.heads() == before


async def test_a_closing_institution_is_told_on_the_contracts_page(site: Site) -> None:
    _, contract_id = await ending(site.town)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "机构停办 清算中" in visitor.text()
