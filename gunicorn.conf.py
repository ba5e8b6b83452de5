"""Configure the production server: run `gunicorn` in this folder. See docs/deployment.md."""

import ctypes
import importlib
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# Run rather than imported, so that a reload (SIGHUP) takes up new code.
module = runpy.run_path(str(ROOT / "flask" / "webapp" / "settings.py"))
try:
    settings = module["Settings"].from_environment()
except module["SettingsError"] as error:
    print(f"The app cannot start. {error}", file=sys.stderr)
    sys.exit(4)

wsgi_app = "webapp:create_app_or_exit()"
chdir = str(ROOT / "flask")
workers = settings.workers
worker_class = "gthread"
threads = 32  # a spare connection of a browser takes one for five seconds
keepalive = 75  # seconds; nginx closes idle connections after 60, and it should be the first
graceful_timeout = settings.grace_seconds
forwarded_allow_ips = ""  # the app decides which proxies to trust, by its setting PROXIES
control_socket_disable = True
loglevel = settings.log_level
json_lines = {
    "()": "pythonjsonlogger.json.JsonFormatter",
    "fmt": ["levelname", "message", "process"],
    "rename_fields": {"levelname": "level", "message": "event", "exc_info": "traceback"},
    "timestamp": "time",
}
logconfig_dict = {
    "formatters": {"generic": json_lines},
    "root": {"level": loglevel.upper(), "handlers": ["console"]},
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}},
}


def on_starting(server):
    """Import the large libraries, which the workers then share, and make room for the metrics."""
    for library in "ai_edge_litert.interpreter", "cv2", "flask", "PIL.Image":
        importlib.import_module(library)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
    # glibc would keep 500 MB after pictures of 20 megapixels. See mallopt(3): one arena, blocks
    # from 1 MiB on mapped by themselves, 4 MiB of free memory kept.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for option, value in (-8, 1), (-3, 2**20), (-1, 2**22):
            mallopt(option, value)


def child_exit(server, worker):
    """Forget the gauges of a worker that has ended."""
    from prometheus_client import multiprocess  # not before PROMETHEUS_MULTIPROC_DIR is set

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the metrics."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
