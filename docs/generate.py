"""Writes the reference pages that follow from the code: `make docs`. A test fails while a page is out of date."""

from pathlib import Path

from ledger.settings import Settings

REFERENCE = Path(__file__).parent / "reference"
_NOTICE = "<!-- Written by docs/generate.py; change the code instead. -->"


def settings_page() -> str:
    """`settings.md`: each setting with its variable, its default and what it does."""
    rows = [
        f"| `{row.name}` | `{row.variable}` | {f'`{row.default}`' if row.default else 'unset'} | {row.description} |"
        for row in Settings.model_construct().describe()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            _NOTICE,
            "",
            "Read from the environment, or by name from the TOML file that `ESCROW_CONFIG` names; without that from",
            "`escrow.toml` in the working directory, if it is there. The environment wins. `escrow config show` prints",
            "what is in force.",
            "",
            "| setting | variable | default | what it does |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def pages() -> dict[Path, str]:
    """All generated pages by path."""
    return {REFERENCE / "settings.md": settings_page()}


def main() -> None:
    """Write every page whose content differs."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}")


if __name__ == "__main__":
    main()
