"""The bytes of a bank's file, read in pieces as often as a reader needs them: never more than a piece in memory."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

from ledger.bank.entries import Limits
from ledger.bank.findings import file_refused

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""How UTF-8 text from spreadsheets and some banks begins."""
HEAD_BYTES = 1024
_PIECE = 64 * 1024

Source = BinaryIO | bytes
"""A file opened for reading (it must be able to go back to its beginning), or the bytes themselves."""


class Content:
    """A file's bytes, weighed once. `sha256` is the hex digest of all of them, `head` the first thousand.

    Raises `FileRefused` `file_empty` or `file_too_large`.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self._stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
        digest = hashlib.sha256()
        self.size = 0
        blank = True
        for piece in self.pieces():
            self.size += len(piece)
            if self.size > limits.max_bytes:
                raise file_refused("file_too_large", limit_bytes=limits.max_bytes)
            if self.size == len(piece):
                self.head = piece[:HEAD_BYTES]
                blank = is_blank(piece)
            else:
                blank = blank and not piece.strip()
            digest.update(piece)
        if blank:
            raise file_refused("file_empty")
        self.sha256 = digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """All bytes from the beginning, in pieces of 64 KiB."""
        self._stream.seek(0)
        while piece := self._stream.read(_PIECE):
            yield piece

    def body(self) -> Iterator[bytes]:
        """The pieces without a byte order mark."""
        for number, piece in enumerate(self.pieces()):
            yield piece.removeprefix(BYTE_ORDER_MARK) if number == 0 else piece

    def lines(self, longest: int) -> Iterator[bytes]:
        """The lines with their line ends as they are, without a byte order mark; longer ones in pieces of `longest`."""
        self._stream.seek(0)
        first = True
        while line := self._stream.readline(longest):
            yield line.removeprefix(BYTE_ORDER_MARK) if first else line
            first = False

    def require_text(self, encoding: str) -> None:
        """Raises `FileRefused` `file_encoding_wrong` with the line of the first byte that is no text, or is NUL."""
        decoder = codecs.getincrementaldecoder(encoding)()
        lines_before = 0
        for piece in (*self.body(), b""):
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                line = lines_before + error.object.count(b"\n", 0, error.start) + 1
                raise file_refused("file_encoding_wrong", line=line, expected=encoding.upper(), declared="") from None
            if "\0" in text:
                line = lines_before + text.count("\n", 0, text.index("\0")) + 1
                raise file_refused("file_encoding_wrong", line=line, expected=encoding.upper(), declared="")
            lines_before += text.count("\n")


def is_blank(data: bytes) -> bool:
    """Whether the bytes are nothing but white space, with or without a byte order mark."""
    return not data.removeprefix(BYTE_ORDER_MARK).strip()
