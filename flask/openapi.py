"""The API as an OpenAPI document, made from the views when somebody first asks for it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import chain
from typing import Any

import assets
import msgspec
import shapes
from apispec import APISpec
from contract import OPERATIONS, Operation, View, promises
from flask import Blueprint, Flask, Response, current_app
from query import Parameter
from rate_limit import COST, FREE_PIXELS, PIXELS, Limiter
from settings import Settings
from werkzeug.routing import Rule

bp = Blueprint("openapi", __name__)

VERSION = "1.0"
SCHEMAS = "#/components/schemas/{name}"
DESCRIPTION = (
    "Reads handwritten digits and numbers, and explains how. A body may have {max_bytes:,} bytes, "
    "a picture 20,000,000 pixels and 20 digits; it is not kept. {rate_limit}What is answered may "
    "grow; what is there does not change. Answers and refusals carry `X-Request-ID`, by which the "
    "server's log knows the request."
)
TAGS = {  # by the views' blueprints
    "api": ("Reading", "From a picture to what is written in it."),
    "explain": (
        "Explaining",
        "How an answer came about. It takes some 100 questions to the network, and other requests "
        "go first in between. Arrays come as a `Tensor`.",
    ),
    "": ("Running", "For whoever runs this, and for programs that want to know the API."),
}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "What the server's log knows this request by.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "ETag": {
        "description": "What this answer is known by; to be sent back as `If-None-Match`.",
        "schema": {"type": "string"},
    },
}
PICTURE = {
    "required": True,
    "description": "A PNG, as it is or as the field `image` of a form.",
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
    },
}

ALWAYS = (400, 414, 429, 431, 500, 503)
WITH_A_PICTURE = (408, 411, 413, 415)
LATER = (429, 503)
REFUSALS = {
    400: "The picture is missing, broken or longer than 10,000 pixels; a parameter means nothing, "
    "is not known or there twice; or the request is not well-formed, or meant for another host.",
    403: "The client is on another machine, and did not send the token.",
    404: "The model that answers here cannot show this: it came without its snapshots.",
    408: "The body did not arrive in time.",
    411: "The body has no declared length, nor does it come in chunks.",
    413: "The body has more than {max_bytes:,} bytes, or the picture more than 20,000,000 pixels.",
    414: "The address is too long.",
    415: "The body is neither `image/png` nor `multipart/form-data`, or the picture is no PNG.",
    422: "The picture can be read, but holds no such digit.",
    429: "There were too many requests from this address.",
    431: "There are too many headers, or they are too long.",
    500: "A mistake of ours. The log has it under the request's id.",
    503: "There is more to do than can be done in time, or the model does not answer.",
}


@bp.get("/openapi.json")
@promises(Operation(dict[str, Any], can_be_kept=True))
def openapi() -> Response:
    """What the page at `/api` shows, as an OpenAPI 3.1 document."""
    return assets.respond(_file(), "no-cache")


def document() -> dict[str, Any]:
    """The same for the page that shows it."""
    content: dict[str, Any] = msgspec.json.decode(_file().content)
    return content


def _file() -> assets.File:
    extensions = current_app.extensions
    if "openapi" not in extensions:
        content = msgspec.json.encode(build(current_app))
        extensions["openapi"] = assets.File(content, "application/json", assets.EACH_TIME)
    file: assets.File = extensions["openapi"]
    return file


def build(app: Flask) -> dict[str, Any]:
    """Returns the document on the operations of `app`, which is to be the current one."""
    settings: Settings = app.extensions["settings"]
    spec = APISpec(
        "Handwritten digits",
        VERSION,
        "3.1.0",
        info={
            "description": DESCRIPTION.format(
                max_bytes=settings.max_bytes, rate_limit=_rate_limit(app)
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        servers=[{"url": "/", "description": "Where this document comes from."}],
        tags=[{"name": name, "description": text} for name, text in TAGS.values()],
    )
    rules = [rule for rule in app.url_map.iter_rules() if _view(app, rule) in OPERATIONS]
    operations = [OPERATIONS[_view(app, rule)] for rule in rules]
    for name, schema in _schemas([*(each.answer for each in operations), shapes.Problem]):
        spec.components.schema(name, schema)
    for name, header in HEADERS.items():
        spec.components.header(name, {**header, "required": True})
    for status, text in REFUSALS.items():
        spec.components.response(str(status), _refusal(status, text.format_map(vars(settings))))
    for parameter in dict.fromkeys(chain.from_iterable(each.parameters for each in operations)):
        spec.components.parameter(parameter.name, "query", _parameter(parameter))
    for rule, operation in zip(rules, operations, strict=True):
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        spec.path(rule.rule, operations={method.lower(): _operation(app, rule, operation)})
    return spec.to_dict()


def _rate_limit(app: Flask) -> str:
    limiter: Limiter | None = app.extensions.get("rate_limit")
    if limiter is None:
        return ""
    amount, seconds = limiter.limit.amount, limiter.limit.get_expiry()
    return (
        f"One address may have {amount:,} plain answers in {seconds:,} seconds; an explanation "
        f"takes as much as {min(COST.values())} to {max(COST.values())} of them, and a picture of "
        f"more than {FREE_PIXELS:,} pixels one more for each {PIXELS:,}. "
    )


def _view(app: Flask, rule: Rule) -> View:
    view: View = app.view_functions[rule.endpoint]
    return view


def _schemas(kinds: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the schema of each of these and of what they are made of."""
    _, components = msgspec.json.schema_components(kinds, ref_template=SCHEMAS)
    for name, schema in components.items():
        # msgspec sorts them by their names; they read best in their own order.
        own = getattr(shapes, name).__annotations__
        schema["properties"] = {each: schema["properties"][each] for each in own}
        yield name, schema


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = msgspec.json.schema(parameter.kind)
    if schema.get("items") is False:  # apispec would take it for a name; `maxItems` says the same
        del schema["items"]
    if parameter.default is not None:
        schema["default"] = parameter.default
    described: dict[str, Any] = {
        "description": parameter.description,
        "schema": schema,
        "example": parameter.example,
    }
    if parameter.has_parts:
        described |= {"style": "form", "explode": False}
    return {name: value for name, value in described.items() if value is not None}


