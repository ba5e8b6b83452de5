"""The production server: `gunicorn`, from this folder.

Gunicorn itself reads PORT (it then listens on every address; otherwise on 127.0.0.1:8000). What
else can be set from outside, flask/settings.py says.
"""

import ctypes
import functools
import importlib
import itertools
import mmap
import multiprocessing
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

from prometheus_client import values

ROOT = Path(__file__).resolve().parent
CANNOT_START = 4  # as flask/app.py has it: systemd does not try again

# Run rather than imported, so that a reload (SIGHUP) takes up new code.
reader = runpy.run_path(str(ROOT / "flask" / "settings.py"))
try:
    settings = reader["Settings"].from_environment()
except reader["SettingsError"] as error:
    print(f"The app cannot start. {error}", file=sys.stderr)
    sys.exit(CANNOT_START)

wsgi_app = "app:create_app_or_exit()"
chdir = str(ROOT / "flask")  # not `flask.app:...`, which would find the Flask library
pythonpath = f"{ROOT},{ROOT / 'flask'}"

workers = settings.workers
logger_class = "logs.Logger"
loglevel = settings.log_level
# A client that stalls in the middle of its body holds up a thread, but not a greenlet.
worker_class = runpy.run_path(str(ROOT / "flask" / "worker.py"))["Worker"]
worker_class.settings = settings
# The parser in C, which is not among the requirements, would be taken by itself if it were there:
# its errors do not tell what was wrong with a request.
http_parser = "python"
# Longer than proxies keep a connection that nothing goes over (nginx: 60 s). So it is they who
# close it, and never while a request is on its way.
keepalive = 75
# Of each worker; below the 1,024 files that a process may usually open.
worker_connections = 800
graceful_timeout = settings.grace_seconds
# Each worker loads the model by itself, before it takes requests, and after the fork.
preload_app = False
# Whom X-Forwarded-Proto is believed is the setting PROXIES' to say, not gunicorn's.
forwarded_allow_ips = ""
# Nobody here uses `gunicornc`: one door less.
control_socket_disable = True

# With a worker for each processor, threads within one would only take memory and turns.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
# Intel's routines are hardly faster, and a worker then has more in memory. The answers are the same
# but for rounding.
os.environ.setdefault("OPENCV_IPP", "disabled")

# What reading takes, and what answering takes besides.
READING = ("ai_edge_litert.interpreter", "cv2", "numpy.typing", "PIL.Image")
ANSWERING = ("flask", "limits.storage", "limits.strategies", "msgspec")
# Bytes of memory in a worker. It has 72 million to begin with, and 84 once it has used everything.
MOST_KEPT = 84_000_000
GROWTH = 500_000  # that a worker keeps beyond what giving back left it with

# The files in which a worker counts, see flask/metrics.py, and their bytes: more than they ever
# use, which a test adds up.
COUNTED = {
    "counter": 256 * 1024,
    "histogram": 256 * 1024,
    "gauge_livemax": 4096,
    "gauge_livesum": 4096,
}

malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only glibc has it


def on_starting(server):
    """Imports the libraries before the workers are forked: these share the pages, and start sooner.

    A worker has then in memory what it uses of the large ones, 20 MB less than what importing them
    touches. None of them starts a thread, which a fork would lose; and nothing of ours is imported
    but the log, so that a reload (SIGHUP) takes up new code.
    """
    for name in READING:
        importlib.import_module(name)
    # Where two workers cannot start, gunicorn fails over the second, and its status is lost.
    trial = begun(load_model)
    for name in ANSWERING:  # meanwhile
        importlib.import_module(name)
    if status := ended(trial):
        sys.exit(status)
    server.reload = functools.partial(reload_or_go_on, server, server.reload)


def reload_or_go_on(server, reload):
    """Replaces the workers, unless new ones cannot start: gunicorn would end with the first."""

    def start():
        server.app.reload()  # this file, that is
        server.app.wsgi()

    if ended(begun(start)):
        server.log.error("not reloaded: the app could not start; the old workers go on")
    else:
        reload()


def begun(start):
    """Has a process of its own start so, and do no more."""
    trial = multiprocessing.get_context("fork").Process(target=start)
    trial.start()
    return trial


def ended(trial):
    """The status with which a trial ends: 0 if it could start."""
    trial.join()
    return trial.exitcode


def load_model():
    """Loads the model as a worker does, or ends the process with one sentence on why it cannot."""
    from classifier import ClassifierError, HandwrittenDigitsClassifier

    try:
        HandwrittenDigitsClassifier().load_model(settings.model, settings.model_sha256)
    except ClassifierError as error:
        print(f"The app cannot start. {error}", file=sys.stderr)
        sys.exit(CANNOT_START)


def when_ready(server):
    """Makes the folder in which the workers count, each in its own files; see flask/metrics.py."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="metrics-"))
        # Written, for they are mapped into memory: where the disk had no room left for what is
        # counted, the system would end the worker (SIGBUS). A reload has twice as many workers.
        for number in range(2 * server.cfg.workers):
            for kind, size in COUNTED.items():
                (folder / f"{kind}_{number}.db").write_bytes(bytes(size))
    except OSError as error:
        if folder:
            shutil.rmtree(folder)
        print(
            "The app cannot start. Expected room for the metrics where temporary files lie, "
            f"received: {error.strerror}.",
            file=sys.stderr,
        )
        sys.exit(CANNOT_START)
    # Not where it changes nothing, for systemd's filter forbids even that.
    if (server.cfg.uid, server.cfg.gid) != (os.geteuid(), os.getegid()):
        for path in (folder, *folder.iterdir()):
            os.chown(path, server.cfg.uid, server.cfg.gid)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def pre_fork(server, worker):
    """Gives the worker the least number that no other has.

    It names the files in which the worker counts, so that whoever comes after it counts on where it
    ended: no count is lost with it, and however many come and go, there are no more files.
    """
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in itertools.count() if number not in taken)


def post_fork(server, worker):
    """Has the worker count in the files of its number, not in those of its process."""
    values.ValueClass = values.MultiProcessValue(lambda: worker.number)


def post_worker_init(worker):
    """Tells the app of its worker, which knows when it is to stop."""
    worker.wsgi.extensions["worker"] = worker
    if malloc_trim:  # on Linux, that is; kept open, because it is read after each request
        worker.statm = os.open("/proc/self/statm", os.O_RDONLY)
        worker.most_kept = MOST_KEPT


def child_exit(server, worker):
    """Forgets what is only true of a worker as long as it lives; its files stay, see above."""
    for file in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob(f"gauge_*_{worker.number}.db"):
        with file.open("r+b") as beginning:
            beginning.write(bytes(8))  # that is how much of it is used


def on_exit(server):
    """Removes the folder of the metrics."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def post_request(worker, request, environ, response):
    """Gives back to the system what a large picture took.

    glibc keeps what is freed, up to 64 MB of it, once it has met large pieces. (It has settings
    against that, see mallopt(3), but they make it map and clear memory anew for every array, which
    takes half as long again as reading a photograph.) What remains is in use: to try again before
    there is more would take every request 0.1 ms.
    """
    if malloc_trim and resident_bytes(worker) > worker.most_kept:
        malloc_trim(0)
        worker.most_kept = max(MOST_KEPT, resident_bytes(worker) + GROWTH)


def resident_bytes(worker):
    """The memory of the worker's process, the pages that it shares included."""
    return int(os.pread(worker.statm, 100, 0).split()[1]) * mmap.PAGESIZE
