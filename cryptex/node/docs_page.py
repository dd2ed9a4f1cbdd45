"""Both documents as a page for people: plain HTML with its own style, without scripts, fonts or network."""

import html
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from cryptex.node import asyncapi, openapi
from cryptex.node.operation import ALWAYS, WITH_A_TOKEN
from cryptex.node.schemas import Json
from cryptex.protocol.problems import CATALOGUE

ERRORS_PATH: Final = "/docs/errors"
STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --strong: #2a6fdb; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
nav a { margin-right: 1rem; } a { color: var(--strong); }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
h3 { font-size: 1rem; background: var(--soft); padding: .4rem .6rem; border-radius: .3rem; margin-top: 1.6rem; }
code, h3 { font-family: ui-monospace, monospace; } code { font-size: .9em; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
tr:target, section:target h3 { background: #fc03; } .scroll { overflow-x: auto; } .access { float: right; }
"""
_COMMON: Final = frozenset({*ALWAYS, *WITH_A_TOKEN})
_CODE: Final = re.compile(r"`([^`]+)`")


@cache
def docs_page() -> bytes:
    """Return the page of both documents."""
    rest, stream = openapi.build(), asyncapi.build()
    tags = "".join(_tag(tag, rest) for tag in rest["tags"])
    schemas = {**stream["components"]["schemas"], **rest["components"]["schemas"]}
    body = (
        f"<h1>cryptex {_text(rest['info']['version'])}</h1>"
        '<nav><a href="#websocket">websocket</a><a href="#schemas">schemas</a>'
        f'<a href="{ERRORS_PATH}">errors</a><a href="/openapi.json">openapi.json</a>'
        '<a href="/asyncapi.json">asyncapi.json</a></nav>'
        f"<p>{_prose(rest['info']['description'])}</p>"
        f"<p>Any request may meet {', '.join(map(_code, ALWAYS))}; one with "
        f"a token also {', '.join(map(_code, WITH_A_TOKEN))}. Beside each request stands who may send it: everybody "
        "(public), any token, the token of a login, or a token with a scope (read, trade, withdraw).</p>"
        f"{tags}{_websocket(stream)}"
        f'<h2 id="schemas">Schemas</h2>{"".join(_component(*each) for each in sorted(schemas.items()))}'
    )
    return _page("cryptex", body)


@cache
def errors_page() -> bytes:
    """Return the table of problems. The `type` of a problem points to its row."""
    rows = [
        (
            f"<code>{code}</code>",
            _text(entry.title),
            _prose(entry.suggestion),
            str(entry.status),
            str(int(entry.exit_code)),
            "yes" if entry.retryable else "no",
        )
        for code, entry in CATALOGUE.items()
    ]
    head = ("code", "meaning", "what to do", "HTTP status", "exit code", "retryable")
    body = (
        '<h1>Errors</h1><nav><a href="/docs">docs</a></nav><p>Codes are stable: programs match on them, people read '
        "the details. A retryable problem may go away by itself.</p>"
        f"{_table(head, rows, [code.value for code in CATALOGUE])}"
    )
    return _page("cryptex errors", body)


def _page(title: str, body: str) -> bytes:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>'.encode()
    )


def _tag(tag: Json, rest: Json) -> str:
    found = [
        _operation(method.upper(), path, each, item.get("parameters", []))
        for path, item in rest["paths"].items()
        for method, each in item.items()
        if method != "parameters" and tag["name"] in each["tags"]
    ]
    return f"<h2>{_text(tag['name'])}</h2><p>{_prose(tag['description'])}</p>{''.join(found)}"


def _operation(method: str, path: str, operation: Json, shared: list[Json]) -> str:
    parameters = [
        (f"<code>{_text(each['name'])}</code>", each["in"], _type(each["schema"]), _prose(each["description"]))
        for each in [*shared, *operation.get("parameters", [])]
    ]
    parts = [_heading(f"{method} {path}", operation), f"<p>{_prose(operation['summary'])}</p>"]
    if parameters:
        parts.append(_table(("parameter", "in", "type", "what"), parameters))
    if "requestBody" in operation:
        parts.append(f"<p>Body: {_content(operation['requestBody'])}</p>")
    answers = [(status, each) for status, each in operation["responses"].items()]
    rows = [(status, f"{_prose(each['description'])} {_content(each)}") for status, each in answers if status < "400"]
    refused = _codes(code for status, each in answers if status >= "400" for code in _refusals(each))
    parts.append(_table((), [*rows, *([("errors", refused)] if refused else [])]))
    return f'<section id="{_text(operation["operationId"])}">{"".join(parts)}</section>'


def _heading(title: str, operation: Json) -> str:
    access = operation.get("x-access", "public")
    return f'<h3>{_text(title)} <span class="access">{_text(access)}</span></h3>'


def _refusals(answer: Json) -> list[str]:
    codes: list[str] = next(iter(answer["content"].values()))["schema"]["allOf"][1]["properties"]["code"]["enum"]
    return codes


def _codes(codes: Iterable[str]) -> str:
    """Return links to problems, without those that the top of the page names for all."""
    return ", ".join(_code(code) for code in codes if code not in _COMMON)


def _code(code: str) -> str:
    return f'<a href="{ERRORS_PATH}#{_text(code)}"><code>{_text(code)}</code></a>'


def _content(holder: Json) -> str:
    return ", ".join(_type(each["schema"]) for each in holder.get("content", {}).values())


def _websocket(stream: Json) -> str:
    calls = [_call(stream, name, each) for name, each in stream["operations"].items() if each["action"] == "receive"]
    told = [
        (
            f"<code>{_text(name.removeprefix('channel.'))}</code>",
            _prose(each["summary"]),
            _type(_payload(stream, each["messages"][0])),
        )
        for name, each in stream["operations"].items()
        if each["action"] == "send"
    ]
    return (
        f'<h2 id="websocket">websocket /ws</h2><p>{_prose(stream["info"]["description"])}</p>{"".join(calls)}'
        f"<h3>channels</h3>{_table(('channel', 'what', 'message'), told)}"
    )


def _call(stream: Json, name: str, operation: Json) -> str:
    reply = operation["reply"]["messages"][0]
    rows = [
        ("params", _type(_payload(stream, operation["messages"][0])["properties"]["params"])),
        ("result", _type(_payload(stream, reply)["properties"]["result"])),
        ("errors", _codes(operation["x-codes"])),
    ]
    heading = _heading(name, operation)
    return f'<section id="ws-{_text(name)}">{heading}<p>{_prose(operation["summary"])}</p>{_table((), rows)}</section>'


def _payload(stream: Json, message: Json) -> Json:
    """Return the schema of a message that an operation points to."""
    payload: Json = stream["components"]["messages"][message["$ref"].rpartition("/")[2]]["payload"]
    return payload


def _component(name: str, schema: Json) -> str:
    about = _prose(schema.get("description", ""))
    if "properties" not in schema:
        return f'<section id="schema-{name}"><h3>{name}</h3><p>{about} {_type(schema)}</p></section>'
    required = schema.get("required", [])
    rows = [
        (f"<code>{_text(field)}</code>", _type(each), "required" if field in required else "")
        for field, each in schema["properties"].items()
    ]
    return f'<section id="schema-{name}"><h3>{name}</h3><p>{about}</p>{_table((), rows)}</section>'


def _type(schema: Json) -> str:
    """Return a schema in few words; components are links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{name}">{name}</a>{_default(schema)}'
    if "anyOf" in schema:
        return f"{' or '.join(_type(each) for each in schema['anyOf'])}{_default(schema)}"
    if "enum" in schema or "const" in schema:
        words = [schema["const"]] if "const" in schema else schema["enum"]
        return f"{', '.join(f'<code>{_text(word)}</code>' for word in words)}{_default(schema)}"
    kind = schema.get("type", "anything")
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"list of {_type(schema['items'])}"
    if kind == "array":
        pair = schema["prefixItems"] if "prefixItems" in schema else schema["items"]
        return f"[{', '.join(_type(each) for each in pair)}]"
    return f"{_text(kind)}{_bounds(schema)}{_default(schema)}"


def _bounds(schema: Json) -> str:
    names = ("minimum", "maximum", "exclusiveMaximum", "minLength", "maxLength", "format", "pattern")
    found = [f"{name} {schema[name]}" for name in names if name in schema]
    return f" ({_text(', '.join(found))})" if found else ""


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in (None, []) else f", default <code>{_text(default)}</code>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], ids: list[str] | None = None) -> str:
    """Return a table of cells that are HTML already."""
    lines = [f"<tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>"] if head else []
    for number, row in enumerate(rows):
        anchor = f' id="{ids[number]}"' if ids else ""
        lines.append(f"<tr{anchor}>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _text(text))


def _text(value: object) -> str:
    return html.escape(str(value))
