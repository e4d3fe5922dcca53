"""YAML read as plain data with the line of every part.

Only integers, true, false, null and text: no dates, no fractions and none of YAML 1.1's surprises (`off`, `20:30`).
"""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import yaml

from ledger.rulebook.problems import Problem, RulebookError, problem

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "": None}
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Document(NamedTuple):
    """The data of a file, and the line (from 1) of every part by its path, such as `$.rules[2].id`."""

    file: str
    data: Any
    lines: dict[str, int]

    def line(self, path: str) -> int:
        """The line of the part, or of the nearest one around it."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 0)


def read_yaml(path: Path) -> Document:
    """The document of a file. Raises RulebookError `file_unreadable`, `yaml_malformed`, `key_twice`."""
    try:
        text = path.read_text(encoding="utf-8")
        node = _compose(text)
    except (OSError, UnicodeDecodeError) as error:
        raise RulebookError([problem("file_unreadable", path.name, detail=error)]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise RulebookError([problem("yaml_malformed", path.name, line=line, detail=error.problem)]) from error
    except yaml.YAMLError as error:
        raise RulebookError([problem("yaml_malformed", path.name, detail=error)]) from error
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    data = _plain(node, "$", path.name, lines, problems)
    if problems:
        raise RulebookError(problems)
    return Document(path.name, data, lines)


def _compose(text: str) -> yaml.Node | None:
    return cast(yaml.Node | None, yaml.compose(text, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]


def _plain(node: yaml.Node | None, place: str, file: str, lines: dict[str, int], problems: list[Problem]) -> Any:
    if node is None:
        return None
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                line = key_node.start_mark.line + 1
                problems.append(problem("key_twice", file, line=line, place=place, key=key))
            mapping[key] = _plain(value_node, f"{place}.{key}", file, lines, problems)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, f"{place}[{index}]", file, lines, problems) for index, one in enumerate(node.value)]
    text = str(node.value)
    if not getattr(node, "style", None):  # plain, without quotes
        if _INTEGER.fullmatch(text):
            return int(text)
        return _WORDS.get(text, text)
    return text
