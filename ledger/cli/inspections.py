"""`escrow inspections`: random inspection draws that anybody can do again, without a store and without a server."""

import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from ledger.cli.output import REFUSED, JsonOption, fail, is_json, print_json, say
from ledger.domain.draw_verification import DrawFault, PublishedDraw, drawn_with, faults_of
from ledger.domain.inspection_draw import commitment_of, digest_of

app = typer.Typer(help="Random inspection draws, done again by anybody.", no_args_is_help=True)

_FILE: Final = typer.Argument(exists=True, dir_okay=False, help="A draw's record (JSON), as the API gives it.")
_SENTENCES: Final[dict[DrawFault, tuple[str, str]]] = {
    "input": (
        "the list cannot be drawn from, or a weight is not what its figures make",
        "清单不可用，或权重与数据不符",
    ),
    "digest": ("the digest is not that of the list", "摘要与清单不符"),
    "commitment": ("the secret does not open the commitment", "密值与承诺不符"),
    "public_value": ("a value without its announced source, or a source without its value", "公开来源与数值不对应"),
    "seed": ("the seed does not follow from list, secret and public value", "种子并非由清单、密值和公开数值得出"),
    "sites": ("institutions or inspectors are not those that the seed draws", "抽中的机构或人员与种子不符"),
}


@app.command("commit")
def commit(json_: JsonOption = False) -> None:
    """Make a secret and the commitment to announce; keep the secret until the day of the draw."""
    secret = secrets.token_hex(32)
    if is_json():
        print_json({"secret": secret, "commitment": commitment_of(secret)})
    else:
        say(f"secret: {secret}", f"密值：{secret}")
        say(f"commitment: {commitment_of(secret)}", f"承诺：{commitment_of(secret)}")


@app.command("draw")
def draw(
    file: Annotated[Path, _FILE],
    secret: Annotated[str, typer.Option(help="The secret of the commitment (64 hex characters).")] = "",
    public_value: Annotated[str, typer.Option(help="The value of the public source.")] = "",
) -> None:
    """Draw from a list: what the server would draw, as JSON on standard output."""
    given = _read(file)
    try:
        bytes.fromhex(secret)
    except ValueError as error:
        raise typer.BadParameter("not hexadecimal", param_hint="--secret") from error
    print_json(drawn_with(given, secret=secret, public_value=public_value))


@app.command("verify")
def verify(file: Annotated[Path, _FILE], json_: JsonOption = False) -> None:
    """Do a published draw again, and say whether everything follows. Exit status 1 if something does not."""
    published = _read(file)
    faults = faults_of(published)
    if is_json():
        print_json({"verified": not faults, "digest": digest_of(published.input), "faults": faults})
    else:
        for fault in faults:
            en, zh = _SENTENCES[fault]
            say(f"wrong: {en}", f"不符：{zh}")
        if not faults:
            drawn, listed = len(published.sites), len(published.input.institutions)
            say(
                f"right: digest {published.digest}, {drawn} of {listed} institutions drawn",
                f"核验通过：摘要{published.digest}，{listed}家中抽取{drawn}家",
            )
    if faults:
        raise typer.Exit(REFUSED)


def _read(file: Path) -> PublishedDraw:
    try:
        return msgspec.json.decode(file.read_bytes(), type=PublishedDraw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fail("draw_unreadable", f"{file} is not a draw's record: {error}", f"{file}不是抽查记录：{error}")
