"""Writes the reference pages that follow from the code: `make docs`. A test fails while a page is out of date."""

from pathlib import Path

from domain_pages import alerts_page, commands_page, events_page
from interface_pages import command_line_page, refusals_page, routes_page, settings_page

REFERENCE = Path(__file__).parent / "reference"


def pages() -> dict[Path, str]:
    """All generated pages by path."""
    return {
        REFERENCE / "events.md": events_page(),
        REFERENCE / "commands.md": commands_page(),
        REFERENCE / "refusals.md": refusals_page(),
        REFERENCE / "alerts.md": alerts_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "command-line.md": command_line_page(),
        REFERENCE / "http-routes.md": routes_page(),
    }


def main() -> None:
    """Write every page whose content differs."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path}")


if __name__ == "__main__":
    main()
