# The commands people type. Each does its own set-up; `make` alone lists them.
UV := tools/bin/uv
RUN := $(UV) run --frozen --quiet
# Which stack operators' commands are for: make redrive STACK=clinic-leads-production
STACK ?= clinic-leads

.DEFAULT_GOAL := help
.PHONY: help run demo test check unit survivors deployed integration drills browser load build-for-tests bench build deploy redrive release docs screenshots format clean

help: ## List these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: ## The whole system on this machine, with a sample page and a mailbox, until Ctrl-C
	@$(RUN) python -m tools.local run

demo: ## The main job once: post a request, wait for the alert, check both
	@$(RUN) python -m tools.local demo

# The tests are six legs, which `make test` runs three at a time. Those that need the deployed system share one build and
# have a local AWS each. A leg's output comes in one piece when it ends; that it begins is said at once, on descriptor 9.
side_by_side = @exec 9>&1; BEGINNINGS=9 $(MAKE) --no-print-directory --keep-going --output-sync=target
begin = @[ -z "$$BEGINNINGS" ] || echo "$@ ..." >&9

test: ## Everything that must hold: checks, unit, architecture, deployed and browser tests
	$(side_by_side) --jobs=3 integration drills browser load check unit

check: ## Format, lint, types, templates
	$(begin)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	tools/bin/sam validate --lint

unit: ## Tests that need no deployment
	$(begin)
	$(RUN) pytest tests/unit tests/architecture -n auto

survivors: ## Take one rule away after the other and say whether a unit test notices
	@$(RUN) python -m tests.survivors

deployed: ## Tests against the real template, deployed by the SAM CLI to the local AWS, and the page in Chromium
	$(side_by_side) --jobs=2 integration drills browser load

integration drills browser load: build-for-tests
	$(begin)
	$(RUN) pytest tests/$@ --built .local/test/build

drills: ## Break each part of the deployed system in turn and print what happened (docs/failures.md)

build-for-tests:
	$(begin)
	@$(RUN) python -m tests.build

bench: ## Measure the submit path beside its alternatives, judge the targets, write docs/performance
	@$(RUN) python -m tools.bench

build: ## Build for production (arm64)
	tools/bin/sam build

deploy: build ## Build and deploy to AWS, asking what it needs to know
	tools/bin/sam deploy --guided

redrive: ## Send every alert again that nobody could be told of, in the stack STACK
	tools/bin/sam remote invoke FollowUpFunction --stack-name '$(STACK)' --event '{"job": "redrive"}'

release: ## Let a request out of quarantine: make release REFERENCE=KC-....-....
	$(if $(REFERENCE),,$(error say which one: make release REFERENCE=KC-....-....))
	tools/bin/sam remote invoke FollowUpFunction --stack-name '$(STACK)' --event '{"job": "release", "reference": "$(REFERENCE)"}'

docs: ## Write the docs that are made from code: openapi.json, fields.md, form.html
	@$(RUN) python -m tools.local docs

screenshots: ## Take the pictures in docs/images of a real run
	@$(RUN) python -m tools.local screenshots

format: ## Rewrite the code in the project's format
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

clean: ## Remove everything the project made for itself, the local leads and mails too
	rm -rf .local .venv .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
