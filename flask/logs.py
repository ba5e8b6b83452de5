"""The log under gunicorn: a line of JSON for each request, and for all else that is worth telling.

gunicorn's main process imports this, too: it knows nothing of Flask, and nothing else here.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from gunicorn import glogging

LONGEST_PATH = 200  # characters: ours are all shorter
# What identifies a network rather than a person: the first bits of an address, by its version.
NETWORK_BITS = {4: 24, 6: 48}

# ASCII alone, so that no line break and no terminal's control character comes through.
_as_json = json.JSONEncoder(separators=(",", ":")).encode


class Logger(glogging.Logger):
    """gunicorn's logger, which writes everything to standard output, as lines of JSON."""

    def setup(self, cfg: Any) -> None:
        """Has every logger of this process write such lines: gunicorn's, the app's, warnings."""
        super().setup(cfg)
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonLine())
        logging.basicConfig(handlers=[handler], level=self.loglevel, force=True)
        logging.captureWarnings(True)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
        self.access_log.setLevel(self.loglevel)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Writes the line of one request; gunicorn calls this when it has been answered.

        The query stays out, and so does whatever else may hold what a visitor wrote or drew. The
        app adds what it knows in `environ["classifier.log"]`.
        """
        status = int(str(resp.status)[:3])
        level = logging.ERROR if status >= 500 else logging.INFO
        if not self.access_log.isEnabledFor(level):
            return
        # Made by hand, because Logger.log() looks for its caller, which takes as long as the rest.
        record = logging.LogRecord(self.access_log.name, level, "", 0, "request", None, None)
        record.fields = {
            "request_id": _request_id(resp.headers),
            "method": environ.get("REQUEST_METHOD"),
            "path": (environ.get("PATH_INFO") or "")[:LONGEST_PATH],
            "status": status,
            "bytes": resp.sent,
            "milliseconds": round(request_time.total_seconds() * 1000, 2),
            "client": network_of(environ.get("REMOTE_ADDR", "")),
            **environ.get("classifier.log", {}),
        }
        self.access_log.handle(record)


class JsonLine(logging.Formatter):
    """A record as one line: time, level, event, process, and what else is known of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _as_json(line)


@functools.lru_cache(1024)
def network_of(address: str) -> str | None:
    """The network that an address is in, e.g. "203.0.113.0/24"; None for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket's, or what a proxy made up
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, NETWORK_BITS[parsed.version]), strict=False))


def _request_id(headers: list[tuple[str, str]]) -> str | None:
    return next((value for name, value in headers if name == "X-Request-ID"), None)
