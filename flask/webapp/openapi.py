"""Generate an OpenAPI document from the declarations of the views."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec
from flask import Flask, current_app, request
from msgspec import Struct
from werkzeug.exceptions import BadRequest

from . import schemas
from .rate_limit import COST, FREE_PIXELS, PIXELS
from .settings import Settings, expectation

VERSION = "1.0"
SCHEMAS = "#/components/schemas/{name}"
JSON = "application/json"
DESCRIPTION = (
    "Reads handwritten digits and numbers, and explains how. A request body may have up to "
    "{settings.max_bytes:,} bytes, a picture up to 20,000,000 pixels and 20 digits. Pictures are "
    "not stored. Responses may gain fields; existing ones do not change. Every response has an "
    "`X-Request-ID` header, which identifies the request in the server's log."
)
RATE_LIMIT = (
    " Each address may request {settings.rate_limit}, in plain answers. An explanation counts as "
    f"{min(COST.values())} to {max(COST.values())}. A picture of more than {FREE_PIXELS:,} pixels "
    f"counts as one more for every further {PIXELS:,}."
)
TAGS = {  # by blueprint
    "api": ("Reading", "Read what is written in a picture."),
    "explain": (
        "Explaining",
        "Show how an answer came about. One explanation may run the network several hundred times. "
        "Arrays are sent as a `Tensor`.",
    ),
    "health": ("Operating", "Health checks and metrics."),
    "docs": ("Documentation", "This document."),
}
PICTURE = {
    "required": True,
    "description": "A PNG: as the body, as the field `image` of a form, or as a data URL in a JSON "
    "object under any name.",
    "content": {
        "image/png": {"schema": {"contentMediaType": "image/png"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"image": {"contentMediaType": "application/octet-stream"}},
                "required": ["image"],
            },
            "encoding": {"image": {"contentType": "image/png"}},
        },
        JSON: {
            "schema": {
                "type": "object",
                "properties": {"image": {"type": "string", "pattern": "^data:image/png;base64,"}},
                "required": ["image"],
            },
        },
    },
}
ALWAYS = (400, 429, 500)
WITH_A_PICTURE = (411, 413, 415)
REFUSALS = {
    400: "The picture is missing, broken or longer than 10,000 pixels on a side; a parameter is "
    "unknown or invalid; or the request is malformed or meant for another host.",
    403: "The client is on another machine and did not send the token.",
    404: "The model in use cannot show this: it has no snapshots.",
    411: "The body has no Content-Length and is not chunked.",
    413: "The body has more than {settings.max_bytes:,} bytes, or the picture more than 20,000,000 "
    "pixels.",
    415: "The body is not `image/png`, `multipart/form-data` or `application/json`, has a "
    "Content-Encoding; or the picture is not a PNG.",
    422: "The picture has no such digit.",
    429: "The address sent too many requests. The header `Retry-After` says how many seconds to "
    "wait.",
    500: "The server failed. Its log has the error, with the ID of the request.",
    503: "The model does not answer.",
}


@dataclass(frozen=True)
class Operation:
    """Decorate a view with its description, and pass it the parameters of its query."""

    answer: Any  # the type of its response
    takes_picture: bool = False
    refusals: tuple[int, ...] = ()  # in addition to those of all views
    has_etag: bool = False
    mimetype: str = JSON
    example: Callable[[], Any] | None = None  # returns an answer

    def __call__(self, view: Callable[..., Any]) -> Callable[[], Any]:
        """Decorate a view."""
        query = get_type_hints(view).get("query")

        @functools.wraps(view)
        def called() -> Any:
            return view(_parameters(query)) if query else view()

        called.operation = self  # type: ignore[attr-defined]
        called.query = query  # type: ignore[attr-defined]
        return called


def _parameters(kind: type[Struct]) -> Struct:
    """Read the query of the current request; items of a list are comma-separated."""
    given = {name: ",".join(texts) for name, texts in request.args.lists()}
    values = {name: text.split(",") if "," in text else text for name, text in given.items()}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        expected = expectation(error)
        if expected is None:  # the parameter itself was unexpected
            known = kind.__struct_fields__
            name = next(name for name in given if name not in known)
            detail = f"Expected parameters among {', '.join(known)}, received {name!r}."
        else:
            name, text = expected
            detail = f"Expected {name} to be {text}, received {given[name]!r}."
        raise BadRequest(detail) from error


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the current application."""
    extensions = current_app.extensions
    if "openapi" not in extensions:
        extensions["openapi"] = _document(current_app)
    server = {"url": request.root_path or "/", "description": "This server."}
    return {**extensions["openapi"], "servers": [server]}


def _document(app: Flask) -> dict[str, Any]:
    settings: Settings = app.extensions["settings"]
    description = DESCRIPTION + RATE_LIMIT if settings.rate_limit else DESCRIPTION
    paths: dict[str, Any] = {}
    answers = [schemas.Problem]
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if hasattr(view, "operation"):
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            tag, _ = TAGS[rule.endpoint.partition(".")[0]]
            paths[rule.rule] = {method.lower(): _operation(tag, view)}
            answers.append(view.operation.answer)
    _, components = msgspec.json.schema_components(answers, ref_template=SCHEMAS)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handwritten digits",
            "version": VERSION,
            "description": description.format(settings=settings),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.values()],
        "paths": paths,
        "components": {
            "schemas": {name: _in_order(name, each) for name, each in components.items()},
            "responses": {
                str(status): _refusal(text.format(settings=settings))
                for status, text in REFUSALS.items()
            },
        },
    }


def _in_order(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its properties in the order of the class, which msgspec loses."""
    own = getattr(schemas, name).__annotations__
    return {**schema, "properties": {each: schema["properties"][each] for each in own}}


def _operation(tag: str, view: Any) -> dict[str, Any]:
    """Return the description of a view."""
    operation: Operation = view.operation
    summary, _, description = (inspect.getdoc(view) or "").partition("\n\n")
    described: dict[str, Any] = {
        "operationId": view.__name__,
        "tags": [tag],
        "summary": summary,
        "description": description.replace("\n", " "),
        "parameters": list(_described(view.query)) if view.query else [],
        "responses": _responses(operation),
    }
    if operation.takes_picture:
        described["requestBody"] = PICTURE
    return described


def _described(query: type[Struct]) -> Iterator[dict[str, Any]]:
    """Describe the parameters of a query."""
    schema = msgspec.json.schema(query)["$defs"][query.__name__]
    for name, each in schema["properties"].items():
        style = {"style": "form", "explode": False} if each.get("type") == "array" else {}
        text = each.pop("description")
        yield {"name": name, "in": "query", "description": text, "schema": each, **style}


def _responses(operation: Operation) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([operation.answer], ref_template=SCHEMAS)
    content: dict[str, Any] = {"schema": schema}
    if operation.example:
        content["example"] = operation.example()
    responses: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {operation.mimetype: content}}
    }
    if operation.has_etag:
        responses["304"] = {"description": "The answer is still the one in `If-None-Match`."}
    picture = WITH_A_PICTURE if operation.takes_picture else ()
    for status in sorted({*ALWAYS, *picture, *operation.refusals}):
        responses[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return responses


def _refusal(text: str) -> dict[str, Any]:
    content = {
        "application/problem+json": {"schema": {"$ref": SCHEMAS.format(name="Problem")}},
        "text/html": {"schema": {"type": "string"}},  # for browsers
    }
    return {"description": text, "content": content}
