"""Packs that are wrong: each fault by its kind, with the file, the line and the rule."""

import re
from pathlib import Path

import pytest

from ledger.rulebook.problems import PROBLEMS, RulebookError
from ledger.rulebook.rulebook import load_rulebook, read_directory
from tests.rulebook.own_packs import CAP, HEAD, RULE, OwnPacks, kinds, pack_text

LATER = "{value: 2, valid_from: 2026-01-01, dated: in_force}"
TOO_EARLY = """\
  - id: fee.too_early
    title: {zh: 时间, en: Time}
    unit: {months: months, lessons: lessons}
    source: {issuer: us, document: letter 1, read: office}
    sure: D
    values:
"""


def parts(value: str) -> str:
    return pack_text(f"{{value: {value}, valid_from: 2025-01-01, dated: in_force}}", rule=TOO_EARLY)


WRONG: dict[str, tuple[str, list[str], int]] = {
    "unknown key": (pack_text(CAP.replace("dated", "when: 1, dated")), ["shape_wrong"], 12),
    "unknown key of the pack": (pack_text(CAP, head="colour: red\n" + HEAD), ["shape_wrong"], 1),
    "key twice": (pack_text(CAP, head=HEAD + 'jurisdiction: "44"\n'), ["key_twice"], 4),
    "no YAML": (pack_text(CAP, head="pack: [own\n"), ["yaml_malformed"], 2),
    "empty": ("", ["shape_wrong"], 0),
    "not a name": (pack_text(CAP, head=HEAD.replace("own", "OWN")), ["shape_wrong"], 1),
    "name of another file": (pack_text(CAP, head=HEAD.replace("pack: own", "pack: other")), ["pack_misnamed"], 1),
    "unknown parent": (pack_text(CAP, extends="nowhere"), ["parent_unknown"], 4),
    "its own parent": (pack_text(CAP, extends="own"), ["parent_circle"], 4),
    "unknown rule": (pack_text(CAP, rule=RULE.replace("cap_months", "cap_years")), ["rule_unknown"], 6),
    "rule twice": (pack_text(CAP) + RULE + f"      - {CAP}\n", ["rule_twice"], 13),
    "no source": (pack_text(CAP, rule=re.sub(r"    source.*\n", "", RULE)), ["source_missing"], 11),
    "no article's document": (pack_text(CAP, rule=RULE.replace("document: letter 1, ", "")), ["shape_wrong"], 9),
    "no certainty": (pack_text(CAP, rule=RULE.replace("    sure: D\n", "")), ["certainty_missing"], 11),
    "unknown certainty": (pack_text(CAP, rule=RULE.replace("sure: D", "sure: E")), ["shape_wrong"], 10),
    "no values": (pack_text(rule=RULE.replace("values:", "values: []")), ["values_missing"], 11),
    "wrong unit": (pack_text(CAP, rule=RULE.replace("unit: months", "unit: weeks")), ["unit_wrong"], 8),
    "units for parts": (pack_text(CAP, rule=RULE.replace("unit: months", "unit: {a: months}")), ["value_wrong"], 8),
    "text for a number": (pack_text(CAP.replace("3", "three", 1)), ["value_wrong"], 12),
    "fraction": (pack_text(CAP.replace("3", "3.5", 1)), ["value_wrong"], 12),
    "negative": (pack_text(CAP.replace("3", "-3", 1)), ["value_wrong"], 12),
    "number for parts": (parts("1"), ["value_wrong"], 12),
    "part missing": (parts("{months: 1}"), ["part_missing"], 12),
    "part unknown": (parts("{months: 1, lessons: 2, years: 3}"), ["part_unknown"], 12),
    "part wrong": (parts("{months: one, lessons: 2}"), ["value_wrong"], 12),
    "no date": (pack_text(CAP.replace("2025-01-01", "May")), ["shape_wrong"], 12),
    "no dating": (pack_text("{value: 3, valid_from: 2025-01-01}"), ["shape_wrong"], 12),
    "ends before it begins": (
        pack_text(CAP.replace(", dated", ", valid_until: 2024-12-31, dated")),
        ["range_empty"],
        12,
    ),
    "overlap": (
        pack_text(CAP.replace(", dated", ", valid_until: 2026-01-01, dated"), LATER),
        ["ranges_overlap"],
        13,
    ),
    "gap": (pack_text(CAP.replace(", dated", ", valid_until: 2025-12-30, dated"), LATER), ["ranges_gap"], 13),
    "same day": (pack_text(CAP, CAP), ["ranges_overlap"], 13),
    "order": (pack_text(LATER, CAP), ["order_wrong"], 13),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_fault_is_named_with_its_place(own: OwnPacks, case: str) -> None:
    text, expected, line = WRONG[case]
    own.write(text)
    with pytest.raises(RulebookError) as error:
        own.load()
    problems = error.value.problems
    assert kinds(problems) == expected
    assert (problems[0].file, problems[0].line) == ("own.yaml", line)
    assert "own.yaml" in error.value.message
    assert "own.yaml" in error.value.message_zh


def test_a_range_that_touches_the_next_is_right(own: OwnPacks) -> None:
    touching = CAP.replace(", dated", ", valid_until: 2025-12-31, dated")
    assert own.written(pack_text(touching, LATER)).packs["own"].name == "own"


def test_the_rule_is_named_in_the_sentence(own: OwnPacks) -> None:
    own.write(pack_text(CAP.replace("dated", "when: 1, dated")))
    with pytest.raises(RulebookError, match=re.escape("own.yaml:12 fee.cap_months values[0]: Object contains unknown")):
        own.load()


def test_every_fault_is_told_at_once(own: OwnPacks) -> None:
    own.write(pack_text(CAP.replace("3", "three", 1), extends="nowhere"))
    own.write(pack_text(CAP, CAP, head=HEAD.replace("pack: own", "pack: second")), "second")
    with pytest.raises(RulebookError) as error:
        own.load()
    assert sorted(kinds(error.value.problems)) == ["parent_unknown", "ranges_overlap", "value_wrong"]
    assert error.value.figures == {"problems": 3}


def test_a_pack_that_is_built_in_cannot_be_replaced(own: OwnPacks) -> None:
    own.write(pack_text(CAP, head=HEAD.replace("pack: own", "pack: beijing")), "beijing")
    with pytest.raises(RulebookError) as error:
        own.load()
    assert kinds(error.value.problems) == ["pack_twice"]


def test_packs_can_extend_each_other_but_not_in_a_circle(own: OwnPacks) -> None:
    own.write(pack_text(CAP, extends="second"))
    second = HEAD.replace("pack: own", "pack: second")
    own.write(pack_text(CAP, head=second, extends="own"), "second")
    with pytest.raises(RulebookError) as error:
        read_directory(own.directory)
    assert set(kinds(error.value.problems)) == {"parent_circle"}


def test_words_and_times_of_older_yaml_stay_what_is_written(own: OwnPacks) -> None:
    rule = RULE.replace("fee.cap_months", "lesson.latest_end").replace("months", "time")
    rulebook = own.written(
        pack_text("{value: 20:30, valid_from: 2025-01-01, dated: in_force, enforcement: off}", rule=rule)
    )
    (found,) = rulebook.values("own")
    assert (found.parts[""], found.enforcement) == ("20:30", "off")


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        load_rulebook(tmp_path / "none")


def test_a_file_that_is_no_text_is_an_error(own: OwnPacks) -> None:
    (own.directory / "own.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RulebookError) as error:
        own.load()
    assert kinds(error.value.problems) == ["file_unreadable"]


def test_every_problem_is_told_in_both_languages() -> None:
    for en, zh in PROBLEMS.values():
        assert set(re.findall(r"{(\w+)}", zh)) <= set(re.findall(r"{(\w+)}", en))
        assert re.search(r"[\u4e00-\u9fff]|^{detail}$", zh)
