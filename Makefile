# Two commands: `make run` starts the platform, `make test` runs every test. Both set up what is missing first.
SHELL := /bin/sh
# A Python of your own choice: make setup HECHUAN_PYTHON=/path/to/python3.12
HECHUAN_PYTHON ?=
PY := .venv/bin/python
PYTEST := $(PY) -m pytest

.PHONY: help setup run test test-journeys check lock test-faults test-containers bench doctor clean

help:
	@echo 'make run              set up, start the platform and its servers, print the address and the personas'
	@echo 'make test             set up, then every test, journeys included; only the long proofs below have their own targets'
	@echo 'make check            format, lint, types, imports, migrations, then every test'
	@echo 'make setup            .venv from the lock, front-end assets; nothing more'
	@echo 'make test-journeys    the journeys alone, each page looked at in both languages and on a phone too'
	@echo 'make test-faults      kills servers under load, 20 seeds each; verify must end at 0/0/0 (an hour)'
	@echo 'make test-containers  integration tests against servers in containers'
	@echo 'make bench            every benchmark, each against its baseline'
	@echo 'make doctor           what is wrong with this machine'
	@echo 'make lock             requirements.in to requirements.lock, and the front-end lock'
	@echo 'make clean            remove what can be made again; keeps .hechuan (your data)'

setup:
	@python="$(HECHUAN_PYTHON)"; \
	[ -n "$$python" ] || for python in python3.13 python3.12 python3.11 python3.14 python3; do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; \
	done; \
	command -v "$$python" >/dev/null || { echo 'No Python was found. Install Python 3.11 or newer.' >&2; exit 1; }; \
	"$$python" infra/setup/bootstrap.py
	@$(PY) -m infra.setup.assets

run: setup
	@exec .venv/bin/hechuan run

test: setup
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || \
		echo 'Chromium is not installed: the browser tests will be skipped (Debian: apt-get install chromium fonts-noto-cjk).'
	@exec $(PYTEST) -n 2 -m 'not faults'

check: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	@$(PY) -m infra.setup.lint_migrations
	@$(MAKE) --no-print-directory test

lock: setup
	UV_CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m uv pip compile requirements.in --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --quiet -o requirements.lock
	@$(PY) -c 'import subprocess; from infra.setup.assets import WEB, npm_command; subprocess.run([*npm_command(), "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"], cwd=WEB, check=True)'

test-journeys: setup
	@HECHUAN_LOOK=all exec $(PYTEST) -m 'journeys or browser'

test-faults: setup
	@exec $(PYTEST) -m faults

test-containers: setup
	@exec $(PY) -m tests.kit.containers

bench: setup
	@exec .venv/bin/hechuan bench all

doctor: setup
	@exec .venv/bin/hechuan doctor

clean:
	rm -rf .venv .cache infra/web/node_modules infra/web/static/vendor *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
