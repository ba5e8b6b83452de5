"""The OpenAPI document, and the page that presents it."""

from __future__ import annotations

import functools
import json
import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from markupsafe import Markup, escape

from ..openapi import Operation, document
from ..static import compress, revalidated
from .pages import page

bp = Blueprint("docs", __name__)

Schema = dict[str, Any]


@bp.get("/openapi.json")
@compress.compressed()
@Operation(dict[str, Any], has_etag=True)
def openapi() -> Response:
    """Return this description of the API as an OpenAPI 3.1 document."""
    return revalidated(jsonify(document()))


@bp.get("/api")
@compress.compressed()
def api() -> Response:
    """Return the page that describes the API."""
    content = document()
    resolve = functools.partial(_resolve, content)
    return page("api.html", document=content, resolve=resolve, root=request.url_root.rstrip("/"))


def _resolve(document: Schema, node: Schema) -> Schema:
    """Return a node of the document with its `$ref` replaced by the target."""
    if "$ref" not in node:
        return node
    found: Any = document
    for name in node["$ref"].split("/")[1:]:
        found = found[name]
    return {**_resolve(document, found), **node}


@bp.app_template_filter("kind")
def kind(schema: Schema, plural: str = "") -> str:
    """Return a schema's type in words, such as "10 numbers from 0 to 1"."""
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(map(kind, schema["anyOf"]))
    if "prefixItems" in schema:
        return f"{len(schema['prefixItems'])} numbers, comma-separated"
    if schema["type"] == "array":
        items = kind(schema["items"], "s")
        has_length = schema.get("minItems") == schema.get("maxItems", 0)
        return f"{schema['minItems']} {items}" if has_length else f"list of {items}"
    name = f"{schema['type']}{plural}"
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return name
    return f"{name}, {least:,} or more" if most is None else f"{name} from {least:,} to {most:,}"


@bp.app_template_filter("code")
def code(text: str) -> Markup:
    """Mark up text in backticks as code."""
    escaped = str(escape(text))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped))  # noqa: S704  # nosec B704


@bp.app_template_filter("query")
def query(parameters: list[Schema]) -> str:
    """Return a query with the examples of some parameters."""
    given = [(each["name"], each["schema"].get("examples")) for each in parameters]
    return urlencode({name: examples[0] for name, examples in given if examples})


@bp.app_template_filter("example")
def example(content: Any) -> str:
    """Return an example as JSON, with long texts shortened and lists of numbers on one line."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    text = re.sub(r'"([^"]{28})[^"]+"', r'"\1…"', text)
    return re.sub(r"\[[^][{}]+\]", lambda numbers: " ".join(numbers[0].split()), text)
