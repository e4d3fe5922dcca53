"""Failures of the database itself: not refusals of a command, but reasons why the ledger cannot work at all."""


class StorageError(Exception):
    """The store cannot be used. `code` is stable; `message` and `message_zh` tell an operator what to do.

    `figures` holds the numbers and names that the sentences mention, for logs and for machines.
    """

    def __init__(self, code: str, message: str, message_zh: str, **figures: int | str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.message_zh = message_zh
        self.figures = figures
