"""The generated reference pages say what the code says."""

import importlib.util
from pathlib import Path
from types import ModuleType

GENERATOR = Path(__file__).parents[1] / "docs" / "generate.py"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    for path, text in _generator().pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of date: run `make docs`"
