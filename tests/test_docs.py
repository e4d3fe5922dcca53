"""What the documentation says is so: generated pages, links, named tests, metrics, and the first deposit's commands."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from ledger.domain.decisions import DECISIONS
from ledger.domain.errors import CATALOGUE
from ledger.domain.events import TOPICS
from ledger.projections.alert_rules import RULES
from tests.docs_shell import run_blocks

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
PAGES = sorted([*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TEST_FILE = re.compile(r"`(?:tests/)([\w/]+\.py|[\w/]+/)(?:::(\w+))?`")
_TEST_NAME = re.compile(r"`(?:::)?(test_\w+)`")


def _name(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as renderers make them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    return import_module("generate")


def test_generated_pages_are_up_to_date(generator: ModuleType) -> None:
    for path, text in generator.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of date: run `make docs`"


def test_what_exists_is_in_the_reference() -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")}
    assert [topic for topic in TOPICS if f"`{topic}`" not in pages["events"]] == []
    assert [one.__name__ for one in DECISIONS if f"## {one.__name__}\n" not in pages["commands"]] == []
    assert [code for code in CATALOGUE if f"`{code}`" not in pages["refusals"]] == []
    assert [rule.id for rule in RULES if f"## {rule.id}\n" not in pages["alerts"]] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        other = (page.parent / file).resolve() if file else page
        assert other.exists(), f"{_name(page)}: {target}"
        assert not anchor or anchor in _anchors(other), f"{_name(page)}: {target}"


def test_every_page_is_in_the_index_of_its_shelf() -> None:
    for page in DOCS.rglob("*.md"):
        if page.stem != "index":
            assert f"({page.name})" in (page.parent / "index.md").read_text(encoding="utf-8"), _name(page)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_tests_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    everything = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "tests").rglob("*.py"))
    for file, test in _TEST_FILE.findall(text):
        path = REPOSITORY / "tests" / file
        assert path.exists(), f"{_name(page)}: tests/{file}"
        assert not test or f"def {test}(" in path.read_text(encoding="utf-8"), f"{_name(page)}: {file}::{test}"
    for test in _TEST_NAME.findall(text):
        assert f"def {test}(" in everything, f"{_name(page)}: {test}"


def test_every_metric_is_described() -> None:
    described = (DOCS / "operating" / "monitoring.md").read_text(encoding="utf-8")
    server, edge = ((REPOSITORY / "api" / name).read_text(encoding="utf-8") for name in ("server.py", "metrics.py"))
    gauges = [f"escrow_{name}" for name in re.findall(r'reading\(\s*"(\w+)"', server)]
    assert len(gauges) > 5
    for name in [*gauges, *re.findall(r'^\s+"(escrow_http_\w+)"', edge, flags=re.M)]:
        assert f"`{name}" in described, name


def test_every_dependency_has_its_line_of_why() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    reasons = (DOCS / "decisions" / "0001-dependencies.md").read_text(encoding="utf-8")
    for requirement in [*project["dependencies"], *extras["build"], *extras["dev"]]:
        name = re.split(r"[\[<>=]", requirement)[0]
        assert re.search(rf"\b{name}\b", reasons), name


def test_the_first_deposit_works_as_it_is_written(empty_database_url: str, tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "first-deposit.md").read_text(encoding="utf-8")
    said = run_blocks(page, directory=tmp_path, database_url=empty_database_url)
    answers = re.findall(r"HTTP/1\.1 (\d+)", said)
    assert answers == ["201", "201", "201", "409"], said
    assert said.lower().count("idempotency-replayed: true") == 2, said
    assert '"cash_fen":600800' in said
    assert "no differences" in said


def test_pages_are_written_by_a_program_that_runs(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(DOCS / "generate.py")], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
