# One command per task, the same on a laptop and on CI. `make` alone lists them.
# Needs GNU make and Python 3.11 or newer, nothing else: .venv is made on first use.

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench chaos fuzz docs constraints clean

# The installed environment. Every task depends on it, and it is made again only when the two files
# that describe it change.
READY := .venv/.ready
BIN := $(CURDIR)/.venv/bin

# More arguments for the tool that a task runs: make test ARGS="-k breaker -x"
ARGS ?=
# What `make bench` measures; nothing is the comparison with the peers.
SUITE ?=

help: ## List the tasks
	@echo 'usage: make TASK [ARGS="..."]'
	@echo
	@awk -F ' ## ' '/^[a-z]+:.* ## / { sub(/:.*/, "", $$1); printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(READY) ## Serve gateway.yaml on the embedded broker, or on BROKER_URL with worker processes
	@echo 'Try in another terminal, once it says "serving":'; sed -n 's/^curl /  curl /p' README.md
	@if [ -z "$${BROKER_URL:-}" ]; then exec "$(BIN)/queuegate" dev $(ARGS); fi; \
	PATH="$(BIN):$$PATH"; export PATH; exec honcho start -p "$${PORT:-8000}" -c worker=2 $(ARGS)

test: $(READY) ## Run all tests, or those that ARGS names, with private brokers that are gone afterwards
	@"$(BIN)/python" -m $(if $(ARGS),pytest,tests) $(ARGS)

lint: $(READY) ## Check style, formatting and types; change nothing
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/mypy"

format: $(READY) ## Mend what can be mended by itself: imports, formatting
	@"$(BIN)/ruff" check --fix .
	@"$(BIN)/ruff" format .

bench: $(READY) ## Measure against the peers, or SUITE=policies|routes|bodies|workers|idle|rpc|scaling|overload|slow|journal|cached
	@"$(BIN)/python" -m bench $(SUITE) $(ARGS)

chaos: $(READY) ## Random faults under load for MINUTES (5), then an account of what was promised
	@"$(BIN)/python" -m tests.chaos $(ARGS)

fuzz: $(READY) ## Garbage for a gateway for MINUTES (10): config, headers, tokens, bodies, bytes
	@"$(BIN)/python" -m tests.fuzz $(ARGS)

docs: $(READY) ## Check that every link between the documents leads somewhere
	@"$(BIN)/python" -m pytest -q tests/test_documents.py $(ARGS)

constraints: ## Resolve the dependencies anew and pin what was found
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(FIND_PYTHON); "$$python" -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet '.[dev]'; \
	{ sed -n '/^#/p' constraints.txt; \
	  "$$folder/bin/python" -m pip freeze --all --exclude pip --exclude queuegate | LC_ALL=C sort -f; \
	} > "$$folder/constraints.txt"; \
	mv "$$folder/constraints.txt" constraints.txt

clean: ## Remove the environment, caches and build results
	rm -rf bench/.work bench/out .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Sets the shell's $python to the first one that is new enough and can make an environment (Debian
# ships venv without ensurepip until python3-venv is installed), unless another is quicker by more
# than a quarter: a Python that somebody built without optimisations takes half as long again.
define FIND_PYTHON
python=; for candidate in $${PYTHON:-python3.13 python3.12 python3.11 python3 /usr/bin/python3}; do \
	took=$$("$$candidate" -c "$$RACE" 2>/dev/null) || continue; \
	if [ -z "$$python" ] || [ "$$took" -lt "$$(( best * 3 / 4 ))" ]; then \
		python=$$candidate; best=$$took; \
	fi; \
done; \
if [ -z "$$python" ]; then \
	echo 'queuegate needs Python 3.11 or newer, with venv, and found none.' >&2; \
	echo 'Debian and Ubuntu: apt install python3 python3-venv. macOS: brew install python@3.13.' >&2; \
	echo 'If it is elsewhere: make PYTHON=/path/to/python3.12 ...' >&2; exit 1; \
fi
endef

# Prints how many microseconds of CPU a bit of usual work takes, the best of five.
define RACE
import ensurepip, sys, time
if sys.version_info < (3, 11): sys.exit(1)
class Thing:
    def __init__(self, number): self.number = number
    def add(self, more): return self.number + more
def work():
    known = {}
    for number in range(30000):
        known[number % 100] = f"{Thing(number).add(2)}:{len(known)}"
def timed():
    began = time.process_time()
    work()
    return time.process_time() - began
print(int(min(timed() for _ in range(5)) * 1e6))
endef
export RACE

$(READY): pyproject.toml constraints.txt
	@set -e; \
	if ! "$(BIN)/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		$(FIND_PYTHON); \
		echo "Making .venv with $$("$$python" --version): half a minute, once" >&2; \
		"$$python" -m venv --clear .venv; \
	fi; \
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; \
	touch $@
