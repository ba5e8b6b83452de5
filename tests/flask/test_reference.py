"""The page on the API."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from reference import kind, marked, printed, resolve

from benchmarks.servers import running


def test_it_shows_every_operation_and_every_refusal(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    page = html.unescape(client.get("/api").text)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"<b>{method.upper()}</b> <code>{path}</code>" in page
            assert f'href="#{operation["operationId"]}"' in page
    for name in document["components"]["parameters"]:
        assert f"<code>?{name}=</code>" in page
    for status, refusal in document["components"]["responses"].items():
        assert f'id="status-{status}"' in page
        assert html.unescape(marked(refusal["description"])) in page
    for schema in document["components"]["schemas"].values():
        for name in schema["properties"]:
            assert f"<code>{name}</code>" in page
    assert "20,000 bytes" in page


def test_what_it_says_to_type_works(tmp_path: Path) -> None:
    with running(workers=1) as server:
        page = subprocess.run(
            ["curl", "--silent", f"{server.address}/api"], capture_output=True, text=True
        ).stdout
        commands = [
            html.unescape(each) for each in re.findall(r"<code>(curl .*?)</code>", page, re.S)
        ]
        assert len(commands) == 14
        for command in commands:
            words = ["--silent", "--fail", *shlex.split(command)[1:]]
            subprocess.run(["curl", *words], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number", "minimum": 0, "maximum": 1}, "number from 0 to 1"),
        ({"type": "integer", "minimum": 0}, "whole number, 0 or more"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"enum": ["a", "b", "c"]}, "a, b or c"),
        ({"enum": ["ready"]}, "ready"),
        ({"type": "boolean"}, "true or false"),
        (
            {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
            "4 whole numbers",
        ),
        ({"type": "array", "items": {"type": "number"}}, "list: numbers"),
        (
            {"type": "array", "prefixItems": [{}, {}], "minItems": 2},
            "2 numbers, separated by commas",
        ),
    ],
)
def test_a_type_in_words(schema: dict[str, object], words: str) -> None:
    assert kind(schema) == words


def test_what_stands_in_backticks_is_code_and_nothing_else_is_markup() -> None:
    assert marked("`a<b` <i>") == "<code>a&lt;b</code> &lt;i&gt;"


def test_an_example_is_short() -> None:
    text = printed({"numbers": [1, 2.5], "text": 100 * "x", "none": None})
    assert text == f'{{\n  "numbers": [1, 2.5],\n  "text": "{28 * "x"}…",\n  "none": null\n}}'


def test_what_is_said_beside_a_reference_comes_first() -> None:
    document = {"a": {"$ref": "#/b", "description": "mine"}, "b": {"description": "yours", "x": 1}}
    found = resolve(document, {"$ref": "#/a"})
    assert (found["description"], found["x"]) == ("mine", 1)
