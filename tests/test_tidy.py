"""Taste that a program can check: sizes, names, words that must not stay, and a sentence for every package."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCES = ("ledger", "api", "tests", "benchmarks", "docs", "ops", ".ci")
PRODUCT = ("ledger", "api")
MOST_LINES = 400
TEXT_SUFFIXES = {".py", ".sql", ".md", ".toml", ".yaml", ".yml", ".json", ".html", ".css", ".js", ".txt", ".lock", ""}
GENERATED = {"__pycache__", "node_modules"}


def _apart(*halves: str) -> str:
    """A word which this file must not contain either."""
    return "".join(halves)


LEFT_OVER = re.compile(rf"\b({_apart('TO', 'DO')}|{_apart('FIX', 'ME')})\b")
SWALLOWED = re.compile(r"except(\s+\(?(Base)?Exception\b[^:\n]*)?:\s*(#[^\n]*)?\n\s*(pass|continue|\.\.\.)\s*$", re.M)
REGISTRIES = tuple(
    _apart(name, domain)
    for name, domain in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("deb.deb", "ian.org"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("proxy.go", "lang.org"),
    )
)
VAGUE_NAMES = re.compile(r"(utils?|helpers?|managers?|misc|common)(\.py)?")
_SKIP = _apart("sk", "ip")
UNSTEADY_TESTS = re.compile(rf"{_apart('time.', 'sleep')}\(|mark\.({_SKIP}|{_apart('x', 'fail')})|pytest\.{_SKIP}\(")


def _files(*folders: str, suffixes: set[str]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and not GENERATED.intersection(path.parts):
                yield path


def _root_files() -> Iterator[Path]:
    return (path for path in sorted(REPOSITORY.iterdir()) if path.is_file() and path.suffix in TEXT_SUFFIXES)


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _packages() -> list[Path]:
    folders = {path.parent for path in _files(*PRODUCT, "tests", suffixes={".py"})}
    return sorted(folders)


def test_files_are_short_enough_to_read_at_once() -> None:
    lengths = {
        _name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in _files(*SOURCES, suffixes={".py", ".sql"})
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_nothing_is_left_over() -> None:
    paths = [*_files(*SOURCES, suffixes=TEXT_SUFFIXES), *_root_files()]
    assert [_name(path) for path in paths if LEFT_OVER.search(path.read_text(encoding="utf-8"))] == []


def test_no_error_is_swallowed() -> None:
    assert [
        _name(path) for path in _files(*SOURCES, suffixes={".py"}) if SWALLOWED.search(path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    "text",
    ["try:\n    f()\nexcept Exception:\n    pass\n", "try:\n    f()\nexcept:  # why\n    pass\n"],
)
def test_a_swallowed_error_would_be_found(text: str) -> None:
    assert SWALLOWED.search(text)


def test_money_never_meets_floating_point() -> None:
    for path in _files("ledger/domain", suffixes={".py"}):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        suspicious = [
            (type(node).__name__, node.lineno)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        ]
        assert suspicious == [], _name(path)


def test_no_registry_is_named() -> None:
    paths = [*_files(*SOURCES, suffixes=TEXT_SUFFIXES), *_root_files()]
    assert [
        (_name(path), host) for path in paths for host in REGISTRIES if host in path.read_text(encoding="utf-8")
    ] == []


def test_names_say_what_a_file_is_about() -> None:
    paths = [*_files(*SOURCES, suffixes={".py"}), *_packages()]
    assert [_name(path) for path in paths if VAGUE_NAMES.fullmatch(path.name)] == []


def test_tests_neither_sleep_nor_skip() -> None:
    assert [
        _name(path)
        for path in _files("tests", suffixes={".py"})
        if UNSTEADY_TESTS.search(path.read_text(encoding="utf-8"))
    ] == []


def test_every_package_says_in_one_sentence_what_lives_there() -> None:
    for package in _packages():
        marker = package / "__init__.py"
        assert marker.is_file(), f"{_name(package)} has no __init__.py"
        docstring = ast.get_docstring(ast.parse(marker.read_text(encoding="utf-8"))) or ""
        sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+", docstring) if sentence]
        assert len(sentences) == 1, f"{_name(marker)}: {docstring!r}"
        assert docstring.endswith("."), f"{_name(marker)}: {docstring!r}"


def test_every_module_says_what_it_is_about() -> None:
    modules = _files(*SOURCES, suffixes={".py"})
    assert [_name(path) for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []
