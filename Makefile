PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# For every platform and every Python from 3.11 on, whatever it is run with. Without the addresses of
# indices, which are the business of whoever installs.
PIN := UV_CUSTOM_COMPILE_COMMAND='make requirements' $(BIN)/uv pip compile --quiet --no-config \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url
# In an environment of its own, for it would replace pip. Strict: what it finds nothing about is no pass.
AUDIT := $(BIN)/uv tool run pip-audit==2.10.1 --strict --require-hashes --disable-pip
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

PROGRAMS := classifier flask benchmarks evaluation tools train.py main.py $(wildcard painting.py) gunicorn.conf.py
SOURCES := $(PROGRAMS) tests

.PHONY: run test test-long smoke lint format requirements audit train seeds bench load page pictures strokes numbers \
	photographs comparison robustness figures gallery screenshots clean

run: .venv/serve-installed  ## start the app
	@PYTHONUNBUFFERED=1 $(BIN)/python flask/app.py

test: .venv/all-installed  ## run the tests, all but the slow ones
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
		|| command -v google-chrome >/dev/null || $(BIN)/playwright install chromium
	$(PYTEST) -m "not long"

test-long: .venv/all-installed  ## run the slow tests
	$(PYTEST) -m long

smoke: .venv/serve-installed  ## start the production server once, with what `make run` installs
	$(BIN)/python -m benchmarks.servers

lint: .venv/all-installed  ## check format, style and types
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/bandit --quiet --severity-level medium --recursive $(PROGRAMS)

format: .venv/all-installed  ## mend format and style
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

requirements: .venv/all-installed  ## pin anew after the two .in files; UPGRADE=--upgrade: all they bring along
	$(PIN) requirements-serve.in --output-file requirements-serve.txt $(UPGRADE)
	$(PIN) requirements.in --output-file requirements.txt $(UPGRADE)

audit: .venv/all-installed  ## ask the advisory database about every pin; it takes a network
	$(AUDIT) --requirement requirements-serve.txt
	$(AUDIT) --requirement requirements.txt

train: .venv/all-installed  ## make models/ anew, from MNIST
	$(BIN)/python train.py

seeds: .venv/all-installed  ## train twice more, for how much chance matters
	$(BIN)/python train.py --seed 1 --figures-only
	$(BIN)/python train.py --seed 2 --figures-only

bench: .venv/all-installed  ## measure the app beside two others, and where its time goes
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.explanations
	$(BIN)/python -m benchmarks.steps

load: .venv/all-installed  ## measure what becomes of requests under load, and when workers end
	$(BIN)/python -m benchmarks.load

page: .venv/all-installed  ## measure the page in Chromium: answers, frames, bytes
	$(BIN)/python -m benchmarks.page

pictures: .venv/all-installed  ## measure how fast the command reads a folder
	$(BIN)/python -m benchmarks.pictures

# These add to models/report.json: make strokes STROKES=../shared/strokes/development.json
strokes numbers photographs robustness comparison: .venv/all-installed
	$(BIN)/python -m evaluation $@ $(STROKES)

figures: .venv/all-installed  ## write the measured figures into the documents
	$(BIN)/python -m tools.figures

gallery: .venv/all-installed  ## write the drawings that the page offers
	$(BIN)/python -m tools.gallery

screenshots: .venv/all-installed  ## draw on the page and take its picture, for the README
	$(BIN)/python -m tools.screenshots

clean:  ## remove the environment
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Expected Python 3.11 or newer, received %s. Name another: make PYTHON=python3.12 ..." % sys.version.split()[0])'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/serve-installed: requirements-serve.txt | .venv/bin/python
	@echo "Installing what the app needs, once ..."
	@$(INSTALL) -r requirements-serve.txt
	@touch $@

.venv/all-installed: requirements.txt requirements-serve.txt | .venv/bin/python
	@echo "Installing everything, TensorFlow included, once ..."
	@$(INSTALL) -r requirements.txt
	@touch $@ .venv/serve-installed
