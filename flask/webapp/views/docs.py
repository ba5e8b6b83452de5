"""The OpenAPI document, and the page that shows it to people."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from markupsafe import Markup, escape

from ..openapi import document, operation
from ..static import compress, revalidated
from .pages import page

bp = Blueprint("docs", __name__)

Schema = dict[str, Any]

LONGEST = 28  # characters of a text in an example
NAMES = {"number": "number", "integer": "whole number", "string": "text", "null": "null"}


@bp.get("/openapi.json")
@compress.compressed()
@operation(dict[str, Any], has_etag=True)
def openapi() -> Response:
    """Return this description of the API as an OpenAPI 3.1 document."""
    return revalidated(jsonify(document()))


@bp.get("/api")
@compress.compressed()
def api() -> Response:
    """Return the page that describes the API."""
    content = document()
    operations = [
        {**operation, "path": path, "method": method}
        for path, methods in content["paths"].items()
        for method, operation in methods.items()
    ]
    order = [tag["name"] for tag in content["tags"]]
    operations.sort(key=lambda operation: order.index(operation["tags"][0]))
    return page(
        "api.html",
        document=content,
        operations=operations,
        resolve=functools.partial(resolve, content),
        address=request.url_root.rstrip("/"),
    )


def resolve(document: Schema, node: Schema) -> Schema:
    """Returns what `node` refers to within the document; itself where it refers to nothing."""
    if "$ref" not in node:
        return node
    found: Any = document
    for name in node["$ref"].split("/")[1:]:
        found = found[name]
    return {**resolve(document, found), **node}


@bp.app_template_filter("kind")
def kind(schema: Schema, plural: bool = False) -> str:
    """A type in words: "10 numbers from 0 to 1"."""
    if "enum" in schema:
        return _either(map(str, schema["enum"]))
    if "anyOf" in schema:
        return _either(kind(each) for each in schema["anyOf"])
    if schema["type"] == "array":
        return _list(schema)
    if schema["type"] == "boolean":
        return "true or false"
    name = NAMES[schema["type"]] + ("s" if plural else "")
    return name + _range(schema)


def _list(schema: Schema) -> str:
    parts = schema.get("prefixItems")
    count = schema.get("minItems")
    if parts:
        return f"{count} numbers, separated by commas"
    each = kind(schema["items"], plural=True)
    return f"{count} {each}" if count and count == schema.get("maxItems") else f"list: {each}"


def _range(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None:
        return ""
    return f", {least:,} or more" if most is None else f" from {least:,} to {most:,}"


def _either(names: Iterator[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


@bp.app_template_filter("marked")
def marked(text: str) -> Markup:
    """A text of the document; what stands in backticks is code."""
    escaped = str(escape(text))  # B704 aside: what is marked as safe is escaped before
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped))  # noqa: S704  # nosec B704


@bp.app_template_filter("asked")
def asked(parameters: list[Schema]) -> str:
    """Return the examples of parameters as a query."""
    schemas = {each["name"]: each["schema"] for each in parameters}
    return urlencode(
        {name: schema["examples"][0] for name, schema in schemas.items() if "examples" in schema}
    )


@bp.app_template_filter("printed")
def printed(example: Any) -> str:
    """An example as JSON, its long texts cut short and its lists of numbers in a line."""
    text = json.dumps(_shortened(example), indent=2, ensure_ascii=False)
    return re.sub(r"\[([^][{}]+)\]", lambda numbers: f"[{' '.join(numbers[1].split())}]", text)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    return value
