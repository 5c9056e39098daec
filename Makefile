# make help lists what can be done here
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SOURCES := service models jobs tests bench migrations wsgi.py

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

PROGRAM := service models jobs migrations
install: .venv/.installed ## create .venv with the pinned requirements, and the byte code that the service may not write
	@$(BIN)/python -m compileall -q $(PROGRAM)
.venv/.installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# --no-deps: the list is complete, and has psycopg2-binary where barman asks for psycopg2
.venv/.installed-dev: .venv/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

run: install ## migrate, load the demonstration into a new database, serve on PORT (8000) with the jobs
	@exec $(BIN)/python -m service.serve --demo

jobs: install ## run the jobs in a process of their own (then serve with TTHC_JOBS=off)
	@exec $(BIN)/python -m jobs

test: lint ## all of the tests, on SQLite and on a real PostgreSQL that they start themselves
	$(BIN)/pytest -n 3 --dist worksteal

lint: .venv/.installed-dev ## ruff, mypy --strict, import-linter, the SQL of migrations (squawk), unused dependencies
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m migrations.lint
	$(BIN)/deptry .

format: .venv/.installed-dev ## write the code in the house's format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

hooks: .venv/.installed-dev ## run make lint before each commit (pre-commit)
	$(BIN)/pre-commit install

bench: .venv/.installed-dev ## measure ingest, load and reads (BENCH_SCALE=quick, middle or whole)
	$(BIN)/python -m bench

.venv/.installed-peers: .venv/.installed-dev requirements-peers.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.txt
	@touch $@

peers: .venv/.installed-peers ## measure what one would use instead: triggers, a materialised view, DuckDB, chDB
	$(BIN)/python -m tests.load.peers

mutants: .venv/.installed-dev ## change domain/ and ingest/ bit by bit, and count what no test notices (MUTANTS="service.domain.units", MUTANT_TESTS="tests/unit/test_units.py")
	$(BIN)/python -m tests.support.mutants $(MUTANTS)

attack: .venv/.installed-dev ## attack a server of its own and print what healthy clients met
	$(BIN)/python -m tests.load.attack

faults: .venv/.installed-dev ## break what can break under pushes (FAULTS_MINUTES, 30): nothing acknowledged is lost
	$(BIN)/python -m tests.load.faults

soak: .venv/.installed-dev ## a mixed load for an hour (SOAK_MINUTES): times, memory, descriptors, connections, log
	$(BIN)/python -m tests.load.soak

large: .venv/.installed-dev ## upgrade, repair and recount 3 million dossiers of 1.0.0 beside pushes (LARGE_DOSSIERS)
	$(BIN)/python -m tests.load.large

audit: .venv/.installed-dev ## known weaknesses of the pinned packages; fails when one cannot be looked up
	$(BIN)/uv tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes -r requirements.txt

leaks: .venv/.installed-dev ## look for keys and passwords in the files of the repository
	git ls-files -z -- ':!requirements*.txt' ':!tests/data' ':!*.svg' | \
	  xargs -0 $(BIN)/uv tool run --from detect-secrets==1.5.0 detect-secrets-hook

sbom: .venv/.installed-dev ## what the service is made of, as CycloneDX: build/sbom.json
	@mkdir -p build
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt -o build/sbom.json

pins: .venv/.installed-dev ## compile the pinned requirements from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
	  --no-emit-find-links pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
	  --no-emit-find-links pyproject.toml --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
	  --no-emit-find-links --group peers -c requirements-dev.txt -o requirements-peers.txt

clean: ## remove the virtual environment and everything that was made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants

.PHONY: help install run jobs test lint format hooks bench peers mutants attack faults soak large audit leaks sbom pins clean
