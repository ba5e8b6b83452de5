"""The page that describes the API."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
import threading
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.flask.conftest import MakeClient


def test_it_shows_everything_in_the_document(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    page = html.unescape(client.get("/api").text)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"<b>{method.upper()}</b> <code>{path}</code>" in page
            assert f'href="#{operation["operationId"]}"' in page
            for parameter in operation.get("parameters", []):
                assert f"<code>?{parameter['name']}=</code>" in page
    for status in document["components"]["responses"]:
        assert f'id="status-{status}"' in page
    for schema in document["components"]["schemas"].values():
        for name in schema["properties"]:
            assert f"<code>{name}</code>" in page
    assert "20,000 bytes" in page
    assert "4 integers" in page
    assert "10 numbers from 0 to 1" in page
    assert "4 numbers, comma-separated" in page


def test_its_commands_work(make_client: MakeClient, tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, make_client().application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        page = subprocess.run(["curl", "-s", f"{address}/api"], capture_output=True, text=True)
        commands = re.findall(r"<code>(curl .*?)</code>", page.stdout, re.DOTALL)
        assert len(commands) == 14
        for command in commands:
            words = shlex.split(html.unescape(command))
            ran = subprocess.run(
                [*words, "--silent", "--fail"], cwd=tmp_path, capture_output=True, text=True
            )
            assert ran.returncode == 0, command
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (tmp_path / "seven.png").read_bytes().startswith(b"\x89PNG")
