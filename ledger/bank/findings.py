"""What was refused, why and where: `FileRefused` for a whole file, `EntryRefused` for one entry of a good file."""

import msgspec

from ledger.bank.codes import CATALOGUE, ENTRY_CODES, FILE_CODES, SKIPPED_CODES, STATEMENT_CODES
from ledger.domain.errors import LedgerError

Figures = dict[str, int | str]


class FileFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why a whole file is refused, with the line it was seen on (1-based; None: the file as such)."""

    code: str
    figures: Figures
    line: int | None = None

    @property
    def message(self) -> str:
        return CATALOGUE[self.code].en.format(**self.figures)

    @property
    def message_zh(self) -> str:
        return CATALOGUE[self.code].zh.format(**self.figures)


class FileRefused(LedgerError):
    """A whole file is refused: nothing in it was used.

    `code`, `message`, `message_zh`, `figures` and `line` are the first finding's; `findings` has them all
    (several only for a file that breaks its schema in several places).
    """

    def __init__(self, *findings: FileFinding) -> None:
        first = findings[0]
        assert all(finding.code in FILE_CODES for finding in findings)
        self.findings = findings
        self.code = first.code
        self.figures = first.figures
        self.message = first.message
        self.message_zh = first.message_zh
        self.line = first.line
        Exception.__init__(self, f"{first.code}: {first.message}")

    def __reduce__(self) -> tuple[object, ...]:
        return (FileRefused, self.findings)


def file_refused(code: str, /, *, line: int | None = None, **figures: int | str) -> FileRefused:
    """A `FileRefused` with one finding."""
    return FileRefused(FileFinding(code=code, figures=figures, line=line))


class EntryRefused(msgspec.Struct, frozen=True, kw_only=True):
    """One entry that is refused while the rest of the file stays usable.

    `line` is where the entry (or the transaction of a batch) begins in the file, `entry` its number in file
    order, `transaction` its number inside a batch; all are 1-based. `field` is the column or the ISO 20022 path.
    Figures never hold names, payer accounts or remittance text.
    """

    code: str
    figures: Figures
    line: int | None
    entry: int | None
    field: str | None = None
    transaction: int | None = None

    @property
    def message(self) -> str:
        return CATALOGUE[self.code].en.format(**self.figures)

    @property
    def message_zh(self) -> str:
        return CATALOGUE[self.code].zh.format(**self.figures)

    @property
    def skipped(self) -> bool:
        """Whether it is no movement (yet) and nothing is wrong with it."""
        return self.code in SKIPPED_CODES


class StatementRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that cannot be recorded, while its entries stay usable. `number` and `line` are its place."""

    code: str
    figures: Figures
    number: int
    line: int | None
    statement_id: str
    account_no: str

    @property
    def message(self) -> str:
        return CATALOGUE[self.code].en.format(**self.figures)

    @property
    def message_zh(self) -> str:
        return CATALOGUE[self.code].zh.format(**self.figures)


class StatementProblem(Exception):
    """Raised while a statement's head is read; it becomes a `StatementRefused` with the statement's place."""

    def __init__(self, code: str, /, **figures: int | str) -> None:
        assert code in STATEMENT_CODES
        super().__init__(code)
        self.code = code
        self.figures: Figures = figures


class EntryProblem(Exception):
    """Raised while one entry is read; the intake turns it into an `EntryRefused` with the entry's place."""

    def __init__(self, code: str, field: str | None = None, /, **figures: int | str) -> None:
        assert code in ENTRY_CODES
        super().__init__(code)
        self.code = code
        self.field = field
        self.figures: Figures = figures
