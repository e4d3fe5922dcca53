"""Signing in and out: staff by password and authenticator, families by contract number and one-time code."""

import asyncio
import math
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from psycopg import AsyncConnection
from starlette.responses import RedirectResponse, Response

from api.ratelimit import RateLimits
from api.services import SignIn
from api.web.cookies import CODE, LANGUAGE, SESSION, TYPE_SIZE, drop_private, set_choice, set_private
from api.web.origin import own_path
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.access import Bindings, Role
from ledger.application.sign_in import lockout, one_time_codes, sessions, users
from ledger.domain.errors import LedgerError

pages = Pages(
    {
        "signed_out": Notice("您已退出登录。", "You are signed out."),
        "session_ended": Notice("该会话已结束。", "The session is ended."),
        "code_sent": Notice(
            "如该合同编号存在，验证码已发送，10分钟内有效。",
            "If the contract exists, a code is on its way; it is good for 10 minutes.",
        ),
    }
)
EVERYBODY: Final[tuple[Role, ...]] = ("parent", "institution", "bank", "regulator", "operator")
HOME: Final[dict[Role, str]] = {
    "parent": "/parent",
    "institution": "/institution",
    "bank": "/bank",
    "regulator": "/regulator",
    "operator": "/operator",
}


@pages.get("/")
async def front(call: PageCall) -> Response:
    if call.session is not None:
        return call.go_to(HOME[call.session.role])
    return call.page("front.html")


@pages.get("/sign-in")
async def sign_in(call: PageCall) -> Response:
    by_provider = sign_in_parts(call).provider is not None
    return call.page("sign_in.html", next=own_path(call.query("next"), ""), by_provider=by_provider)


@pages.get("/sign-in/family")
async def family_sign_in(call: PageCall) -> Response:
    return call.page("family_sign_in.html", next=own_path(call.query("next"), ""))


@pages.post("/sign-in")
async def enter(call: PageCall) -> Response:
    parts = sign_in_parts(call)
    user_id = call.form.get("user_id", "")
    subject = f"user/{user_id}"
    async with call.pool.connection() as connection:
        await lockout.require_unlocked(connection, subject, now=call.now)
        user = await users.find_user(connection, user_id)
    fits = await asyncio.to_thread(users.password_matches, user, call.form.get("password", ""))
    async with call.pool.connection() as connection:
        admitted = False
        if user is not None and fits and user.disabled_at is None:
            code = call.form.get("code", "").replace(" ", "")
            admitted = await users.take_totp(connection, parts.key, user, code, now=call.now)
        if user is None or not admitted:
            await lockout.count_failure(connection, subject, now=call.now)
            await connection.commit()
            raise LedgerError("sign_in_refused")
        await lockout.forget_failures(connection, subject)
        return await begin_staff_session(call, connection, user, own_path(call.form.get("next"), HOME[user.role]))


@pages.post("/sign-in/family")
async def send_code(call: PageCall) -> Response:
    deliver = sign_in_parts(call).deliver
    if deliver is None:
        raise LedgerError("code_delivery_missing")
    contract_no = call.form.get("contract_no", "")
    limits: RateLimits = call.request.app.state.rate_limits
    limits.count_token_request(_address(call))
    async with call.pool.connection() as connection:
        code_id = await one_time_codes.ask_for_code(connection, deliver, contract_no, now=call.now)
    target = own_path(call.form.get("next"), "")
    query = {"done": "code_sent"} | ({"next": target} if target else {})
    answer = RedirectResponse(f"/sign-in/family/code?{urlencode(query)}", 303)  # reloading sends no second code
    set_private(answer, CODE, str(code_id), life_s=math.ceil(one_time_codes.LIFE.total_seconds()))
    return answer


@pages.get("/sign-in/family/code")
async def family_code(call: PageCall) -> Response:
    return call.page("family_code.html", next=own_path(call.query("next"), ""))


@pages.post("/sign-in/family/code")
async def enter_family(call: PageCall) -> Response:
    limits: RateLimits = call.request.app.state.rate_limits
    limits.count_token_request(_address(call))
    async with call.pool.connection() as connection:
        try:
            code_id = UUID(call.cookies.get(CODE, ""))
        except ValueError as error:
            raise LedgerError("code_refused") from error
        try:
            code = call.form.get("code", "").replace(" ", "")
            family_id = await one_time_codes.redeem_code(connection, code_id, code, now=call.now)
        except LedgerError:
            await connection.commit()  # the try counts
            raise
        token = await sessions.begin_session(
            connection,
            user_id=None,
            role="parent",
            bindings=Bindings(families=frozenset({family_id})),
            name="",
            browser=_browser(call),
            address=_address(call),
            now=call.now,
        )
    answer = _begun(call, token, own_path(call.form.get("next"), HOME["parent"]))
    drop_private(answer, CODE)
    return answer


@pages.post("/sign-out", *EVERYBODY)
async def leave(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        await sessions.end_session(connection, call.signed_in, call.signed_in.session_id, now=call.now)
    answer = call.go_to("/", done="signed_out")
    drop_private(answer, SESSION)
    return answer


@pages.get("/sessions", *EVERYBODY)
async def list_sessions(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        found = await sessions.list_sessions(connection, call.signed_in, now=call.now)
    return call.page("sessions.html", sessions=found, own=call.signed_in.session_id)


@pages.post("/sessions/{session_id}/end", *EVERYBODY)
async def end_session(call: PageCall) -> Response:
    try:
        session_id = UUID(call.path("session_id"))
    except ValueError as error:
        raise LedgerError("session_not_found") from error
    async with call.pool.connection() as connection:
        await sessions.end_session(connection, call.signed_in, session_id, now=call.now)
    return call.go_to("/sessions", done="session_ended")


@pages.get("/language/{language}")
async def choose_language(call: PageCall) -> Response:
    answer = RedirectResponse(own_path(call.query("next"), "/"), 303)
    set_choice(answer, LANGUAGE, "en" if call.path("language") == "en" else "zh")
    return answer


@pages.get("/type/{size}")
async def choose_type(call: PageCall) -> Response:
    answer = RedirectResponse(own_path(call.query("next"), "/"), 303)
    set_choice(answer, TYPE_SIZE, "large" if call.path("size") == "large" else "normal")
    return answer


async def begin_staff_session(
    call: PageCall, connection: AsyncConnection[Any], user: users.User, target: str
) -> Response:
    """The page to go to, with the cookie of a new session of a user who proved herself."""
    token = await sessions.begin_session(
        connection,
        user_id=user.user_id,
        role=user.role,
        bindings=user.bound,
        name=user.name,
        browser=_browser(call),
        address=_address(call),
        now=call.now,
    )
    return _begun(call, token, target)


def sign_in_parts(call: PageCall) -> SignIn:
    """What signing in needs of this server."""
    assert call.services.sign_in is not None
    return call.services.sign_in


def _begun(call: PageCall, token: str, target: str) -> Response:
    answer = call.go_to(target)
    set_private(answer, SESSION, token, life_s=math.ceil(sessions.LIFE.total_seconds()))
    return answer


def _browser(call: PageCall) -> str:
    return call.request.headers.get("user-agent", "")


def _address(call: PageCall) -> str:
    return call.request.client.host if call.request.client else ""
