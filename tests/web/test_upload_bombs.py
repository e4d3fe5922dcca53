"""Uploads that would burst a server: each is refused with a code, and takes little memory before."""

import io
import subprocess
import sys
import textwrap
import zipfile
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.web.institution.contract_sheet import read_sheet, write_template
from api.web.institution.unpacked import UNPACKED_BYTES, repacked
from api.web.page_call import FORM_FIELDS
from ledger.domain.errors import LedgerError
from tests.web.site_over import FORM_KEY, HOST, Site, Visitor

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024
BODY_LIMIT = 16 * MIB
XLSX_HEAD = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


def refusal_of(content: bytes) -> str:
    with pytest.raises(LedgerError) as refused:
        read_sheet(content)
    return refused.value.code


def bomb(member_bytes: int, *, members: int = 1) -> bytes:
    """A small archive that unpacks to so much."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(members):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(member_bytes))
    return file.getvalue()


def lying(content: bytes, sheet: str) -> bytes:
    """The workbook with another sheet, which says in both places that it has a size of 10 bytes."""
    data = sheet.encode()
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, data if name.endswith("sheet1.xml") else source.read(name))
    changed = bytearray(target.getvalue())
    size, crc = len(data).to_bytes(4, "little"), zlib.crc32(data).to_bytes(4, "little")
    told = zlib.crc32(data[:10]).to_bytes(4, "little")
    assert changed.count(size) == 2
    for _ in range(2):
        at = changed.index(size)
        changed[at : at + 4] = (10).to_bytes(4, "little")
        where = changed.index(crc)
        changed[where : where + 4] = told
    return bytes(changed)


def with_sheet(sheet: str) -> bytes:
    """A workbook whose sheet is this XML."""
    source, target = zipfile.ZipFile(io.BytesIO(write_template("en"))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, sheet if name.endswith("sheet1.xml") else source.read(name))
    return target.getvalue()


def peak_mib(script: str, *arguments: str) -> tuple[int, str]:
    """What a process of its own took at most, and what it printed."""
    measured = "\nprint(next(int(n.split()[1]) for n in open('/proc/self/status') if n.startswith('VmHWM')) // 1024)"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script) + measured, *arguments], capture_output=True, check=True
    )
    *said, peak = done.stdout.decode().split()
    return int(peak), " ".join(said)


def test_a_zip_bomb_is_refused_by_what_it_unpacks_to() -> None:
    small = bomb(UNPACKED_BYTES + 1)
    assert len(small) < MIB
    assert refusal_of(small) == "sheet_too_large"
    assert refusal_of(bomb(UNPACKED_BYTES // 4 + 1, members=4)) == "sheet_too_large"
    assert refusal_of(bomb(1, members=501)) == "sheet_unreadable"
    assert refusal_of(bomb(UNPACKED_BYTES)) == "sheet_unreadable"  # no workbook, but not too large


def test_an_archive_that_lies_about_its_sizes_is_unpacked_no_further() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="str"><v>{"x" * 400}</v></c></row>' for n in range(1, 100_000))
    content = lying(write_template("en"), f"{XLSX_HEAD}{rows}</sheetData></worksheet>")
    assert refusal_of(content) == "sheet_too_large"


def test_what_is_measured_is_what_is_read() -> None:
    content = write_template("zh")
    packed = repacked(content)
    assert [row.fields for row in read_sheet(packed)] == [row.fields for row in read_sheet(content)]
    before, after = zipfile.ZipFile(io.BytesIO(content)), zipfile.ZipFile(io.BytesIO(packed))
    assert {name: before.read(name) for name in before.namelist()} == {
        name: after.read(name) for name in after.namelist()
    }


@pytest.mark.parametrize("damage", [slice(0, 1), slice(30, 60), slice(-200, -100)], ids=["head", "member", "directory"])
def test_a_damaged_archive_is_refused(damage: slice) -> None:
    content = bytearray(write_template("en"))
    content[damage] = bytes(len(content[damage]))
    assert refusal_of(bytes(content)) == "sheet_unreadable"


def test_two_cells_far_apart_do_not_make_a_sheet_as_large_as_all_between() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal_of(with_sheet(f"{XLSX_HEAD}{cells}</sheetData></worksheet>")) in (
        "sheet_unreadable",
        "sheet_headings_wrong",
    )


def test_a_text_that_every_cell_repeats_is_refused() -> None:
    cell = f'<c t="inlineStr"><is><t>{"x" * 501}</t></is></c>'
    assert refusal_of(with_sheet(f"{XLSX_HEAD}<row>{cell}</row></sheetData></worksheet>")) == "sheet_unreadable"


def test_a_bomb_takes_little_memory() -> None:
    script = """
        import io, zipfile
        from api.web.institution.contract_sheet import read_sheet
        from ledger.domain.errors import LedgerError
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.xml", "w") as member:
            for _ in range(1024):
                member.write(bytes(1024 * 1024))
        try:
            read_sheet(file.getvalue())
        except LedgerError as refused:
            print(refused.code)
        """
    peak, said = peak_mib(script)
    assert said == "sheet_too_large"
    assert peak < 300, "a bomb of 1 GiB"


async def test_too_many_fields_are_refused_with_a_code(site: Site) -> None:
    many = {f"field{number}": "x" for number in range(FORM_FIELDS + 1)}
    async with site.signed_in("institution") as visitor:
        answer = await visitor.post("/institution/contracts", **many)
        assert (answer.status_code, "request_malformed" in answer.text) == (400, True)
        answer = await visitor.http.post(
            "/institution/contracts/sheet", data=many, files={"file": b"x"}, headers={"origin": HOST}
        )
        assert (answer.status_code, "request_malformed" in answer.text) == (400, True)
        long = await visitor.post("/institution/contracts", contract_no="x" * (MIB + 1), form_key="k")
        assert (long.status_code, "request_malformed" in long.text) == (400, True)


async def test_a_body_above_the_limit_is_refused_before_and_while_it_is_read(site: Site) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a="
        for _ in range(BODY_LIMIT // MIB + 1):
            yield b"%00" * (MIB // 3)
            yield b"&b="

    headers = {"origin": HOST, "content-type": "application/x-www-form-urlencoded"}
    async with site.signed_in("institution") as visitor:
        told = await visitor.http.post("/institution/contracts", content=bytes(BODY_LIMIT + 1), headers=headers)
        assert (told.status_code, "body_too_large" in told.text) == (413, True)
        untold = await visitor.http.post("/institution/contracts", content=chunks(), headers=headers)
        assert untold.status_code in (400, 413)
        files = {"file": ("f.xlsx", bytes(BODY_LIMIT + 1))}
        sent = await visitor.http.post("/institution/contracts/sheet", files=files, headers={"origin": HOST})
        assert (sent.status_code, "body_too_large" in sent.text) == (413, True)


async def test_a_huge_csv_and_a_huge_xml_are_refused_with_a_code(site: Site) -> None:
    head = b"bank_reference,account_no,amount_fen,currency,booked_on\n"
    lines = head + b"r,1,1,CNY,2026-09-01\n" * 200_001
    nested = b"<?xml version='1.0'?><Document>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</Document>"
    laughs = b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><l>&b;</l>"
    async with site.signed_in("bank") as visitor:
        for content, code in (
            (lines, "file_entries_many"),
            (nested, "file_"),
            (laughs, "file_doctype_refused"),
            (bytes(BODY_LIMIT + 1), "body_too_large"),
        ):
            answer = await _upload(visitor, content)
            assert answer.status_code in (413, 422)
            assert code in answer.text


async def _upload(visitor: Visitor, content: bytes) -> Any:
    await visitor.get("/bank/files")
    assert visitor.last is not None
    found = FORM_KEY.search(visitor.last.text)
    assert found is not None
    return await visitor.http.post(
        "/bank/files",
        data={"what": "check", "form_key": found.group(1)},
        files={"file": ("file", content)},
        headers={"origin": HOST},
    )
