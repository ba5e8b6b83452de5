"""What can be set from outside: the one place that reads the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """An environment variable holds what it cannot mean."""


@dataclass(frozen=True)
class Settings:
    """The settings of the web application."""

    model: Path = ROOT / "models"  # MODEL: a .tflite file, or a folder that train.py wrote
    model_sha256: str | None = None  # MODEL_SHA256: the only one that it may have
    max_bytes: int = 10 * 1024 * 1024  # MAX_BYTES: of a request's body; the page posts some 2,000
    host: str = "127.0.0.1"  # HOST: that the development server listens on
    port: int = 8000  # PORT: the same; gunicorn reads PORT by itself

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the settings; raises a SettingsError that names the variable it cannot make out."""
        environment = os.environ
        return cls(
            # Absolute, because gunicorn works from another folder than the one it was started in.
            model=_model(environment.get("MODEL", str(cls.model))),
            model_sha256=_sha256("MODEL_SHA256"),
            max_bytes=_whole("MAX_BYTES", cls.max_bytes, 1024, 1024**3),
            host=environment.get("HOST", cls.host),
            port=_whole("PORT", cls.port, 0, 65_535),
        )


def _model(text: str) -> Path:
    if text.endswith(".keras"):
        raise SettingsError(
            f"Expected MODEL to be a .tflite file or a folder, received {text!r}: a Keras file "
            "would bring TensorFlow into the server."
        )
    return ROOT / os.path.expanduser(text)  # noqa: PTH111  # Path's fails where there is no such user


def _whole(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(
            f"Expected {name} to be a whole number from {least} to {most}, received {text!r}."
        )
    return int(text)


def _sha256(name: str) -> str | None:
    text = os.environ.get(name)
    if text is not None and not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise SettingsError(f"Expected {name} to be 64 hexadecimal digits, received {text!r}.")
    return text and text.lower()
