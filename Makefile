# `make help` lists the targets. Every target sets up what it needs; that takes a moment only when something changed.
SHELL := /bin/sh
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-policy demo test test-long test-faults synth check deploy destroy local local-stop gameday bench diagram clean

python := .venv/bin/python
packages := lib tap local_aws benchmarks policy docs tests main.py
yes := $(if $(CI)$(AUTO_APPROVE),--yes)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## set up tools and packages; the other targets do it by themselves
	@./setup.sh

setup-policy:
	@./setup.sh --policy

demo: setup ## deploy onto the local AWS, use it, plan again, destroy, show that nothing is left
	@$(python) -m local_aws.demo

test: setup-policy ## all tests
	@$(python) -m pytest tests/unit -n auto --cov --cov-report=term-missing
	@$(python) -m pytest tests/integration -n 4 --dist loadscope --no-loadscope-reorder

test-long: setup ## the tests that take long: kills at many moments, 200 environments; INTERRUPTION_RUNS says how many
	@$(python) -m pytest tests/integration -m long -n 2

test-faults: setup ## the fault suite with five seeds of 5,000 payments each, in two Regions of 750; PAYMENT_FAULT_SEED names the first
	@PAYMENT_FAULT_SEEDS=$${PAYMENT_FAULT_SEEDS:-5} $(python) -m pytest $(addprefix tests/integration/payment_faults/test_,payment_faults.py two_region_faults.py)

check: setup-policy ## lint, formatting, types, policy scan, freshness of snapshots and generated pages
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy --strict $(packages)
	@$(python) -m policy
	@$(python) -m pytest tests/unit/test_snapshots.py -q
	@$(python) -m docs.diagram --check
	@$(python) -m docs.tables --check
	@$(python) -m docs.runbooks --check

synth: setup ## write the Terraform JSON to cdktf.out
	@$(python) -m tap.cdktf synth

deploy: setup ## deploy to AWS with the credentials of the environment (`tap env deploy`); asks first unless CI or AUTO_APPROVE is set
	@$(python) -m tap env deploy $(yes)

destroy: setup ## remove the deployment from AWS (`tap env destroy`); asks first unless CI or AUTO_APPROVE is set
	@$(python) -m tap env destroy $(yes) -- "$$($(python) -c 'from lib.settings import load_settings; print(load_settings().environment_suffix)')"

local: setup ## start the local AWS in the background and print how to use it
	@$(python) -m local_aws start

local-stop: setup ## stop it
	@$(python) -m local_aws stop

gameday: setup ## a game day on the local AWS: every fault of every architecture under a load of payments, RPO and RTO measured; RUNS says how often
	@$(python) -m tap gameday --local --yes --runs $${RUNS:-1}

bench: setup ## measure speed
	@$(python) -m benchmarks

diagram: setup ## write the generated pages anew: the architecture diagram, the tables of inputs and outputs, the runbooks
	@$(python) -m docs.diagram
	@$(python) -m docs.tables
	@$(python) -m docs.runbooks

clean: ## remove what was built; tools, packages and local states (terraform.*.tfstate) stay
	@rm -rf cdktf.out .build/lambda .build/environments .build/setup .build/terraform-plugins .build/terraform.rc .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './node_modules/*' -not -path './policy/.venv/*' -prune -exec rm -rf {} +