def _refusal(status: int, text: str) -> dict[str, Any]:
    return {
        "description": text,
        "headers": _headers("X-Request-ID", *(["Retry-After"] if status in LATER else [])),
        "content": {
            "application/problem+json": {"schema": "Problem"},
            "text/html": {"schema": {"type": "string"}},  # to whoever asks for it by name
        },
    }


def _operation(app: Flask, rule: Rule, operation: Operation) -> dict[str, Any]:
    endpoint, view = rule.endpoint, _view(app, rule)
    summary, _, description = (inspect.getdoc(view) or "").partition("\n\n")
    tag, _ = TAGS.get(endpoint.rpartition(".")[0], TAGS[""])
    statuses = sorted(
        {*ALWAYS, *(WITH_A_PICTURE if operation.takes_picture else ()), *operation.refusals}
    )
    described: dict[str, Any] = {
        "operationId": view.__name__,
        "tags": [tag],
        "summary": summary,
        "description": description.replace("\n", " "),
        "parameters": [each.name for each in operation.parameters],
        "requestBody": PICTURE if operation.takes_picture else None,
        "responses": {**_answers(operation), **{each: str(each) for each in statuses}},
    }
    return {name: value for name, value in described.items() if value}


def _answers(operation: Operation) -> dict[int, dict[str, Any]]:
    (schema,), _ = msgspec.json.schema_components([operation.answer], ref_template=SCHEMAS)
    content: dict[str, Any] = {"schema": schema}
    if operation.example:
        content["example"] = operation.example()
    headers = _headers("X-Request-ID", *(["ETag"] if operation.can_be_kept else []))
    answer: dict[str, Any] = {
        "description": "The answer.",
        "headers": headers,
        "content": {operation.mimetype: content},
    }
    if operation.links:
        answer["links"] = operation.links
    if not operation.can_be_kept:
        return {200: answer}
    kept = {"description": "What `If-None-Match` names is still the answer.", "headers": headers}
    return {200: answer, 304: kept}


def _headers(*names: str) -> dict[str, str]:
    return {name: name for name in names}
