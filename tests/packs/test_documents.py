"""Printable documents: PDF/A, Chinese that really is on the page, no character lost, nothing run as markup."""

import io
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest

from ledger.packs.documents import Document, Section, Table, to_pdf, yuan
from ledger.packs.fonts import printable

AT = datetime(2026, 9, 1, 1, 2, 3, tzinfo=UTC)


def document(*texts: str, rows: int = 1) -> Document:
    table = Table(["家庭", "金额（元）"], [3, 2], [[text, "1,234.00"] for text in texts] * rows, frozenset({1}))
    return Document("退费清算包", AT, "脚注 #[x]", [Section("一、合计 $#\\", ["段落"], table)])


def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in reader(pdf).pages)


def test_chinese_can_be_read_again_rare_names_too() -> None:
    text = text_of(to_pdf(document("欧阳晴岚", "王㛃", "䶮", "张喆、李昇")))
    for name in ("退费清算包", "欧阳晴岚", "王㛃", "䶮", "张喆、李昇", "家庭", "1,234.00", "脚注 #[x]"):
        assert name in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("𠮷田", "[U+20BB7]田"), ("a\tb", "a[U+0009]b"), ("\u200d", "[U+200D]"), ("〇㛃。", "〇㛃。"), ("é—“”", "é—“”")],
)
def test_what_the_font_lacks_is_told_by_its_code_point(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert shown.split("]")[0] in text_of(to_pdf(document(text)))


@pytest.mark.parametrize(
    "text", ['#panic("x")', "$ x $", "*bold*", '"', "\\", "[", "]", "// no", "<label>", "@ref", "`"]
)
def test_nothing_in_a_text_is_markup(text: str) -> None:
    assert f"vor{text}nach" in text_of(to_pdf(document(f"vor{text}nach"))).replace("\n", "")


def test_it_says_that_it_is_pdf_a_and_has_its_fonts_in_it() -> None:
    made = reader(to_pdf(document("欧阳")))
    metadata = made.xmp_metadata
    assert metadata is not None
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata.stream.get_data()
    fonts: Any = made.pages[0]["/Resources"]
    for font in fonts["/Font"].values():
        described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(described)


def test_long_tables_run_over_pages_with_their_heads() -> None:
    pages = reader(to_pdf(document("f-1", rows=200))).pages
    assert len(pages) > 2
    assert all("家庭" in page.extract_text() for page in pages)
    assert f"{len(pages)} / {len(pages)}" in pages[-1].extract_text()


def test_the_same_document_gives_the_same_bytes() -> None:
    assert to_pdf(document("欧阳", rows=50)) == to_pdf(document("欧阳", rows=50))
    assert to_pdf(document("欧阳")) != to_pdf(document("欧阳")._replace(made_at=datetime(2026, 9, 2, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("fen", "shown"), [(0, "0.00"), (1, "0.01"), (-1, "-0.01"), (123456, "1,234.56"), (-123456, "-1,234.56")]
)
def test_amounts_for_people(fen: int, shown: str) -> None:
    assert yuan(fen) == shown
