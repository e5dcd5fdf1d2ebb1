# Everything a newcomer needs: `make run` shows Tidewheel at work, `make test` checks it. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help deps deps-test deps-bench deps-lint build run test test-long bench lint fmt clean

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export JOBS
# Clones of the repository share compiled objects, wherever they lie.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

deps: ## install what building and running need (Debian packages)
	@tools/install_packages.sh tools/packages.build

deps-test: deps ## install what the tests need on top
	@tools/install_packages.sh tools/packages.test
	@tools/go.sh >/dev/null || echo "no Go: the test stages that need it will be skipped"

deps-bench: deps-test ## install what the benchmarks need on top
	@tools/install_packages.sh tools/packages.bench

deps-lint: deps ## install what lint and fmt need on top
	@tools/install_packages.sh tools/packages.lint

build: deps ## build build/tidewheel, and build/hpa_vectors, which runs test vectors of the HPA algorithm
	@tools/build.sh release tidewheel scale_hpa_vectors
	@ln -f build/release/tidewheel build/tidewheel
	@ln -f build/release/scale_hpa_vectors build/hpa_vectors
	@echo "built build/tidewheel and build/hpa_vectors"

run: build ## build, then show the quick start: replicas follow generated traffic; RUN_FOR=60s ends by itself
	@exec build/tidewheel demo

test: deps-test ## run every test, TEST_STAGES="unit tidy" only some; ends with "N passed, N failed"
	@python3 tools/test_stages.py $(TEST_STAGES)

test-long: deps-test ## run the fuzzers, each for FUZZ_SECONDS (600)
	@python3 tools/fuzz.py

bench: build deps-bench ## run the benchmarks; BENCH=quick for a short form
	@python3 tools/bench.py

lint: deps-lint deps-test ## run the tidy rules and clang-tidy on all sources, or on those in FILES
	@python3 tools/lint.py $(FILES)

fmt: deps-lint ## format all sources in place, or those in FILES
	@clang-format-19 -i $(or $(FILES),$$(git ls-files --cached --others --exclude-standard '*.cpp' '*.h'))

clean: ## remove everything that was built
	rm -rf build
