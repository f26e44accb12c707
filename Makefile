# Every command of the project. Each installs what it needs. `make` without a command lists them.
UV := tools/bin/uv
RUN := $(UV) run --frozen --quiet
# The deployed stack for the operator's commands: make redrive STACK=clinic-leads-production
STACK ?= clinic-leads
# What somebody types about a person, a time or a website goes to the commands by the environment, as it is: neither make nor a
# shell may take any of it for a command.
VERBATIM := PERSON ONLY YES MONTH ORIGIN TIME REFERENCES CHANGE PAGE
$(foreach name,$(VERBATIM),$(if $(filter undefined,$(origin $(name))),,$(eval override $(name) := $$(value $(name)))))
export $(VERBATIM)
# Some containers turn this on. Then each of the many Python processes of the tests compiles all of its modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test check unit survivors deployed integration drills flood browser load build-for-tests bench build deploy redrive release backfill staff-add staff-remove staff-list staff-reset staff-password export-person erase-person erasures replay-erasures restore requests-csv audit-verify withdraw-links webhook-address webhook-test webhook-key docs screenshots format clean doctor upgrade-check upgrades deployments nightly opinions

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

run: ## Run the whole system on this machine, until Ctrl-C. For a page of your own: ORIGIN=http://localhost:3000
	@$(RUN) python -m tools.local run

demo: ## Post one request of each form and one in Spanish, wait for each alert and check it
	@$(RUN) python -m tools.local demo

# `make test` runs the tests in six groups (legs), three at a time, the longest first. Legs that need the deployed system
# share one build, and each has its own local AWS. A leg's output is printed in one piece when it ends. Its start is
# printed immediately, on file descriptor 9.
side_by_side = @exec 9>&1; BEGINNINGS=9 $(MAKE) --no-print-directory --keep-going --output-sync=target
begin = @[ -z "$$BEGINNINGS" ] || echo "$@ ..." >&9

test: ## Run all checks and all tests: unit, architecture, deployed and browser
	$(side_by_side) --jobs=3 browser unit integration drills load check

check: ## Check formatting, lint, types and templates
	$(begin)
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	tools/bin/sam validate --lint

unit: ## Tests that need no deployment
	$(begin)
	$(RUN) pytest tests/unit tests/architecture -n auto

survivors: ## Remove one rule at a time and check that a unit test fails
	@$(RUN) python -m tests.survivors

opinions: ## Ask three other DynamoDBs about the table's code, and checkov about the templates. Takes five minutes
	$(begin)
	$(RUN) pytest tests/opinions

deployed: ## Tests against the real template, deployed by the SAM CLI to the local AWS, and the page in Chromium
	$(side_by_side) --jobs=2 browser integration drills load

integration drills browser load upgrades deployments: build-for-tests
	$(begin)
	$(RUN) pytest tests/$@ --built .local/test/build

drills: ## Break one part of the deployed system at a time and print what happens (docs/failures.md)

upgrades: ## Update from the previous release and back, with requests in flight (six to ten minutes)

deployments: ## Run make deploy, a first deployment that fails, a domain, and every command of docs/operations

nightly: ## Run the checks that take too long for each push: updates, deployments and second opinions
	$(side_by_side) --jobs=2 upgrades deployments opinions

flood: build-for-tests ## Send 3,000 requests at once, then an urgent one, to the local AWS
	FLOOD=3000 $(RUN) pytest tests/drills/test_flood.py --built .local/test/build

build-for-tests:
	$(begin)
	@$(RUN) python -m tests.build

bench: ## Compare the submit path with alternatives, check the targets and write docs/performance
	@$(RUN) python -m tools.bench

build: ## Build for production (arm64)
	tools/bin/sam build

# Without STACK, the stack's name is a question, too.
deploy: ## Ask for the parameters, show what will change, deploy to AWS and check it. Without questions: YES=1
	@[ -x .venv/bin/python ] || echo "Installing the project's packages (first run only) ..."
	@$(RUN) python -m tools.deploy $(if $(filter file,$(origin STACK)),,--stack '$(STACK)')

doctor: ## Check a deployed stack, and say what to mend and how: make doctor STACK=clinic-leads (JSON=1, PAGE=https://...)
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' $(if $(JSON),--json)

redrive: ## Resend all undeliverable alerts of a stack: make redrive STACK=clinic-leads
	tools/bin/sam remote invoke FollowUpFunction --stack-name '$(STACK)' --event '{"job": "redrive"}'

release: ## Release one request from quarantine, by its reference or id: make release REFERENCE=KC-....-....
	$(if $(REFERENCE),,$(error Name the request to release by its reference or id: make release REFERENCE=KC-....-....))
	tools/bin/sam remote invoke FollowUpFunction --stack-name '$(STACK)' --event '{"job": "release", "reference": "$(REFERENCE)"}'

backfill: ## Bring stored requests up to date after an update or a changed retention: make backfill STACK=clinic-leads
	@$(RUN) python -m tools.operate.backfill '$(STACK)'

staff-add: ## Create or change a staff account: make staff-add EMAIL=nurse@example.com ROLE=staff (or manager)
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' --email '$(EMAIL)' --role '$(ROLE)'

staff-remove: ## Keep a person from signing in, and hand back their requests: make staff-remove EMAIL=nurse@example.com
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' --email '$(EMAIL)'

staff-list: ## List the staff accounts: make staff-list
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

staff-reset: ## After a lost phone, let a person set up a new authenticator app: make staff-reset EMAIL=nurse@example.com
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' --email '$(EMAIL)'

staff-password: ## Give a person who forgot their password a temporary one: make staff-password EMAIL=nurse@example.com
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' --email '$(EMAIL)'

export-person: ## Write all data of a person into two files: make export-person PERSON=<reference, phone or email>
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

erase-person: ## Erase all data of a person, after a question: make erase-person PERSON=<reference, phone or email>
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

erasures: ## List the erasures of a stack, with their proofs: make erasures
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

replay-erasures: ## After a restore of the table, erase again what was erased before: make replay-erasures
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

restore: ## Bring back what the table lost, from what it had at a time: make restore TIME=2026-11-29T03:00Z
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

requests-csv: ## Write the requests of a month into a file, with progress: make requests-csv MONTH=2026-11
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

audit-verify: ## Check the audit of a stack: make audit-verify LAST=number:digest (from digest emails; several with commas)
	@$(RUN) python -m tools.operate.audit --stack '$(STACK)' $(if $(LAST),--last '$(LAST)')

withdraw-links: ## Make all links in earlier emails useless, for example after a break-in: make withdraw-links
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

webhook-address: ## Set the address that the webhook sends to, which you paste after the question: make webhook-address
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

webhook-test: ## Send a test to the webhook's receiver, and turn a disabled webhook on again: make webhook-test
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

webhook-key: ## Show the key that signs the webhook's messages, or make up another one: make webhook-key CHANGE=1
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)'

upgrade-check: ## Say what an update of a stack to this checkout will do: make upgrade-check STACK=clinic-leads
	@$(RUN) python -m tools.operate $@ --stack '$(STACK)' || [ $$? -eq 3 ] # 3: something to read, and no error

docs: ## Generate the docs that come from code: openapi.json, fields.md and the forms to paste
	@$(RUN) python -m tools.local docs

screenshots: ## Take the screenshots in docs/images from a real run
	@$(RUN) python -m tools.local screenshots

format: ## Format the code and apply safe lint fixes
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

clean: ## Delete everything these commands created here, including local leads and emails
	rm -rf .local .venv .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis
