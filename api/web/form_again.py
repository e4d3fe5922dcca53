"""A page with a form that was refused: the refusal at its head, and the form filled in as it was sent.

The page is made anew by its own handler; here its HTML, which is ours, is read once to find the form and once to fill
it. Passwords, one-time codes and files are never filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

PLACE_FIELD: Final = "form_place"
"""The hidden field by which a form that is shown again says on which page it stands."""
KEPT_EMPTY: Final = frozenset({"password", "file"})
_VOID: Final = frozenset({"input", "br", "meta", "link", "img", "hr"})

Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class SentForm:
    """One form of a page: where it goes, its hidden fields, the label of each field, the `details` that it is in."""

    number: int
    path: str
    within: frozenset[int]
    hidden: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    labels: dict[str, str] = field(default_factory=dict[str, str])


def find_form(page: str, *, place: str, path: str, sent: Mapping[str, str]) -> SentForm | None:
    """The form of the page at `place` that was sent to `path`; of several the one with the hidden fields sent."""
    reader = _Reader(urlsplit(place).path)
    reader.feed(page)
    reader.close()
    fitting = [form for form in reader.forms if form.path == path]
    return max(fitting, key=lambda form: _same(form, sent), default=None)


def fill(page: str, form: SentForm | None, *, place: str, sent: Mapping[str, str], wrong: str, refusal: str) -> str:
    """The page with `refusal` (HTML) at the head of its content, and the form as it was sent; `wrong` names a field."""
    writer = _Writer(form, place=place, sent=sent, wrong=wrong, refusal=refusal)
    writer.feed(page)
    writer.close()
    return "".join(writer.out)


def _same(form: SentForm, sent: Mapping[str, str]) -> int:
    return sum(sent.get(name) == "\n".join(values) for name, values in form.hidden.items())


class _Reader(HTMLParser):
    """Collects the forms that are posted."""

    def __init__(self, own_path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[SentForm] = []
        self._own_path = own_path
        self._numbers = 0
        self._details: list[int] = []
        self._seen_details = 0
        self._form: SentForm | None = None
        self._label: str | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        match tag:
            case "details":
                self._details.append(self._seen_details)
                self._seen_details += 1
            case "form":
                self._numbers += 1
                if given.get("method") == "post":
                    path = urlsplit(given.get("action") or self._own_path).path
                    self._form = SentForm(self._numbers, path, frozenset(self._details))
                    self.forms.append(self._form)
            case "label":
                self._label = ""
            case "input" | "select" | "textarea" if self._form is not None:
                self._take(self._form, given)
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self._details.pop()
        elif tag == "form":
            self._form = None
        elif tag == "label":
            self._label = None

    def handle_data(self, data: str) -> None:
        if self._label is not None:
            self._label += data

    def _take(self, form: SentForm, given: Mapping[str, str | None]) -> None:
        name = given.get("name") or ""
        if given.get("type") == "hidden":
            form.hidden.setdefault(name, []).append(given.get("value") or "")
        elif self._label is not None:
            form.labels.setdefault(name, " ".join(self._label.split()))


class _Writer(HTMLParser):
    """Writes the page again, tag by tag as it stands, except where the form is to be filled."""

    def __init__(self, form: SentForm | None, *, place: str, sent: Mapping[str, str], wrong: str, refusal: str) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._wanted = form
        self._place, self._sent, self._wrong, self._refusal = place, sent, wrong, refusal
        self._forms = self._details = 0
        self._inside = False
        self._select: str | None = None
        self._dropping = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        match tag:
            case "details":
                if self._wanted is not None and self._details in self._wanted.within:
                    attrs = [*(pair for pair in attrs if pair[0] != "open"), ("open", None)]
                self._details += 1
            case "form":
                self._forms += 1
                self._inside = self._wanted is not None and self._forms == self._wanted.number
            case "input" if self._inside:
                attrs = self._filled(given, attrs)
            case "select" | "textarea" if self._inside:
                name = given.get("name") or ""
                attrs = self._marked(name, attrs)
                if tag == "select":
                    self._select = name
                elif name in self._sent:
                    self._write(tag, attrs)
                    self.out.append("\n" + escape(self._sent[name]))
                    self._dropping = True
                    return
            case "option" if self._select is not None and self._select in self._sent:
                attrs = [pair for pair in attrs if pair[0] != "selected"]
                if given.get("value") == self._sent[self._select]:
                    attrs = [*attrs, ("selected", None)]
            case _:
                pass
        self._write(tag, attrs)
        if tag == "main":
            self.out.append(self._refusal)
        elif tag == "form" and given.get("method") == "post":
            self._write("input", [("type", "hidden"), ("name", PLACE_FIELD), ("value", self._place)])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._dropping = False
        if tag not in _VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def _filled(self, given: Mapping[str, str | None], attrs: Attributes) -> Attributes:
        name, kind = given.get("name") or "", given.get("type") or "text"
        assert self._wanted is not None
        if kind in ("checkbox", "radio"):
            ticked = given.get("value") in self._sent.get(name, "").split("\n")
            return [*(pair for pair in attrs if pair[0] != "checked"), *([("checked", None)] if ticked else [])]
        if name not in self._sent or kind in KEPT_EMPTY or given.get("autocomplete") == "one-time-code":
            return attrs
        if len(self._wanted.hidden.get(name, [])) > 1:
            return attrs
        filled: Attributes = [*(pair for pair in attrs if pair[0] != "value"), ("value", self._sent[name])]
        return filled if kind == "hidden" else self._marked(name, filled)

    def _marked(self, name: str, attrs: Attributes) -> Attributes:
        if name != self._wrong:
            return attrs
        return [*attrs, ("aria-invalid", "true"), ("aria-describedby", "refusal"), ("autofocus", None)]

    def _write(self, tag: str, attrs: Attributes) -> None:
        told = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attrs)
        self.out.append(f"<{tag}{told}>")
