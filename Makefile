# Everything that is done here goes through make; `make help` lists it. Needs make and Python 3.11 or later with venv.
#
# Setup is incremental: .venv/.packages stands for the locked packages, .venv/.stamp for the project itself, and the two
# steps of the guest find out for themselves whether there is anything to do.

PYTHON ?= python3
PORT ?= 8080
# Arguments for pytest, such as: make test ARGS='-k orchestrate -x'
ARGS ?=
# Test files at once: more than there are processors, for many tests wait for a service to start. JOBS=0 for a debugger.
JOBS ?= 3
# make lock UPGRADE=--upgrade takes newer versions; without it, a version that still fits stays.
UPGRADE ?=

BIN = .venv/bin
PARALLEL = -n $(JOBS) --dist loadfile
UV = uv==0.13.8
COMPILE = pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(UPGRADE)

.PHONY: help demo test coverage test-flyte serve bench check format lock clean setup guest artifact python .venv

help:
	@echo 'make demo    run the programs in examples/ against the service and show what happens'
	@echo 'make test    check, then the tests'
	@echo 'make coverage  the tests, and which branches they reach'
	@echo 'make test-flyte  the tests that compare with Flyte, in an environment of their own'
	@echo 'make serve   leave the service running with the functions of the example, on port $(PORT) (PORT=...)'
	@echo 'make bench   measure what the README claims about speed'
	@echo 'make check   formatting, lint, types, and the direction of imports'
	@echo 'make format  put the formatting right, and what else can be put right without thought'
	@echo 'make lock    write requirements/*.lock anew from pyproject.toml (UPGRADE=--upgrade for newer versions)'
	@echo 'make clean   remove whatever make made'

demo: setup
	@$(BIN)/python -m examples.demo

serve: setup
	@$(BIN)/isthmus serve --functions examples.shop:env --port $(PORT)

bench: setup
	@$(BIN)/python -m bench

check: .venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: check setup
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

# A fifth slower: the services that the tests start are watched, too.
coverage: setup
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term $(ARGS)

# The tests that compare with Flyte, in an environment that has it; `make test` skips them.
test-flyte: artifact
	@test -x .venv-flyte/bin/python || $(PYTHON) -m venv .venv-flyte
	.venv-flyte/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/flyte.lock
	.venv-flyte/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	.venv-flyte/bin/python -m pytest tests/unit/sandbox/extend tests/acceptance/test_to_flyte.py $(ARGS)

# --- setup -----------------------------------------------------------------------------------------------------------

setup: artifact

.venv: .venv/.stamp

# A word about what is missing, rather than a traceback later. Not a prerequisite of .venv: it would run every time.
python:
	@command -v $(PYTHON) >/dev/null || \
	    { echo '$(PYTHON) is not there: on Debian and Ubuntu, apt install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or \
	    sys.exit(f"Isthmus needs Python 3.11 or later, and $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.12, say")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo 'The venv module of $(PYTHON) is missing: on Debian and Ubuntu, apt install python3-venv' >&2; exit 1; }

.venv/.packages: requirements/dev.lock
	@$(MAKE) --no-print-directory python
	@begin=$$(date +%s); echo 'Installing the locked packages into .venv ...'; \
	$(PYTHON) -m venv .venv && \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock && \
	touch $@ && echo "... done in $$(($$(date +%s) - begin)) s"

# After the guest, because the build hook would otherwise build it here, behind pip's back and without a word.
.venv/.stamp: .venv/.packages pyproject.toml hatch_build.py | guest
	@begin=$$(date +%s); echo 'Installing isthmus itself, editable ...'; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . && \
	touch $@ && echo "... done in $$(($$(date +%s) - begin)) s"

# Builds sandbox/engines/cpython/guest.wasm unless it is up to date with its sources.
guest: .venv/.packages
	@$(BIN)/python sandbox/engines/cpython/build.py

# Compiles the guest for this processor into the user's cache directory unless it is there.
artifact: .venv/.stamp guest
	@$(BIN)/python -m sandbox.engines.cpython.artifact

# --- housekeeping ----------------------------------------------------------------------------------------------------

# The build tools and the run-time packages are subsets of dev.lock, at the same versions; flyte.lock is dev.lock with
# the extra, and with the version of pydantic-monty that flyte needs.
lock: python
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/python" -m pip install -qq --disable-pip-version-check $(UV) && \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml --group dev -o requirements/dev.lock && \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml -c requirements/dev.lock -o requirements/run.lock && \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml --group tools -c requirements/dev.lock -o "$$tools/tools.lock" && \
	"$$tools/bin/uv" $(COMPILE) pyproject.toml --extra flyte --group tools -c "$$tools/tools.lock" -o requirements/flyte.lock && \
	"$$tools/bin/uv" $(COMPILE) --group build -c requirements/dev.lock -o requirements/build.lock

clean:
	rm -rf .venv .venv-flyte dist build .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -f sandbox/engines/cpython/guest.wasm sandbox/engines/cpython/guest.wasm.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
