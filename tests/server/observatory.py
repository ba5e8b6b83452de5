"""The score that the MDN HTTP Observatory gives a site, worked out here.

After its source, github.com/mdn/mdn-http-observatory: what each test looks at stands in
src/analyzer/tests, what each result is worth in src/grader/charts.js (SCORE_TABLE), how they add
up in src/scanner/index.js, and the grades in src/grader/grader.js. Left out are lists that others
keep: of hosts that browsers reach by TLS only, and of what belongs to one owner.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from urllib.parse import urlsplit

BASELINE = 100
LEAST_FOR_EXTRA_CREDIT = 90
SIX_MONTHS = 15_552_000  # seconds
GRADES = [
    (100, "A+"),
    (90, "A"),
    (85, "A-"),
    (80, "B+"),
    (70, "B"),
    (65, "B-"),
    (60, "C+"),
    (50, "C"),
    (45, "C-"),
    (40, "D+"),
    (30, "D"),
    (25, "D-"),
    (0, "F"),
]
MODIFIERS = {
    "csp-implemented-with-no-unsafe-default-src-none": 10,
    "csp-implemented-with-no-unsafe": 5,
    "csp-implemented-with-unsafe-inline-in-style-src-only": 0,
    "csp-implemented-with-insecure-scheme-in-passive-content-only": -10,
    "csp-implemented-with-unsafe-eval": -10,
    "csp-implemented-with-unsafe-inline": -20,
    "csp-implemented-with-insecure-scheme": -20,
    "csp-header-invalid": -25,
    "csp-not-implemented": -25,
    "cookies-secure-with-httponly-sessions-and-samesite": 5,
    "cookies-secure-with-httponly-sessions": 0,
    "cookies-not-found": 0,
    "cookies-without-secure-flag-but-protected-by-hsts": -5,
    "cookies-session-without-secure-flag-but-protected-by-hsts": -10,
    "cookies-without-secure-flag": -20,
    "cookies-samesite-flag-invalid": -20,
    "cookies-anticsrf-without-samesite-flag": -20,
    "cookies-session-without-httponly-flag": -30,
    "cookies-session-without-secure-flag": -40,
    "cross-origin-resource-sharing-not-implemented": 0,
    "cross-origin-resource-sharing-implemented-with-public-access": 0,
    "cross-origin-resource-sharing-implemented-with-restricted-access": 0,
    "cross-origin-resource-sharing-implemented-with-universal-access": -50,
    "redirection-to-https": 0,
    "redirection-not-needed-no-http": 0,
    "redirection-off-host-from-http": -5,
    "redirection-not-to-https-on-initial-redirection": -10,
    "redirection-not-to-https": -20,
    "redirection-missing": -20,
    "referrer-policy-private": 5,
    "referrer-policy-not-implemented": 0,
    "referrer-policy-unsafe": -5,
    "referrer-policy-header-invalid": -5,
    "hsts-implemented-max-age-at-least-six-months": 0,
    "hsts-implemented-max-age-less-than-six-months": -10,
    "hsts-not-implemented": -20,
    "hsts-header-invalid": -20,
    "hsts-not-implemented-no-https": -20,
    "hsts-invalid-cert": -20,
    "sri-implemented-and-all-scripts-loaded-securely": 5,
    "sri-implemented-and-external-scripts-loaded-securely": 5,
    "sri-not-implemented-response-not-html": 0,
    "sri-not-implemented-but-no-scripts-loaded": 0,
    "sri-not-implemented-but-all-scripts-loaded-from-secure-origin": 0,
    "sri-not-implemented-but-external-scripts-loaded-securely": -5,
    "sri-implemented-but-external-scripts-not-loaded-securely": -20,
    "sri-not-implemented-and-external-scripts-not-loaded-securely": -50,
    "x-content-type-options-nosniff": 0,
    "x-content-type-options-not-implemented": -5,
    "x-content-type-options-header-invalid": -5,
    "x-frame-options-implemented-via-csp": 5,
    "x-frame-options-sameorigin-or-deny": 0,
    "x-frame-options-allow-from-origin": 0,
    "x-frame-options-not-implemented": -20,
    "x-frame-options-header-invalid": -20,
    "cross-origin-resource-policy-implemented-with-same-origin": 10,
    "cross-origin-resource-policy-implemented-with-same-site": 10,
    "cross-origin-resource-policy-implemented-with-cross-origin": 0,
    "cross-origin-resource-policy-not-implemented": 0,
    "cross-origin-resource-policy-header-invalid": -5,
}
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
HASHES = ("'sha256-", "'sha384-", "'sha512-", "'nonce-")
PASSIVE = ("img-src", "media-src")


@dataclass
class Visit:
    """What the Observatory has seen of a site."""

    host: str
    headers: Message | None  # of the page over TLS; None where there is none
    content: str  # of that page
    is_verified: bool  # the certificate is good
    route: list[str]  # the addresses from http://host/ on, redirect by redirect; [] without HTTP
    shared: Message  # the headers of an answer to a foreign Origin
    origin: str  # that origin

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name, "")


@dataclass
class Score:
    """What a site is worth."""

    score: int
    results: list[str]

    @property
    def grade(self) -> str:
        return next(grade for least, grade in GRADES if self.score - self.score % 5 >= least)


def examined(visit: Visit) -> Score:
    """Examines a site: every test has one result, and bonuses count from 90 points on."""
    policy = policy_of(visit)
    results = [
        content_security_policy(visit, policy),
        cookies(visit),
        resource_sharing(visit),
        redirection(visit),
        referrer_policy(visit),
        strict_transport_security(visit),
        subresource_integrity(visit),
        content_type_options(visit),
        frame_options(visit, policy),
        resource_policy(visit),
    ]
    modifiers = [MODIFIERS[result] for result in results]
    without_bonus = BASELINE + sum(modifier for modifier in modifiers if modifier < 0)
    with_bonus = BASELINE + sum(modifiers)
    score = with_bonus if without_bonus >= LEAST_FOR_EXTRA_CREDIT else without_bonus
    return Score(max(score, 0), results)


def policy_of(visit: Visit) -> dict[str, set[str]] | None:
    """The directives of the one policy in the headers; None where it cannot be made out."""
    headers = visit.headers.get_all("Content-Security-Policy", []) if visit.headers else []
    if not headers:
        return {}
    (text,) = headers
    assert "," not in text, "several policies at once are not worked out here"
    policy: dict[str, set[str]] = {}
    for directive in filter(None, map(str.split, text.lower().split(";"))):
        name, *sources = directive
        if name in policy:
            return None
        policy[name] = set(sources or ["'none'"])
    return policy or None


def content_security_policy(visit: Visit, policy: dict[str, set[str]] | None) -> str:
    if policy is None:
        return "csp-header-invalid"
    if not policy:
        return "csp-not-implemented"
    default = policy.get("default-src", {"*"})
    script, style, objects = (
        set(policy.get(f"{kind}-src", default)) for kind in ("script", "style", "object")
    )
    for sources in (script, style):
        if any(source.startswith(HASHES) for source in sources):
            sources.discard("'unsafe-inline'")
    if "'strict-dynamic'" in script:
        if not any(source.startswith(HASHES) for source in script):
            return "csp-header-invalid"
        script -= {"'self'", *(s for s in script if s.startswith(tuple(BROAD)))}
    active = script.union(
        *(policy[name] for name in policy if name not in (*PASSIVE, "script-src"))
    )
    passive = set().union(*(policy.get(name, policy.get("default-src", set())) for name in PASSIVE))
    if script & (BROAD | INLINE) or objects & BROAD:
        return "csp-implemented-with-unsafe-inline"
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return "csp-implemented-with-insecure-scheme"
    if "'unsafe-eval'" in script | style:
        return "csp-implemented-with-unsafe-eval"
    if any(source.startswith(("http:", "ftp:")) for source in passive):
        return "csp-implemented-with-insecure-scheme-in-passive-content-only"
    if style & (BROAD | INLINE):
        return "csp-implemented-with-unsafe-inline-in-style-src-only"
    if policy.get("default-src") == {"'none'"}:
        return "csp-implemented-with-no-unsafe-default-src-none"
    return "csp-implemented-with-no-unsafe"


def cookies(visit: Visit) -> str:
    """The worst that can be said of any cookie."""
    found = visit.headers.get_all("Set-Cookie", []) if visit.headers else []
    if not found:
        return "cookies-not-found"
    hsts = strict_transport_security(visit).endswith("at-least-six-months")
    worst = [cookie_flaws(cookie, hsts) for cookie in found]
    flaws = [flaw for flaws in worst for flaw in flaws]
    if flaws:
        return min(flaws, key=lambda flaw: MODIFIERS[flaw])
    if all(re.search(r";\s*samesite=(lax|strict|none)", cookie.lower()) for cookie in found):
        return "cookies-secure-with-httponly-sessions-and-samesite"
    return "cookies-secure-with-httponly-sessions"


def cookie_flaws(cookie: str, hsts: bool) -> list[str]:
    pair, *attributes = (part.strip().lower() for part in cookie.split(";"))
    name = pair.partition("=")[0]
    is_session = "login" in name or "sess" in name
    same_site = [each.partition("=")[2] for each in attributes if each.startswith("samesite")]
    secure = "secure" in attributes
    flaws = []
    if same_site and same_site[-1] not in ("lax", "strict", "none"):
        flaws.append("cookies-samesite-flag-invalid")
    if same_site[-1:] == ["none"] and not secure:
        flaws.append("cookies-samesite-flag-invalid")
    if not secure:
        kind = "-session" if is_session else ""
        protected = "-but-protected-by-hsts" if hsts else ""
        flaws.append(f"cookies{kind}-without-secure-flag{protected}")
    if "csrf" in name and not same_site:
        flaws.append("cookies-anticsrf-without-samesite-flag")
    if is_session and "httponly" not in attributes:
        flaws.append("cookies-session-without-httponly-flag")
    return flaws


def resource_sharing(visit: Visit) -> str:
    allowed = visit.shared.get("Access-Control-Allow-Origin", "").strip().lower()
    credentials = visit.shared.get("Access-Control-Allow-Credentials", "").strip().lower()
    if not allowed:
        return "cross-origin-resource-sharing-not-implemented"
    if allowed == "*":
        return "cross-origin-resource-sharing-implemented-with-public-access"
    if allowed == visit.origin and credentials == "true":
        return "cross-origin-resource-sharing-implemented-with-universal-access"
    return "cross-origin-resource-sharing-implemented-with-restricted-access"


def redirection(visit: Visit) -> str:
    if not visit.route:
        return "redirection-not-needed-no-http"
    steps = [urlsplit(address) for address in visit.route]
    if len(steps) == 1:
        return "redirection-missing"
    if steps[-1].scheme != "https":
        return "redirection-not-to-https"
    if steps[1].scheme == "http":
        return "redirection-not-to-https-on-initial-redirection"
    if steps[0].hostname != steps[1].hostname:
        return "redirection-off-host-from-http"
    return "redirection-to-https"


def referrer_policy(visit: Visit) -> str:
    header = visit.header("Referrer-Policy")
    if not header:
        return "referrer-policy-not-implemented"
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    unsafe = ("origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade")
    known = [each.strip().lower() for each in header.split(",")]
    known = [each for each in known if each in private + unsafe]
    if not known:
        return "referrer-policy-header-invalid"
    return "referrer-policy-private" if known[-1] in private else "referrer-policy-unsafe"


def strict_transport_security(visit: Visit) -> str:
    if visit.headers is None:
        return "hsts-not-implemented-no-https"
    if not visit.is_verified:
        return "hsts-invalid-cert"
    header = visit.header("Strict-Transport-Security")
    if not header:
        return "hsts-not-implemented"
    ages = re.findall(r"(?:^|;)\s*max-age=(\d+)", header.lower())
    if "," in header or not ages:
        return "hsts-header-invalid"
    enough = "at-least" if int(ages[-1]) >= SIX_MONTHS else "less-than"
    return f"hsts-implemented-max-age-{enough}-six-months"


class Scripts(HTMLParser):
    """The attributes of the scripts of a page that have an address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.count = 0
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += tag == "script"
        if tag == "script" and dict(attrs).get("src"):
            self.found.append(dict(attrs))


