"""What can be wrong with a rulebook, in both languages, with the file, the line and the rule."""

from collections.abc import Sequence
from typing import Final, NamedTuple

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "file_unreadable": ("the file cannot be read: {detail}", "无法读取文件：{detail}"),
    "yaml_malformed": ("not well-formed YAML: {detail}", "不是合法的YAML：{detail}"),
    "key_twice": ("the key {key} is there twice", "键{key}重复"),
    "shape_wrong": ("{detail}", "格式不正确：{detail}"),
    "pack_misnamed": ("the pack {pack} must be in the file {wanted}", "政策包{pack}须存放于文件{wanted}"),
    "pack_twice": ("a pack {pack} exists already in another directory", "另一目录已有政策包{pack}"),
    "parent_unknown": ("there is no pack {parent} to extend", "没有可沿用的政策包{parent}"),
    "parent_circle": ("the pack extends itself by way of {parent}", "政策包经{parent}循环沿用自身"),
    "rule_unknown": ("no rule of this id is known", "没有此编号的规则"),
    "rule_twice": ("the rule is there twice", "规则重复"),
    "source_missing": ("the value names no source", "该值未注明来源"),
    "certainty_missing": ("the value does not say how sure it is", "该值未注明可信程度"),
    "values_missing": ("the rule has no values", "规则没有取值"),
    "unit_wrong": ("the unit {unit} is not one of: {units}", "单位{unit}不在允许范围：{units}"),
    "part_unknown": ("the rule has no part {part}", "规则没有组成部分{part}"),
    "part_missing": ("the part {part} is missing", "缺少组成部分{part}"),
    "value_wrong": ("{value} is not a value in {unit}", "{value}不是以{unit}为单位的值"),
    "range_empty": ("the value ends on {until}, before it begins", "该值于{until}失效，早于其生效日"),
    "ranges_overlap": ("the value begins on {start}, before the one before it ends", "该值自{start}生效，与前一值重叠"),
    "ranges_gap": (
        "the value begins on {start} and leaves a gap after the one before it",
        "该值自{start}生效，与前一值之间有间隔",
    ),
    "order_wrong": ("values must be in the order of valid_from", "取值须按生效日期排列"),
    "value_changed": (
        "a released value was changed; close it by a new dated value instead",
        "已发布的值被修改；应以新的生效日期另立新值",
    ),
    "value_removed": ("a released value was removed", "已发布的值被删除"),
    "closing_changed": (
        "the value was released as ending on {until}, which cannot be changed",
        "该值发布时注明于{until}失效，不得更改",
    ),
    "value_unreleased": (
        "the value is in no release: run `escrow rules release VERSION`",
        "该值尚未发布：请运行 `escrow rules release 版本号`",
    ),
    "release_twice": ("there is a release {version} already", "已有发布版本{version}"),
    "release_malformed": (
        "a version is 1 to 20 letters, digits, points and hyphens, not {version}",
        "版本号须为1至20个字母、数字、点或连字符，不能是{version}",
    ),
    "nothing_to_release": ("every value is released already", "所有值均已发布"),
    "table_overlap": ("the day {day} is in the table twice", "{day}在表中重复"),
    "table_year_wrong": ("the day {day} is not of the year {year}", "{day}不属于{year}年"),
}


class Problem(NamedTuple):
    """One fault of a file: `place` is the rule and the path in it, `line` counts from 1 (0: unknown)."""

    kind: str
    file: str
    line: int
    place: str
    en: str
    zh: str


def problem(kind: str, file: str, *, line: int = 0, place: str = "", **figures: object) -> Problem:
    """A fault of that kind with its sentences."""
    en, zh = PROBLEMS[kind]
    return Problem(kind, file, line, place, en.format(**figures), zh.format(**figures))


class RulebookError(Exception):
    """The rulebook is wrong and is not used at all. `problems` names every fault that was found."""

    code = "rulebook_wrong"

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems
        self.problems = tuple(problems)
        self.message = "The rulebook is wrong. " + "; ".join(_located(one, one.en) for one in problems) + "."
        self.message_zh = "规则库有误。" + "；".join(_located(one, one.zh) for one in problems) + "。"
        self.figures: dict[str, int | str] = {"problems": len(self.problems)}
        super().__init__(self.message)


def _located(one: Problem, sentence: str) -> str:
    where = f"{one.file}:{one.line}" if one.line else one.file
    return f"{where} {one.place}: {sentence}" if one.place else f"{where}: {sentence}"
