# Two commands: `make run` serves a demonstration, `make test` passes every test. Both are safe to run again.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# What Python makes of a file is kept beside the libraries, not in the tree: every start would make it again otherwise.
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run install test matrix bench country crash audit fuzz fuzz-guided lock catalogues lint clean

run: $(VENV)/ready catalogues
	@POPSCHOOL_PORT=$(PORT) deploy/run-demo "$(BIN)" $(PORT)

# Three tests at a time, even on two processors: half of them wait for a browser or a database. Neighbours stay together
# until somebody has nothing left to do, since they share what took long to make: a network, its pages, a browser.
test: $(VENV)/ready-dev catalogues
	@deploy/install-test-tools
	$(BIN)/ruff check .
	$(BIN)/pytest -n 3 --dist worksteal $(TESTS)

matrix: $(VENV)/ready-dev catalogues
	@deploy/install-test-tools
	POPSCHOOL_FULL_MATRIX=1 $(BIN)/pytest tests/web/test_matrix.py

# Twenty minutes: the table of benchmarks/README.md. POSTGRESQL is a server on which databases may be made.
bench: $(VENV)/ready-dev catalogues
	$(BIN)/python -m benchmarks.table $(if $(POSTGRESQL),--postgresql $(POSTGRESQL))

# A day of the country, replayed by locust on a database that `popschool demo` filled: see benchmarks/README.md. locust
# brings a web server and thirty packages of its own: it comes when it is wanted, into an environment apart, and the
# program's libraries stay as they are locked.
country: $(VENV)/ready-dev $(VENV)/locust/ready catalogues
	$(BIN)/python -m benchmarks.country $(ARGS)

$(VENV)/locust/ready: | $(VENV)/uv
	$(BIN)/uv venv -q --python $(BIN)/python $(VENV)/locust
	$(BIN)/uv pip install -q --python $(VENV)/locust/bin/python locust==2.47.0
	@touch $@

# An hour, or more: two hundred kills of a server under load; what chance finds in what comes from outside.
crash: $(VENV)/ready-dev catalogues
	$(BIN)/python -m benchmarks.crash

fuzz: $(VENV)/ready-dev catalogues
	$(BIN)/python -m tests.fuzz --minutes 60

# The same, led by the branches of the code. atheris is 35 MB, for Linux alone: it comes when it is wanted.
fuzz-guided: $(VENV)/ready-dev $(VENV)/uv catalogues
	$(BIN)/uv pip install -q --python $(BIN)/python atheris==3.0.0
	$(BIN)/python -m tests.fuzz.guided --minutes 30

audit: $(VENV)/ready
	$(BIN)/popschool libraries --check

catalogues: $(VENV)/ready
	@$(BIN)/python -m popschool.web.catalogues compile

# For a service, whose account may write nothing beside the program: what Python makes of each file is made now, where any
# Python looks for it. Each start would otherwise read and compile every library again.
install: catalogues
	@env -u PYTHONPYCACHEPREFIX $(BIN)/python -m compileall -q -j 0 app.py popschool migrations $(VENV)/lib

lint: $(VENV)/ready-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

lock: $(VENV)/uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --extra prod pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --extra prod --extra traces pyproject.toml \
		-c requirements.lock -o requirements-traces.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --extra prod --extra traces --group dev pyproject.toml -o requirements-dev.lock

# The pip of PYTHON installs uv, since a second pip would take as long to unpack as all the libraries; where there is none
# that can, the environment has its own.
$(VENV)/uv:
	$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check uv 2>/dev/null || \
		{ $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install -q --disable-pip-version-check uv; }
	@touch $@

$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/uv
	@if [ ! -e $(VENV)/ready-dev ]; then $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock; fi
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/ready-dev: requirements-dev.lock pyproject.toml | $(VENV)/uv
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@ $(VENV)/ready

clean:
	rm -rf $(VENV) data .pytest_cache .ruff_cache .hypothesis
