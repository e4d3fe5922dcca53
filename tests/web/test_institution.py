"""An institution's pages: roll calls, corrections, refunds to answer, money, contracts by form and by spreadsheet."""

import io
from typing import Any, Literal, cast

import pytest
import xlsxwriter

from api.web.institution.contract_rows import contract_of
from api.web.institution.contract_sheet import Row, read_sheet, write_template
from ledger.domain.errors import LedgerError
from tests.web.site_over import HOST, Site

NOBODYS = "00000000-0000-7000-8000-000000000000"
pytestmark = pytest.mark.anyio


async def test_a_class_is_recorded_and_taken_back(site: Site) -> None:
    present, absent = await site.town.paid_contract(), await site.town.paid_contract()
    await site.town.catch_up()
    account = site.town.account_id
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/accounts/{account}/classes/piano")
        assert present in page.text
        lesson_id = page.text.split('name="lesson_id" value="')[1].split('"')[0]
        form = {"taught_on": "2026-09-01", "minutes": "45", "lesson_id": lesson_id, "present": present}
        done = await visitor.post(
            f"/institution/accounts/{account}/classes/piano", **form, pupil=f"{present}\n{absent}"
        )
        assert done.url.path == f"/institution/accounts/{account}/lessons/{lesson_id}"
        assert "已消课" in done.text
        assert present in done.text
        assert f'name="contract" value="{absent}"' not in done.text
        assert f'缺课</dt><dd><a href="/institution/contracts/{absent}">' in done.text
        nobody = await visitor.post(f"/institution/accounts/{account}/lessons/{lesson_id}/correction", reason="点错了")
        assert nobody.status_code == 422
        assert "correction_empty" in nobody.text
        undone = await visitor.post(
            f"/institution/accounts/{account}/lessons/{lesson_id}/correction", contract=present, reason="点错了"
        )
        assert "已更正" in undone.text
    contract = await site.town.get("institution", f"/v1/contracts/{present}")
    assert contract["drawn_fen"] == 0


async def test_a_refund_is_contested_with_what_is_undisputed(site: Site) -> None:
    refund_id = await site.town.refund()
    await site.town.catch_up()
    async with site.signed_in("institution") as visitor:
        assert refund_id in (await visitor.get("/institution/refunds")).text
        await visitor.get(f"/institution/refunds/{refund_id}")
        wrong = await visitor.post(
            f"/institution/refunds/{refund_id}/answer", answer="contest", offered="12.345", reason="教材费"
        )
        assert "form_amount_wrong" in wrong.text
        done = await visitor.post(
            f"/institution/refunds/{refund_id}/answer", answer="contest", offered="60.5", reason="教材费", form_key="k"
        )
        assert "答复已记录" in done.text
    refund = await site.town.get("institution", f"/v1/refunds/{refund_id}")
    assert (refund["offered_fen"], refund["state"]) == (6_050, "contested")


async def test_the_money_page_says_why_and_a_fen_too_much_is_refused(site: Site) -> None:
    account = site.town.account_id
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/accounts/{account}")
        assert "为家庭保留" in page.text
        form = {"amount": "999999999", "form_key": "too much"}
        refused = await visitor.post(f"/institution/accounts/{account}/payouts", **form)
        assert refused.status_code in (409, 422)
        assert "payout_not_free" in refused.text


async def test_another_institutions_account_is_not_there(site: Site) -> None:
    account = site.town.account_id
    async with site.signed_in("other_institution") as visitor:
        for path in (f"/institution/accounts/{account}", f"/institution/accounts/{account}/classes/piano"):
            assert (await visitor.get(path)).status_code == 404
        asked = await visitor.post(f"/institution/accounts/{account}/payouts", amount="1", form_key="k")
        assert asked.status_code == 404


async def test_one_contract_is_signed_by_form(site: Site) -> None:
    form = {
        "account_id": site.town.account_id,
        "contract_no": site.town.new("form"),
        "family_id": "f-1",
        "student_id": "s-9",
        "course_id": "violin",
        "subject": "violin",
        "category": "arts",
        "starts_on": "2026-09-01",
        "ends_on": "2027-01-31",
        "lesson_minutes": "45",
        "price": "3,600",
        "list_price": "4000.00",
        "paid_lessons": "30",
        "gift_lessons": "2",
    }
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/contracts")
        done = await visitor.post("/institution/contracts", **form)
        assert "合同已录入" in done.text
        listed = await site.town.get("institution", "/v1/contracts", contract_no=form["contract_no"])
        assert listed["items"][0]["price_fen"] == 360_000
        wrong = await visitor.post("/institution/contracts", **form | {"category": "magic", "form_key": "k"})
        assert wrong.status_code == 422
        assert "“类别”填写有误" in wrong.text
        assert form["contract_no"] in wrong.text


