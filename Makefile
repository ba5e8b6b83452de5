PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# Pin for every platform and for Python 3.11 and later, without the addresses of package indexes.
PIN := UV_CUSTOM_COMPILE_COMMAND='make requirements' $(BIN)/uv pip compile --quiet --no-config \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url
# uv runs pip-audit in a separate environment. --strict: a package without an answer is a failure.
AUDIT := $(BIN)/uv tool run pip-audit==2.10.1 --strict --require-hashes --disable-pip
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

.PHONY: run test test-long smoke lint format requirements audit train seeds bench load page pictures \
	mnist real strokes numbers photographs robustness comparison figures gallery screenshots clean

run: .venv/serve-installed  ## start the app
	@PYTHONUNBUFFERED=1 $(BIN)/python flask/app.py

test: .venv/all-installed .venv/browser  ## run all tests except the slow ones
	$(PYTEST) -m "not long"

test-long: .venv/all-installed .venv/browser  ## run the slow tests
	$(PYTEST) -m long

smoke: .venv/serve-installed  ## start the production server with only what serving needs
	$(BIN)/python -m benchmarks.servers

lint: .venv/all-installed  ## check format, style, security, types and imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/all-installed  ## fix format and style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: .venv/all-installed  ## pin what the .in files need; UPGRADE=--upgrade for new versions
	$(PIN) requirements-serve.in --output-file requirements-serve.txt $(UPGRADE)
	$(PIN) requirements.in --output-file requirements.txt $(UPGRADE)

audit: .venv/all-installed  ## check all pins for known vulnerabilities; needs a network
	$(AUDIT) --requirement requirements-serve.txt
	$(AUDIT) --requirement requirements.txt

train: .venv/all-installed  ## retrain models/ from MNIST
	$(BIN)/python train.py

seeds: .venv/all-installed  ## train with two more seeds, to measure the spread
	$(BIN)/python train.py --seed 1 --figures-only
	$(BIN)/python train.py --seed 2 --figures-only

mnist: .venv/all-installed  ## read MNIST's test images through every step of predict()
	$(BIN)/python -m evaluation mnist

# make real REAL=../shared/real
real: .venv/all-installed  ## measure reading what other people wrote
	$(BIN)/python -m evaluation real $(REAL)

# make strokes STROKES=../shared/strokes/development.json
strokes numbers photographs robustness comparison: .venv/all-installed  ## measure reading
	$(BIN)/python -m evaluation $@ $(STROKES)

bench: .venv/all-installed  ## compare the server with two others
	$(BIN)/python -m benchmarks.serving

page load pictures: .venv/all-installed  ## measure the page, the server under load, the command
	$(BIN)/python -m benchmarks.$@

figures gallery screenshots: .venv/all-installed  ## write the figures, the gallery, the screenshots
	$(BIN)/python -m tools.$@

clean:  ## remove the environment
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Expected Python 3.11 or newer, received %s. Name another: make PYTHON=python3.12 ..." % sys.version.split()[0])'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/serve-installed: requirements-serve.txt | .venv/bin/python
	@echo "Installing what the app needs ..."
	@$(INSTALL) -r requirements-serve.txt
	@touch $@

.venv/all-installed: requirements.txt requirements-serve.txt | .venv/bin/python
	@echo "Installing everything, with TensorFlow ..."
	@$(INSTALL) -r requirements.txt
	@touch $@ .venv/serve-installed

.venv/browser: | .venv/all-installed
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
		|| command -v google-chrome >/dev/null || $(BIN)/playwright install chromium
	@touch $@
