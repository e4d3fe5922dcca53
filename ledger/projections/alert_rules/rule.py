"""What an alert rule is: its id, severity, source and parameters, and the sentences that say what tripped it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from ledger.domain.codes import CODES
from ledger.domain.events import AlertSubject

Severity = Literal["yellow", "red"]
Figures = dict[str, int | str]


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its parameters, and its sentences: when it trips, and when the figures have recovered.

    `parameters` are the rule's own; those that a pack decides are named in `dated`, as fields of the detection
    parameters that events record. A rule that trips in further ways has their sentences (English, Chinese) in `ways`.
    """

    id: str
    severity: Severity
    source: str
    subject_kind: AlertSubject
    parameters: Mapping[str, int] = {}
    dated: tuple[str, ...] = ()
    en: str
    zh: str
    resolved_en: str
    resolved_zh: str
    ways: Mapping[str, tuple[str, str]] = {}

    def sentences(self, figures: Figures, way: str = "") -> tuple[str, str]:
        """English and Chinese with the figures that tripped the rule this way.

        A way that is not the rule's own is the refusal code of the same case, whose sentences take the same figures.
        """
        en, zh = (self.en, self.zh) if not way else self.ways[way] if way in self.ways else CODES[way]
        return filled(en, figures), filled(zh, figures)


def filled(sentence: str, figures: Figures) -> str:
    """The sentence with its figures. One that an old event does not have is shown as a dash: no view stops for it."""
    return sentence.format_map(_Shown(figures))


class _Shown(dict[str, int | str]):
    def __missing__(self, _: str) -> str:
        return "-"