async def test_a_spreadsheet_is_saved_whole_or_not_at_all(site: Site) -> None:
    account = site.town.account_id
    numbers = [site.town.new("sheet") for _ in range(3)]
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/contracts")
        checked = await _upload(visitor.http, account, _sheet(numbers), check="1", form_key="a")
        assert "尚未保存" in checked.text
        wrong = await _upload(visitor.http, account, _sheet(numbers, price="12.345"), form_key="b")
        assert wrong.text.count("“实付价（元）”须为人民币元，至多两位小数") == 3
        assert wrong.text.count("第3行") == 1
        taken = await _upload(visitor.http, account, _sheet([*numbers, numbers[0]]), form_key="c")
        assert "第5行" in taken.text
        told = await _upload(visitor.http, account, _sheet([*numbers, numbers[0], numbers[1]]), check="1", form_key="e")
        assert told.status_code == 422
        assert ("第5行" in told.text, "第6行" in told.text, "第4行" in told.text) == (True, True, False)
        assert not (await site.town.get("institution", "/v1/contracts", contract_no=numbers[0]))["items"]
        saved = await _upload(visitor.http, account, _sheet(numbers), form_key="d")
        assert "全部合同已录入" in saved.text
        again = await _upload(visitor.http, account, _sheet(numbers), form_key="d")
        assert "全部合同已录入" in again.text
    for number in numbers:
        found = await site.town.get("institution", "/v1/contracts", contract_no=number)
        assert [item["price_fen"] for item in found["items"]] == [360_050]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_reads_as_it_was_written(language: Literal["zh", "en"]) -> None:
    (row,) = read_sheet(write_template(language))
    assert row.fields["contract_no"] == "HT-2026-0001"
    assert row.fields["price"] == "360000"
    assert row.fields["category"] == "arts"
    contract, faults = contract_of(row, NOBODYS, language)
    assert faults == []
    assert contract is not None


def test_all_that_is_wrong_with_a_row_is_told_by_its_columns() -> None:
    (right,) = read_sheet(write_template("en"))
    wrong = {"family_id": "", "starts_on": "1/9/2026", "category": "魔术", "paid_lessons": "ten", "lesson_minutes": "0"}
    wrong["list_price"] = "0"  # as it is where the cell holds no amount
    row = Row(number=2, fields=right.fields | wrong, wrong_amounts=("list_price",))
    contract, told = contract_of(row, NOBODYS, "en")
    assert contract is None
    assert sorted(told) == [
        "“Category” is none of the values that it may have.",
        "“Family” is empty.",
        "“List price (CNY)” is to be an amount in yuan with at most two decimals, such as 1280.50.",
        "“Minutes a lesson” is to be at least 1.",
        "“Paid lessons” is to be a whole number.",
        "“Starts on” is to be a date such as 2026-09-01.",
    ]
    assert "“家庭代码”未填写。" in contract_of(row, NOBODYS, "zh")[1]
    assert contract_of(right, "no account", "zh")[1] == ["“账户”不是本机构的账户。"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"no spreadsheet", "sheet_unreadable"), (b"PK\x03\x04", "sheet_unreadable"), (b"", "sheet_unreadable")],
)
def test_a_file_that_is_no_spreadsheet_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(LedgerError) as refused:
        read_sheet(content)
    assert refused.value.code == code


def test_sheets_without_the_headings_without_rows_or_with_too_many_are_refused() -> None:
    for rows, code in (
        ([["a", "b"]], "sheet_headings_wrong"),
        ([_headings()], "sheet_empty"),
        ([_headings(), *[["x"] * 13] * 2_001], "sheet_rows_many"),
    ):
        with pytest.raises(LedgerError) as refused:
            read_sheet(_book(rows))
        assert refused.value.code == code


async def _upload(http: Any, account: str, content: bytes, **form: str) -> Any:
    return await http.post(
        "/institution/contracts/sheet",
        data={"account_id": account} | form,
        files={"file": ("contracts.xlsx", content)},
        headers={"origin": HOST},
        follow_redirects=True,
    )


def _headings() -> list[str]:
    return [
        "Contract number", "Family", "Student", "Course", "Subject", "Category", "Starts on", "Ends on",
        "Minutes a lesson", "Price (CNY)", "List price (CNY)", "Paid lessons", "Gift lessons",
    ]  # fmt: skip


def _sheet(numbers: list[str], price: str = "3600.5") -> bytes:
    line = ["f-1", "s-1", "piano", "piano", "arts", "2026-09-01", "2027-01-31", 45, price, "4000", 30, ""]
    return _book([_headings(), *([number, *line] for number in numbers)])


def _book(rows: list[list[Any]]) -> bytes:
    file = io.BytesIO()
    with cast(Any, xlsxwriter.Workbook(file, {"in_memory": True})) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()
