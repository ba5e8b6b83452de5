"""Start the web application.

python flask/app.py    the development server, on http://127.0.0.1:8000
gunicorn               the production server; see gunicorn.conf.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for `classifier`; Python itself adds only this folder

from webapp import create_app_or_exit, static

if __name__ == "__main__":
    app = create_app_or_exit()
    settings = app.extensions["settings"]
    app.jinja_env.auto_reload = True
    app.before_request(static.read_again)
    app.run(host=settings.host, port=settings.port)
