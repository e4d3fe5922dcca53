"""Refusals: every expected "no" of the ledger is a `LedgerError` with a stable code from the catalogue."""

from typing import NamedTuple

from ledger.domain.codes import CODES


class Code(NamedTuple):
    """One stable refusal code with its sentence in both languages; `{name}` places take the figures."""

    code: str
    en: str
    zh: str


CATALOGUE: dict[str, Code] = {code: Code(code, en, zh) for code, (en, zh) in CODES.items()}


class LedgerError(Exception):
    """An expected refusal: a stable `code`, a sentence in English and Chinese, and the `figures` behind it.

    Figures are integers in fen (names ending `_fen`), counts, dates as ISO text, or opaque ids. Nothing is
    recorded by a command that is refused. `item` is the place (from 0) of the refused command among several that
    were to be recorded together.
    """

    item: int | None = None

    def __init__(self, code: str, **figures: int | str) -> None:
        entry = CATALOGUE[code]
        self.code = code
        self.figures = figures
        self.message = entry.en.format(**figures)
        self.message_zh = entry.zh.format(**figures)
        super().__init__(f"{code}: {self.message}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.code, self.figures))


def _rebuild(code: str, figures: dict[str, int | str]) -> LedgerError:
    return LedgerError(code, **figures)
