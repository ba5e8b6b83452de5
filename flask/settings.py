"""What can be set from outside: the one place that reads the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PROCESSORS = os.cpu_count() or 1
LOG_LEVELS = ("debug", "info", "warning", "error")
# What may stand behind "Bearer" (RFC 6750, section 2.1), too long to be guessed.
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,}=*", re.ASCII)
MEMORY = "memory://"

# A name, or with a dot before it all names below; names that are not ASCII as browsers send them.
HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII)
ORIGIN = re.compile(r"https?://[a-z0-9_.-]+(:[1-9][0-9]{0,4})?", re.ASCII)
RATE_LIMIT = re.compile(
    r"[1-9][0-9]{0,8}(/| per )([1-9][0-9]{0,8} )?(second|minute|hour|day)s?|", re.ASCII
)
# Of a name, an IPv4 or an IPv6 address; whether there is such a one, only listening there shows.
ADDRESS = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", re.ASCII)


class SettingsError(Exception):
    """An environment variable holds what it cannot mean."""


@dataclass(frozen=True)
class Settings:
    """The settings of the web application."""

    model: Path = ROOT / "models"  # MODEL: a .tflite file, or a folder that train.py wrote
    model_sha256: str | None = None  # MODEL_SHA256: the only one that it may have
    max_bytes: int = 10 * 1024 * 1024  # MAX_BYTES: of a request's body; the page posts some 1,500
    host: str = "127.0.0.1"  # HOST: that the development server listens on
    port: int = 8000  # PORT: the same; gunicorn reads PORT by itself
    workers: int = PROCESSORS  # WEB_CONCURRENCY: gunicorn's processes that answer
    body_seconds: int = 10  # BODY_SECONDS: that a body may take to come, and an answer to be taken
    max_wait: float = 0.5  # MAX_WAIT: seconds that a request waits for its turn, or is refused
    grace_seconds: int = 30  # GRACE_SECONDS: that gunicorn's stop may take
    log_level: str = "info"  # LOG_LEVEL: the least of gunicorn's log that is written
    # METRICS_TOKEN: whoever sends it may read /metrics; without one, only this machine may
    metrics_token: str | None = field(default=None, repr=False)
    trusted_hosts: tuple[str, ...] = ("localhost",)  # TRUSTED_HOSTS: the names of this server
    proxies: int = 0  # PROXIES: that stand in front, and whose X-Forwarded-For is believed
    cors_origins: tuple[str, ...] = ()  # CORS_ORIGINS: whose pages may call the API in a browser
    # RATE_LIMIT: what one address may take, in plain answers; empty for no limit. A class of 30
    # behind one address gets some 10 answers a second each from either of two workers, all drawing
    # at once; and nobody more than a fifth of what these can answer, or two with both of them.
    rate_limit: str = "3000/10 seconds"
    # RATE_LIMIT_STORAGE: where that is counted, in each worker or for all together in redis://
    rate_limit_storage: str = field(default=MEMORY, repr=False)  # it may hold a password

    @property
    def asks_redis(self) -> bool:
        """Whether the rate limit is counted in a Redis."""
        return bool(self.rate_limit) and self.rate_limit_storage != MEMORY

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the settings; raises a SettingsError that names the variable it cannot make out."""
        environment = os.environ
        return cls(
            # Absolute, because gunicorn works from another folder than the one it was started in.
            model=_model(environment.get("MODEL", str(cls.model))),
            model_sha256=_sha256("MODEL_SHA256"),
            max_bytes=_whole("MAX_BYTES", cls.max_bytes, 1024, 1024**3),
            host=_matching("HOST", cls.host, ADDRESS, "a name or an address"),
            port=_whole("PORT", cls.port, 0, 65_535),
            workers=_whole("WEB_CONCURRENCY", cls.workers, 1, 1024),
            body_seconds=_whole("BODY_SECONDS", cls.body_seconds, 1, 3600),
            max_wait=_seconds("MAX_WAIT", cls.max_wait, 0.01, 60),
            grace_seconds=_whole("GRACE_SECONDS", cls.grace_seconds, 1, 3600),
            log_level=_choice("LOG_LEVEL", cls.log_level, LOG_LEVELS),
            metrics_token=_token("METRICS_TOKEN"),
            trusted_hosts=_list("TRUSTED_HOSTS", cls.trusted_hosts, HOST, "names of hosts"),
            proxies=_whole("PROXIES", cls.proxies, 0, 10),
            cors_origins=_list("CORS_ORIGINS", cls.cors_origins, ORIGIN, "origins (https://...)"),
            rate_limit=_matching("RATE_LIMIT", cls.rate_limit, RATE_LIMIT, "like 3000/10 seconds"),
            rate_limit_storage=_storage("RATE_LIMIT_STORAGE"),
        )


