"""Settings, read from environment variables.

gunicorn.conf.py runs this file by its path, so that a reload sees changes. This file therefore
imports nothing from its package, and does not postpone annotations.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct

ROOT = Path(__file__).resolve().parents[2]
MEMORY = "memory://"
LISTS = ("TRUSTED_HOSTS", "CORS_ORIGINS")  # comma-separated
WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list"}
SECRETS = ("METRICS_TOKEN", "RATE_LIMIT_STORAGE")  # messages do not quote their values

HostName = Annotated[
    str,
    Meta(
        pattern=r"\A\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\Z",
        description="comma-separated host names, each with a leading dot to include subdomains",
    ),
]
Origin = Annotated[
    str,
    Meta(
        pattern=r"\Ahttps?://[a-z0-9_.-]+(:[1-9][0-9]{0,4})?\Z",
        description="comma-separated origins such as https://example.org",
    ),
]


class SettingsError(Exception):
    """An environment variable has an invalid value."""


class Settings(Struct, frozen=True, kw_only=True, rename="upper"):
    """The settings of the web application."""

    # A .tflite file, or a folder written by train.py.
    model: Path = ROOT / "models"
    # The SHA-256 that the model file must have.
    model_sha256: Annotated[
        str, Meta(pattern=r"\A([0-9a-fA-F]{64})?\Z", description="64 hexadecimal digits")
    ] = ""
    # The largest request body, in bytes. The page posts about 1,500.
    max_bytes: Annotated[int, Meta(ge=1024, le=1024**3)] = 10 * 1024 * 1024
    # The address of the development server. Gunicorn reads PORT itself.
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8000
    # The number of gunicorn's worker processes.
    workers: Annotated[int, Meta(ge=1, le=1024)] = msgspec.field(
        default=os.cpu_count() or 1, name="WEB_CONCURRENCY"
    )
    # Seconds for in-flight requests to complete when the server stops.
    grace_seconds: Annotated[int, Meta(ge=1, le=3600)] = 30
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="debug, info, warning or error"),
    ] = "info"
    # The bearer token for /metrics. Without one, only clients on this machine may read it.
    metrics_token: Annotated[
        str,
        Meta(
            pattern=r"\A([A-Za-z0-9._~+/-]{16,}=*)?\Z",
            description="at least 16 of the characters A-Z a-z 0-9 . _ ~ + / -",
        ),
    ] = ""
    # The names of this server, as in the Host header.
    trusted_hosts: tuple[HostName, ...] = ("localhost",)
    # The number of proxies in front of the app whose X-Forwarded-* headers are trusted.
    proxies: Annotated[int, Meta(ge=0, le=10)] = 0
    # The path below which the app is served, if the proxy does not strip it.
    script_name: Annotated[
        str, Meta(pattern=r"\A(/[A-Za-z0-9._~-]+)*\Z", description="a path such as /digits")
    ] = ""
    # Sites whose pages may call the API from a browser.
    cors_origins: tuple[Origin, ...] = ()
    # The limit for one client, in plain answers; empty for no limit. The default allows each of 30
    # pupils behind one address 10 answers a second.
    rate_limit: Annotated[
        str,
        Meta(
            pattern=r"\A([1-9][0-9]{0,8}(/| per )([1-9][0-9]{0,8} )?"
            r"(second|minute|hour|day)s?)?\Z",
            description="a limit such as 3000/10 seconds",
        ),
    ] = "3000/10 seconds"
    # Where requests are counted: in each worker's memory, or in Redis for all of them.
    rate_limit_storage: Annotated[
        str,
        Meta(
            pattern=r"\A(memory://|rediss?://([^/?#\s]*@)?(\[[0-9a-f:]+\]|[^/?#@:\s\[\]]+)"
            r"(:[1-9][0-9]{0,4})?(/[0-9]{0,4})?)\Z",
            description=f"{MEMORY} or redis://HOST:PORT",
        ),
    ] = MEMORY

    __repr__ = object.__repr__  # does not show the secrets

    def __post_init__(self) -> None:
        is_file = os.path.isfile(self.model)  # noqa: PTH113  # Path.is_file() raises for folders it may not read
        if self.model.suffix.lower() == ".keras" or (is_file and self.model.suffix != ".tflite"):
            raise ValueError(
                f"Expected MODEL to be a .tflite file or a folder, received {str(self.model)!r}."
            )

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: names the environment variable that has an invalid value.
        """
        names = dict(zip(cls.__struct_encode_fields__, cls.__struct_fields__, strict=True))
        values: dict[str, Any] = {name: os.environ[name] for name in names if name in os.environ}
        for name in LISTS:
            if name in values:
                parts = values[name].lower().split(",")
                values[name] = [part.strip() for part in parts if part.strip()]
        try:
            return msgspec.convert(values, cls, strict=False, dec_hook=_path)
        except msgspec.ValidationError as error:
            expected = expectation(error)
            if expected is None:  # raised by __post_init__
                raise SettingsError(str(error)) from error
            name, what = expected
            what = _description(get_type_hints(cls, include_extras=True)[names[name]]) or what
            text = os.environ[name]
            received = f"{len(text)} characters" if name in SECRETS else repr(text)
            raise SettingsError(f"Expected {name} to be {what}, received {received}.") from error


def expectation(error: msgspec.ValidationError) -> tuple[str, str] | None:
    """Return the name of the value that msgspec refused, and what it expected, if it names both."""
    found = re.match(r"(?:Expected )?(.*?)(?:, got .*)? - at `\$\.(\w+)", str(error))
    if found is None:
        return None
    expected, name = found.groups()
    return name, re.sub("`(.*)`", lambda kind: WORDS.get(kind[1], kind[0]), expected)


def _path(kind: type, text: str) -> Path:
    """Return an absolute path, because gunicorn changes to the folder flask/."""
    return ROOT / os.path.expanduser(text)  # noqa: PTH111  # Path.expanduser() raises for unknown users


def _description(kind: Any) -> str | None:
    """Return the description of a type, or of a tuple's items."""
    parts = [*getattr(kind, "__metadata__", ()), *getattr(kind, "__args__", ())]
    own = [part.description for part in parts if isinstance(part, Meta) and part.description]
    return own[0] if own else next(filter(None, map(_description, parts)), None)
