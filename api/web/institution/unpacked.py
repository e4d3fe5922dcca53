"""A zip archive packed anew from what was measured, so that whoever reads it next cannot be made to unpack more.

What an archive says of its sizes is the sender's word. Each member is unpacked piece by piece, counted, and put into a
new archive; nothing of the old one reaches the reader.
"""

import io
import zipfile
import zlib
from typing import Final

from ledger.domain.errors import LedgerError

UNPACKED_BYTES: Final = 32 * 1024 * 1024
"""So much a spreadsheet may hold once it is unpacked."""
MOST_MEMBERS: Final = 500
_PIECE: Final = 64 * 1024
_LOCAL_HEAD: Final = 30


def repacked(content: bytes, *, limit_bytes: int = UNPACKED_BYTES) -> bytes:
    """The same members, not compressed. Raises LedgerError `sheet_unreadable`, `sheet_too_large`."""
    target = io.BytesIO()
    left = limit_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as clean:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or len({member.filename for member in members}) < len(members):
                raise LedgerError("sheet_unreadable")
            for member in members:
                data = _unpacked(content, member, left)
                if data is None:
                    raise LedgerError("sheet_too_large", limit_bytes=limit_bytes)
                left -= len(data)
                clean.writestr(zipfile.ZipInfo(member.filename), data)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise LedgerError("sheet_unreadable") from error
    return target.getvalue()


def _unpacked(content: bytes, member: zipfile.ZipInfo, most: int) -> bytes | None:
    """The member's bytes; None when there are more. Raises BadZipFile, zlib.error."""
    if member.flag_bits & 0x1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("encrypted, or packed in another way")
    head = content[member.header_offset : member.header_offset + _LOCAL_HEAD]
    if len(head) < _LOCAL_HEAD or head[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no member there")
    begins = member.header_offset + _LOCAL_HEAD + int.from_bytes(head[26:28], "little")
    begins += int.from_bytes(head[28:30], "little")
    packed = memoryview(content)[begins : begins + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        return bytes(packed) if len(packed) <= most else None
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces = bytearray()
    for at in range(0, len(packed), _PIECE):
        given: bytes | memoryview = packed[at : at + _PIECE]
        while len(given) and not inflate.eof:
            pieces += inflate.decompress(given, _PIECE)
            if len(pieces) > most:
                return None
            given = inflate.unconsumed_tail
    pieces += inflate.flush()
    if not inflate.eof:
        raise zipfile.BadZipFile("a member ends early")
    return bytes(pieces) if len(pieces) <= most else None
