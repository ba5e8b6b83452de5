"""What browsers may do with responses, and which hosts and proxies are trusted."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.flask.conftest import MakeClient, refusal

NAMES = ("digits.example.org", ".example.com")
TRUSTED = """
    digits.example.org DIGITS.Example.org:443 example.com a.b.example.com:8000 127.0.0.1
    192.0.2.1:8000 [2001:DB8::1]:8000
"""
FOREIGN = """
    evil.example localhost example.org digits.example.org.evil.example notexample.com
    127.0.0.1.evil.example user@digits.example.org digits.example.org:99999 [::1 a/b
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SITE = "https://class.example.org"
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/health/live", "/explain/weights"])
def test_every_response_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers={"Cookie": "session=x"}).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "camera=()" in headers["Permissions-Policy"]
    assert not {"Set-Cookie", "Strict-Transport-Security"} & set(headers.keys())
    over_tls = client.get("/", base_url="https://localhost").headers
    assert over_tls["Strict-Transport-Security"] == "max-age=31536000"


def preflight(client: FlaskClient, origin: str, path: str) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return dict(client.options(path, headers=asked).headers)


def test_named_sites_may_call_the_api(make_client: MakeClient, seven: bytes) -> None:
    shared = make_client(cors_origins=(SITE,), rate_limit="3/hour")
    allowed = preflight(shared, SITE, "/predict")
    assert allowed["Access-Control-Allow-Origin"] == SITE
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in allowed
    for status in (200, 200, 429):
        asked = {"Origin": SITE, "Content-Type": "image/png"}
        answer = shared.post("/predict", data=seven, headers=asked)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("sites", "origin", "path"),
    [
        ((), SITE, "/predict"),
        ((SITE,), "https://evil.example", "/predict"),
        ((SITE,), f"{SITE}.evil.example", "/explain/heat-map"),
        ((SITE,), "null", "/predict"),
        ((SITE,), SITE, "/model"),
    ],
)
def test_other_sites_may_not(
    make_client: MakeClient, sites: tuple[str, ...], origin: str, path: str
) -> None:
    client = make_client(cors_origins=sites)
    assert "Access-Control-Allow-Origin" not in preflight(client, origin, path)
    answer = client.get(path, headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
    # A cache must not give one site the answer to another.
    assert (answer.headers.getlist("Vary") == ["Origin"]) == (bool(sites) and path != "/model")


@pytest.mark.parametrize("host", TRUSTED.split())
def test_trusted_names_and_all_addresses_are_accepted(make_client: MakeClient, host: str) -> None:
    client = make_client(trusted_hosts=NAMES)
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["", "a b", *FOREIGN.split()])
def test_other_hosts_are_refused(make_client: MakeClient, host: str) -> None:
    client = make_client(trusted_hosts=NAMES)
    assert f"received {host!r}" in refusal(client.get("/", headers={"Host": host}), 400)
    assert client.get("/", headers={"Host": host, **HTML}).mimetype == "text/html"
    assert client.get("/health//live", headers={"Host": host}).status_code == 400  # no redirect


def test_health_checks_may_use_any_host(client: FlaskClient) -> None:
    internal = {"Host": "10-0-0-1.pod.cluster"}
    assert client.get("/health/ready", headers=internal).status_code == 200


def test_without_proxies_forwarded_headers_are_ignored(make_client: MakeClient) -> None:
    client = make_client(rate_limit="1/hour")
    for number, status in enumerate((200, 429, 429)):
        spoofed = {"X-Forwarded-For": f"192.0.2.{number}"}
        assert client.get("/model", headers=spoofed).status_code == status
    spoofed = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/x", "X-Request-ID": "mine"}
    answer = client.get("/nowhere", headers={**spoofed, **HTML})
    assert "Strict-Transport-Security" not in answer.headers
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert "/x/" not in answer.text


@pytest.mark.parametrize(
    ("given", "is_kept"), [("a-B_0.9", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)]
)
def test_a_proxy_may_name_the_request(make_client: MakeClient, given: str, is_kept: bool) -> None:
    answer = make_client(proxies=1).get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == is_kept


def test_the_app_works_below_a_path(make_client: MakeClient) -> None:
    client = make_client(script_name="/digits")
    assert client.get("/digits/openapi.json").json["servers"][0]["url"] == "/digits"
    assert client.get("/health/live").status_code == 200
    proxied = {"X-Forwarded-Prefix": "/digits"}  # which the proxy has removed from the path
    for page in (client.get("/digits/api"), make_client(proxies=1).get("/api", headers=proxied)):
        assert "http://localhost/digits/predict" in page.text
        assert '"/static' not in page.text
        assert '"/digits/static' in page.text
