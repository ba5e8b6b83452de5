"""The production server: `gunicorn`, from this folder.

Gunicorn itself reads PORT (it then listens on every address; otherwise on 127.0.0.1:8000) and
WEB_CONCURRENCY (workers; otherwise one for each processor).
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent

wsgi_app = "app:create_app_or_exit()"
chdir = str(ROOT / "flask")  # not `flask.app:...`, which would find the Flask library
pythonpath = str(ROOT)

workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
# A client that stalls in the middle of its body holds up a thread, but not gevent.
worker_class = "gevent"
# Each worker loads the model by itself, before it takes requests, and after the fork.
preload_app = False
# Nobody here uses `gunicornc`: one door less.
control_socket_disable = True
