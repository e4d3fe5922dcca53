"""Bodies of thin routes: JSON straight into msgspec structs, with the refusals that pydantic routes give."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from api.codes import ApiError
from api.errors import is_json
from api.request_context import header_of

Body = TypeVar("Body")


async def read_json(request: Request, decoder: msgspec.json.Decoder[Body]) -> tuple[Body, bytes]:
    """The decoded body and its bytes, which a request hash or a signature needs.

    Errors: ApiError `media_type_unsupported`, `json_malformed`; msgspec.ValidationError and DecodeError, which the app
    answers as `request_invalid` and `json_malformed`; `body_too_large` by the middleware.
    """
    if not is_json(header_of(request.scope, b"content-type")):
        raise ApiError("media_type_unsupported")
    body = await request.body()
    try:
        return decoder.decode(body), body
    except (RecursionError, UnicodeDecodeError) as error:
        raise ApiError("json_malformed") from error