def _model(text: str) -> Path:
    path = ROOT / os.path.expanduser(text)  # noqa: PTH111  # Path's fails where there is no such user
    if path.suffix.lower() == ".keras":
        raise SettingsError(
            f"Expected MODEL to be a .tflite file or a folder, received {text!r}: a Keras file "
            "would bring TensorFlow into the server."
        )
    # Path's own raises where it may not look.
    if os.path.isfile(path) and path.suffix != ".tflite":  # noqa: PTH113
        raise SettingsError(f"Expected MODEL to be a .tflite file or a folder, received {text!r}.")
    return path


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, str(default))
    # Python's int() refuses thousands of digits.
    if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
        raise SettingsError(
            f"Expected {name} to be a whole number from {least} to {most}, received {text!r}."
        )
    return int(text)


def _seconds(name: str, default: float, least: float, most: float) -> float:
    text = os.environ.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) or not least <= float(text) <= most:
        raise SettingsError(
            f"Expected {name} to be seconds from {least:g} to {most:g}, received {text!r}."
        )
    return float(text)


def _choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    text = os.environ.get(name, default)
    if text not in choices:
        raise SettingsError(
            f"Expected {name} to be one of {', '.join(choices)}, received {text!r}."
        )
    return text


def _token(name: str) -> str | None:
    text = os.environ.get(name, "")
    if text and not TOKEN.fullmatch(text):
        raise SettingsError(  # which does not tell what it received: that is a secret
            f"Expected {name} to be at least 16 of the characters A-Z a-z 0-9 . _ ~ + / -, "
            f"received {len(text)} characters."
        )
    return text or None


def _list(
    name: str, default: tuple[str, ...], pattern: re.Pattern[str], what: str
) -> tuple[str, ...]:
    text = os.environ.get(name, ",".join(default)).lower()
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in parts:
        if not pattern.fullmatch(part):
            raise SettingsError(
                f"Expected {name} to be {what}, parted by commas, received {part!r}."
            )
    return parts


def _matching(name: str, default: str, pattern: re.Pattern[str], what: str) -> str:
    text = os.environ.get(name, default)
    if not pattern.fullmatch(text):
        raise SettingsError(f"Expected {name} to be {what}, received {text!r}.")
    return text


def _storage(name: str) -> str:
    text = os.environ.get(name, MEMORY)
    if text != MEMORY and not _is_redis(text):
        raise SettingsError(  # which does not tell what it received: that may hold a password
            f"Expected {name} to be {MEMORY} or redis://HOST:PORT, received something else."
        )
    return text


def _is_redis(text: str) -> bool:
    """Whether this is redis://HOST or rediss://HOST, perhaps with a password, a port, a number."""
    if not re.fullmatch(r"rediss?://[!-~]+", text):  # urlsplit() leaves out some of what is not so
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_database = re.fullmatch(r"/?|/[0-9]{1,4}", parts.path)
    return bool(parts.hostname and port != 0 and is_database and not parts.query + parts.fragment)


def _sha256(name: str) -> str | None:
    text = os.environ.get(name)
    if text is not None and not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise SettingsError(f"Expected {name} to be 64 hexadecimal digits, received {text!r}.")
    return text and text.lower()