def subresource_integrity(visit: Visit) -> str:
    """The worst that can be said of any script; foreign is what is not on the very host here."""
    if visit.header("Content-Type").partition(";")[0] not in ("text/html", "application/xhtml+xml"):
        return "sri-not-implemented-response-not-html"
    scripts = Scripts(visit.content)
    if not scripts.count:
        return "sri-not-implemented-but-no-scripts-loaded"
    flaws, is_any_foreign, is_any_secured = [], False, False
    for script in scripts.found:
        address = urlsplit(str(script["src"]))
        secured = bool(script.get("integrity"))
        if not address.netloc or (address.scheme and address.hostname == visit.host):
            is_any_secured |= secured and address.scheme in ("", "https")
            continue
        is_any_foreign = True
        if secured and address.scheme != "https":
            flaws.append("sri-implemented-but-external-scripts-not-loaded-securely")
        elif not secured and address.scheme == "https":
            flaws.append("sri-not-implemented-but-external-scripts-loaded-securely")
        elif not secured:
            flaws.append("sri-not-implemented-and-external-scripts-not-loaded-securely")
    if flaws:
        return min(flaws, key=lambda flaw: MODIFIERS[flaw])
    if is_any_secured:
        return "sri-implemented-and-all-scripts-loaded-securely"
    if is_any_foreign:
        return "sri-implemented-and-external-scripts-loaded-securely"
    return "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


def content_type_options(visit: Visit) -> str:
    header = visit.header("X-Content-Type-Options").strip().lower()
    if not header:
        return "x-content-type-options-not-implemented"
    known = "nosniff" if header == "nosniff" else "header-invalid"
    return f"x-content-type-options-{known}"


def frame_options(visit: Visit, policy: dict[str, set[str]] | None) -> str:
    if policy and "frame-ancestors" in policy:
        return "x-frame-options-implemented-via-csp"
    header = visit.header("X-Frame-Options").strip().lower()
    if not header:
        return "x-frame-options-not-implemented"
    if header in ("deny", "sameorigin"):
        return "x-frame-options-sameorigin-or-deny"
    if header.startswith("allow-from"):
        return "x-frame-options-allow-from-origin"
    return "x-frame-options-header-invalid"


def resource_policy(visit: Visit) -> str:
    header = visit.header("Cross-Origin-Resource-Policy").strip().lower()
    if not header:
        return "cross-origin-resource-policy-not-implemented"
    if header in ("same-origin", "same-site", "cross-origin"):
        return f"cross-origin-resource-policy-implemented-with-{header}"
    return "cross-origin-resource-policy-header-invalid"
