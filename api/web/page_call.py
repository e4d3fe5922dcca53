"""One request for a page: who asks, in which language, with which form; and how a page answers."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from uuid_utils.compat import uuid7

from api.auth.principal import Principal
from api.calls import visible_to
from api.pages import scope_of
from api.request_context import Language, context_of
from api.services import Books, Pool, Services
from api.web.form_again import PLACE_FIELD
from api.web.rendering import render
from ledger.application.access import ROLE_SCOPES
from ledger.application.caller import Caller, Visible, hash_of, key_of
from ledger.application.explain import RuleShown, rule_shown
from ledger.application.ledger import CHINA, Ledger
from ledger.application.reading import Reader
from ledger.application.sign_in.sessions import Session
from ledger.domain.errors import LedgerError
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome

T = TypeVar("T")

_YUAN: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
KEY_FIELD: Final = "form_key"
"""The hidden field by which a form that is sent twice is recognised."""
TEXT_LIMIT: Final = 500
WHOLE_DIGITS: Final = 9
FORM_FIELDS: Final = 500
FORM_FILES: Final = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says about what was just done: `done` in the address names it."""

    zh: str
    en: str


@dataclass(slots=True)
class PageCall:
    """An authorised request. `session` is None on pages that everybody may see."""

    request: Request
    services: Services
    session: Session | None
    form: Mapping[str, str]
    file: UploadFile | None
    cookies: Mapping[str, str]
    notices: Mapping[str, Notice]
    began: float

    @property
    def language(self) -> Language:
        return context_of(self.request.scope).language

    @property
    def books(self) -> Books:
        assert self.services.books is not None
        return self.services.books

    @property
    def ledger(self) -> Ledger:
        return self.books.ledger

    @property
    def reader(self) -> Reader:
        return self.books.reader

    @property
    def pool(self) -> Pool:
        return self.services.pool

    @property
    def now(self) -> datetime:
        """The wall clock's instant, for sessions and codes; business days are the ledger's."""
        return datetime.fromtimestamp(self.services.clock(), UTC)

    @property
    def signed_in(self) -> Session:
        """The session of a page that needs one."""
        assert self.session is not None
        return self.session

    @property
    def principal(self) -> Principal:
        """The visitor as the API knows clients: a user by user name, a family by its session."""
        return principal_of(self.signed_in)

    @property
    def scope(self) -> Scope:
        """The rows that the visitor may see."""
        return scope_of(self.principal)

    def path(self, name: str) -> str:
        """A parameter of the path."""
        return self.request.path_params[name]

    def query(self, name: str) -> str | None:
        """A parameter of the address; None where it is absent or empty."""
        return self.request.query_params.get(name) or None

    def text(self, name: str, most: int = TEXT_LIMIT) -> str:
        """A field of the form that has to say something. Raises LedgerError `form_field_missing`, `form_field_long`."""
        text = " ".join(self.form.get(name, "").split())  # one line: what is recorded holds no control characters
        if not text:
            raise LedgerError("form_field_missing", field=name)
        if len(text) > most:
            raise LedgerError("form_field_long", field=name, limit=most)
        if not text.isprintable():
            raise LedgerError("form_field_wrong", field=name)
        return text

    def optional_text(self, name: str, most: int = TEXT_LIMIT) -> str:
        """A field of the form that may be left empty. Raises LedgerError `form_field_long`, `form_field_wrong`."""
        return self.text(name, most) if self.form.get(name, "").strip() else ""

    def whole(self, name: str) -> int:
        """A field of the form that is a whole number. Raises LedgerError `form_field_missing`, `form_field_wrong`."""
        text = self.text(name)
        if not text.isascii() or not text.isdigit() or len(text) > WHOLE_DIGITS:
            raise LedgerError("form_field_wrong", field=name)
        return int(text)

    def fen(self, name: str) -> int:
        """An amount of the form in yuan, with at most two decimals, as fen; exact, because it is never a float.

        Raises LedgerError `form_field_missing`, `form_amount_wrong`.
        """
        amount_fen = fen_of_yuan(self.text(name))
        if amount_fen is None:
            raise LedgerError("form_amount_wrong", field=name)
        return amount_fen

    def day(self, name: str) -> date:
        """A date of the form. Raises LedgerError `form_field_missing`, `form_field_wrong`."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise LedgerError("form_field_wrong", field=name) from error

    def lines(self, name: str, parts: int) -> list[tuple[int, list[str]]]:
        """A field of the form with one entry a line: the number of each line that is not empty, and its parts, which
        blanks or commas keep apart. Raises LedgerError `form_line_wrong`."""
        entries: list[tuple[int, list[str]]] = []
        for number, line in enumerate(self.form.get(name, "").splitlines(), 1):
            said = re.split(r"[\s,，]+", line.strip())
            if said == [""]:
                continue
            if len(said) != parts or not all(map(str.isprintable, said)):
                raise LedgerError("form_line_wrong", field=name, line=number)
            entries.append((number, said))
        return entries

    def moment(self, on: date, name: str) -> datetime | None:
        """A time of day in China of the form (HH:MM) on a day; None where it is empty.

        Raises LedgerError `form_field_wrong`.
        """
        text = self.form.get(name, "")
        if not text:
            return None
        try:
            return datetime.combine(on, clock.fromisoformat(text), CHINA)
        except ValueError as error:
            raise LedgerError("form_field_wrong", field=name) from error

    def ticked(self, name: str) -> list[str]:
        """The values of the boxes of that name that were ticked."""
        return [text for text in self.form.get(name, "").split("\n") if text]

    def choice(self, name: str, choices: Iterable[T]) -> T:
        """A field of the form that is one of these. Raises LedgerError `form_field_missing`, `form_field_wrong`."""
        text = self.text(name)
        for one in choices:
            if one == text:
                return one
        raise LedgerError("form_field_wrong", field=name)

    def picked(self, name: str, choices: Iterable[T]) -> T | None:
        """A parameter of the address that is one of these; None for anything else."""
        text = self.query(name)
        for one in choices:
            if one == text:
                return one
        return None

    def caller(self, visible: Visible | None = None) -> Caller:
        """The visitor for a use case, recognised by the form's hidden key if it sends the form again.

        Raises LedgerError `idempotency_key_missing` for a form without its key.
        """
        principal = self.principal
        key = self.form.get(KEY_FIELD)
        if not key:
            raise LedgerError("idempotency_key_missing")
        said = urlencode(
            sorted((name, text) for name, text in self.form.items() if name not in (KEY_FIELD, PLACE_FIELD))
        )
        caller = Caller(
            actor=principal.actor,
            idempotency_key=key_of(principal.client_id, key),
            request_hash=hash_of("POST", self.request.url.path, said.encode()),
            visible=visible_to(principal),
        )
        return caller if visible is None else replace(caller, visible=visible)

    def caller_of(self, request_hash: bytes) -> Caller:
        """The visitor for a use case whose content is not in the form's texts, such as a file."""
        return replace(self.caller(), request_hash=request_hash)

    def caller_for(self, part: str) -> Caller:
        """The same for a further command of the form, under a key of its own."""
        caller = self.caller()
        assert caller.idempotency_key is not None
        return replace(caller, idempotency_key=key_of(caller.idempotency_key.hex, part))

    def law(self, rule: str, policy: str | None) -> RuleShown | None:
        """A rule as it was in force under the policy of that name; None where this rulebook never had it."""
        value = None if policy is None else self.books.rulebook.rule(rule, policy)
        return None if value is None else rule_shown(value)

    def rule_title(self, rule: str) -> str:
        """What a rule is called, which is the same in every pack; its id where no pack has it."""
        book = self.books.rulebook
        for value in (value for pack in book.packs for value in book.values(pack) if value.rule == rule):
            return value.title.zh if self.language == "zh" else value.title.en
        return rule

    def pack_title(self, policy: str) -> str:
        """What the pack and the release of a policy are called (`default@2026.1/2000-01-01`: Escrow only 2026.1)."""
        name, _, version = policy.partition("@")
        pack = self.books.rulebook.packs.get(name)
        if pack is None:
            return policy
        title = pack.entry.title.zh if self.language == "zh" else pack.entry.title.en
        return f"{title} {version.partition('/')[0]}"

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """A page made of the template."""
        done = self.notices.get(self.query("done") or "")
        values |= {
            "call": self,
            "session": self.session,
            "form_key": str(uuid7()),
            "notice": None if done is None else (done.zh if self.language == "zh" else done.en),
            "large": self.cookies.get("escrow-type") == "large",
            "behind": None if self.services.books is None else self.reader.runner.lag(),
            "told_at": None if self.services.books is None else self.ledger.clock(),
        }
        headers = {
            "content-language": "zh-CN" if self.language == "zh" else "en",
            "server-timing": f"page;dur={(time.perf_counter() - self.began) * 1000:.1f}",
            "referrer-policy": "same-origin",  # for a refused form, which is shown again where it stood
        }
        return HTMLResponse(render(template, self.language, values), status, headers=headers)

    def go_to(self, path: str, *, done: str = "", at_least: str = "") -> Response:
        """The page to look at after a form was taken (303, so that reloading sends nothing again)."""
        assert not done or done in self.notices, done
        query = urlencode({name: text for name, text in (("done", done), ("at_least", at_least)) if text})
        return RedirectResponse(f"{path}?{query}" if query else path, 303)

    def after(self, outcome: Outcome, path: str, *, done: str) -> Response:
        """The page to look at after a form was recorded: it shows what was."""
        return self.go_to(path, done=done, at_least=f"{outcome.partition}:{outcome.position}")


def fen_of_yuan(text: str) -> int | None:
    """An amount in yuan with at most two decimals as fen, exact; None for text that is none."""
    found = _YUAN.fullmatch(text.replace(",", ""))
    return None if found is None else int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def principal_of(session: Session) -> Principal:
    """Who a session acts as."""
    bound = session.bound
    return Principal(
        client_id=session.user_id or _family_client(session.session_id),
        role=session.role,
        scopes=ROLE_SCOPES[session.role],
        bank=bound.bank,
        institutions=bound.institutions,
        families=bound.families,
        districts=bound.districts,
        authorities=bound.authorities,
    )


def _family_client(session_id: UUID) -> str:
    return f"family-session-{session_id}"
