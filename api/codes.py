"""Refusals which only the HTTP edge makes: code -> (status, English sentence, Chinese sentence). Codes never change."""

from typing import Final, NamedTuple


class EdgeCode(NamedTuple):
    """One code of the edge with its HTTP status; `{name}` places in the sentences take the figures."""

    status: int
    en: str
    zh: str


EDGE_CODES: Final[dict[str, EdgeCode]] = {
    "json_malformed": EdgeCode(400, "The body is not well-formed JSON in UTF-8.", "请求体不是合法的UTF-8 JSON。"),
    "if_match_malformed": EdgeCode(
        400,
        'If-Match must be one entity tag as an answer\'s ETag gave it, such as "12".',
        'If-Match 须为应答 ETag 中的一个实体标签，例如 "12"。',
    ),
    "as_of_ambiguous": EdgeCode(
        400,
        "At most one of as_of, at_position and effective_on may be given.",
        "as_of、at_position、effective_on 至多给出一个。",
    ),
    "cursor_malformed": EdgeCode(400, "The cursor is not one of ours.", "游标不是本系统签发的。"),
    "request_malformed": EdgeCode(400, "The request is malformed.", "请求格式不正确。"),
    "unauthenticated": EdgeCode(
        401,
        "A bearer access token is required; /v1/oauth/token issues them.",
        "需要访问令牌，请向 /v1/oauth/token 申请。",
    ),
    "token_invalid": EdgeCode(
        401, "The access token is not valid, has expired, or was revoked.", "访问令牌无效、已过期或已吊销。"
    ),
    "permission_denied": EdgeCode(
        403, "This client does not hold the permission {permission}.", "该客户端没有权限{permission}。"
    ),
    "district_denied": EdgeCode(
        403, "This client does not act for the district {district}.", "该客户端无权处理{district}的事务。"
    ),
    "form_foreign": EdgeCode(403, "This form was not sent by a page of this site.", "该表单不是由本站页面提交的。"),
    "page_denied": EdgeCode(403, "This page is not for you.", "您无权查看此页面。"),
    "route_not_found": EdgeCode(404, "There is nothing at this address.", "该地址不存在。"),
    "method_not_allowed": EdgeCode(405, "This address does not take this method.", "该地址不支持此方法。"),
    "not_acceptable": EdgeCode(406, "None of the asked media types can be served.", "无法提供所要求的媒体类型。"),
    "body_too_large": EdgeCode(
        413, "The body is above the limit of {limit_bytes} bytes.", "请求体超过上限{limit_bytes}字节。"
    ),
    "media_type_unsupported": EdgeCode(
        415, "The body's media type is not one that this address takes.", "该地址不接受此媒体类型的请求体。"
    ),
    "request_invalid": EdgeCode(
        422, "Faulty fields in the request: {count}; see errors.", "请求中有{count}个字段不正确，见 errors。"
    ),
    "rate_limited": EdgeCode(
        429, "Too many requests. Try again in {retry_after_s} seconds.", "请求过多，请在{retry_after_s}秒后重试。"
    ),
    "internal_error": EdgeCode(
        500, "An error of the server; quote the request id when you report it.", "服务器内部错误，报告时请附请求编号。"
    ),
    "database_unavailable": EdgeCode(
        503, "The database is out of reach. Try again shortly.", "暂时无法连接数据库，请稍后重试。"
    ),
    "access_state_stale": EdgeCode(
        503,
        "Access cannot be checked because the database is out of reach. Try again shortly.",
        "无法连接数据库以核验访问权限，请稍后重试。",
    ),
}


class ApiError(Exception):
    """A refusal by the edge itself, before any use case is asked; `headers` go out with the answer."""

    def __init__(self, code: str, *, headers: dict[str, str] | None = None, **figures: int | str) -> None:
        self.code = code
        self.entry = EDGE_CODES[code]
        self.figures = figures
        self.headers = headers or {}
        super().__init__(f"{code}: {self.entry.en.format(**figures)}")
