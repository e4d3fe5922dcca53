"""`/docs` and `/problems/{code}`: the reference as plain HTML from our OpenAPI, without scripts or foreign hosts."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final, cast

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.codes import EDGE_CODES, ApiError
from api.errors import LEDGER_CODES, problem_of, status_of, title_of

Json = dict[str, Any]

_CACHE: Final = {"cache-control": "public, max-age=300"}
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  margin: 0 auto; max-width: 64rem; padding: 1rem; }
h2 { border-bottom: 1px solid; margin-top: 3rem; }
h3 code { font-size: 1rem; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .5rem 0; padding: .3rem .8rem; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4rem; }
pre { overflow-x: auto; padding: .6rem; background: #8881; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: .25rem .5rem; text-align: left; vertical-align: top; }
"""


def install_docs(app: FastAPI) -> None:
    """Adds the pages. They are outside the OpenAPI document, which they describe."""
    rendered: dict[str, str] = {}

    async def docs(_request: Request) -> Response:
        if "docs" not in rendered:
            rendered["docs"] = _page("API reference", _reference(app.openapi()))
        return HTMLResponse(rendered["docs"], headers=_CACHE)

    async def style(_request: Request) -> Response:
        return Response(_STYLE, media_type="text/css", headers=_CACHE)

    async def problem(request: Request) -> Response:
        code: str = request.path_params["code"]
        sentences = _sentences(code)
        if sentences is None:
            return problem_of(request.scope, ApiError("route_not_found"))
        english, chinese = sentences
        body = (
            f"<h1>{escape(title_of(code))}</h1><p><code>{escape(code)}</code>, status {status_of(code)}</p>"
            f'<p lang="en">{escape(english)}</p><p lang="zh-CN">{escape(chinese)}</p>'
        )
        return HTMLResponse(_page(title_of(code), body), headers=_CACHE)

    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/docs/style.css", style, include_in_schema=False)
    app.add_route("/problems/{code}", problem, include_in_schema=False)


def _sentences(code: str) -> tuple[str, str] | None:
    entry = EDGE_CODES.get(code) or LEDGER_CODES.get(code)
    return (entry.en, entry.zh) if entry else None


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="/docs/style.css"></head><body>{body}</body></html>'
    )


def _reference(document: Json) -> str:
    info: Json = document["info"]
    parts = [
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        '<p><a href="/openapi.json">OpenAPI document</a></p>',
    ]
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in _operations(document):
        tag: str = (operation.get("tags") or ["other"])[0]
        by_tag.setdefault(tag, []).append(_operation(document, path, method, operation))
    for tag, operations in by_tag.items():
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts.extend(operations)
    parts.append("<h2>Refusal codes</h2>" + _codes())
    return "".join(parts)


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in cast(dict[str, Json], document["paths"]).items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(document: Json, path: str, method: str, operation: Json) -> str:
    parts = [
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary>",
        f"<p>{escape(operation.get('description', ''))}</p>",
    ]
    permissions = [scope for need in operation.get("security", []) for scopes in need.values() for scope in scopes]
    if permissions:
        parts.append(f"<p>Permission: <code>{escape(', '.join(permissions))}</code></p>")
    if operation.get("parameters"):
        parts.append(_table(("in", "name", "description"), [_parameter(item) for item in operation["parameters"]]))
    if "requestBody" in operation:
        parts.append("<h3>Request</h3>" + _content(document, operation["requestBody"].get("content", {})))
    for status, answer in operation.get("responses", {}).items():
        parts.append(f"<h3><code>{escape(str(status))}</code> {escape(answer.get('description', ''))}</h3>")
        if str(status).startswith("2"):
            parts.append(_content(document, answer.get("content", {})))
    return "".join(parts) + "</details>"


def _parameter(item: Json) -> tuple[str, str, str]:
    required = " (required)" if item.get("required") else ""
    return item["in"], item["name"] + required, item.get("description", "")


def _content(document: Json, content: Mapping[str, Json]) -> str:
    parts: list[str] = []
    for media_type, media in content.items():
        parts.append(f"<p><code>{escape(media_type)}</code></p>")
        schema = _resolve(document, media.get("schema", {}))
        rows = [_field(name, _resolve(document, field), schema) for name, field in schema.get("properties", {}).items()]
        if rows:
            parts.append(_table(("field", "type", "description"), rows))
        example = media.get("example", schema.get("example"))
        if example is not None:
            parts.append(f"<pre>{escape(json.dumps(example, ensure_ascii=False, indent=2))}</pre>")
    return "".join(parts)


def _field(name: str, field: Json, schema: Json) -> tuple[str, str, str]:
    required = " (required)" if name in schema.get("required", []) else ""
    options = field.get("anyOf") or field.get("oneOf") or [field]
    kind = " or ".join(str(option.get("format") or option.get("type") or "object") for option in options)
    return name + required, kind, field.get("description", "")


def _resolve(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _codes() -> str:
    rows: list[tuple[str, str, str]] = []
    for code in sorted({*EDGE_CODES, *LEDGER_CODES}):
        sentences = _sentences(code)
        assert sentences is not None
        rows.append((code, str(status_of(code)), " / ".join(sentences)))
    return _table(("code", "status", "sentence"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
