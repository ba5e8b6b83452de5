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
# Run instead of imported, so that a reload (SIGHUP) runs the new code.
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
threads = 32  # a browser's spare connection occupies one for five seconds
keepalive = 75  # seconds; longer than the 60 of nginx, which should close connections first
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
    """Import large libraries, so that workers share their memory, and add a folder for metrics."""
    for library in "ai_edge_litert.interpreter", "cv2", "flask", "PIL.Image":
        importlib.import_module(library)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
    # Otherwise glibc keeps 500 MB after pictures of 20 megapixels. See mallopt(3): use one arena,
    # map blocks from 256 KiB separately, and keep at most 1 MiB of free memory.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for option, value in (-8, 1), (-3, 2**18), (-1, 2**20):
            mallopt(option, value)


def child_exit(server, worker):
    """Remove the gauges of a worker that has ended."""
    from prometheus_client import multiprocess  # it reads PROMETHEUS_MULTIPROC_DIR on import

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the folder for metrics."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
