# The commands of this project. `make` lists them; each line behind ## is what it prints.

.DEFAULT_GOAL := help
.PHONY: help deps deps-test deps-bench deps-bench-training deps-watch build release image up test lint format smoke \
	workload bench bench-training bench-scale chaos watch deps-mlflow mlflow deps-airflow airflow clean

SWIFT ?= swift
CHAOS_ROUNDS ?= 200
# Where Swift is often unpacked without being put on the PATH; what is on the PATH comes first.
export PATH := $(PATH):$(HOME)/.local/share/swiftly/bin:/usr/local/swift/usr/bin
SWIFT_SOURCES := Sources Tests Benchmarks Package.swift

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that building and running need
	@scripts/install-dependencies run

deps-test: ## Install also what the tests need: Debian packages, and Python's in .venv
	@scripts/install-dependencies test

build: deps ## Build everything for debugging
	$(SWIFT) build

release: deps ## Build the freshet command, optimised
	$(SWIFT) build -c release --product freshet

image: deps ## Build the container image out of a binary that is compiled here; docker compose up then takes it
	$(SWIFT) build -c release --product freshet --static-swift-stdlib
	@scripts/build-image .build/release/freshet

up: release ## Build and run the whole system in one process; Ctrl-C stops it
	.build/release/freshet up

# One test after the other: each starts servers of its own, and kills some; all at once they would starve one another.
test: deps-test ## Run all tests
	OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 PATH="$(CURDIR)/.venv/bin:$$PATH" $(SWIFT) test --disable-xctest --no-parallel

chaos: deps-test ## Kill every role at random, and take Redis away at each step; CHAOS_ROUNDS=200, FRESHET_SEED=<seed> to repeat
	CHAOS_ROUNDS=$(CHAOS_ROUNDS) OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 $(SWIFT) test --disable-xctest --no-parallel \
		--filter 'Killing everything|Redis away for ten seconds'

lint: ## Check the form of the Swift sources
	$(SWIFT) format lint --strict --recursive --parallel $(SWIFT_SOURCES)

format: ## Bring the Swift sources into form
	$(SWIFT) format --in-place --recursive --parallel $(SWIFT_SOURCES)

smoke: release ## Send the four classic users through the running system (make up in another shell)
	.build/release/freshet smoke

workload: release ## Put the classic load on the running system for 15 minutes; OPTIONS="--duration 60 --rate 200" for another
	.build/release/freshet workload $(OPTIONS)

deps-watch: ## Install also what watching needs: Prometheus
	@scripts/install-dependencies watch

watch: deps-watch ## Collect the metrics of the running system (make up in another shell) on http://localhost:9090
	prometheus --config.file=deploy/prometheus/prometheus.yml --storage.tsdb.path=data/prometheus \
		--web.listen-address=127.0.0.1:9090

deps-mlflow: ## Install also what an MLflow server needs: PostgreSQL, and Python's packages in .venv-mlflow
	@scripts/install-dependencies mlflow

mlflow: deps-mlflow ## Run an MLflow server with PostgreSQL and S3 behind it on http://localhost:5000; Ctrl-C stops it
	@scripts/mlflow

deps-airflow: ## Install also what an Airflow needs: Python's packages in .venv-airflow
	@scripts/install-dependencies airflow

airflow: deps-airflow ## Run an Airflow with the DAG prepare_recs (make up in another shell) on http://localhost:8080; Ctrl-C stops it
	@scripts/airflow

deps-bench: ## Install also what measuring needs
	@scripts/install-dependencies bench

bench: deps-bench ## Measure the running parts against their limits
	$(SWIFT) build -c release --product freshet
	$(SWIFT) build -c release --product freshet-bench
	.build/release/freshet-bench

deps-bench-training: ## Install also what training is compared with: Debian packages, and Python's in .venv-training
	@scripts/install-dependencies bench-training

bench-training: deps-bench-training ## Measure factorization against another library, on the same data
	$(SWIFT) build -c release --product freshet-training-bench
	@scripts/bench-training .build/release/freshet-training-bench .venv-training/bin/python

bench-scale: deps-bench-training ## Train at RetailRocket's size on generated data: time of each step, most memory
	$(SWIFT) build -c release --product freshet
	@scripts/bench-scale .build/release/freshet

clean: ## Remove what was built, and the virtual environments
	rm -rf .build .venv .venv-training .venv-mlflow .venv-airflow
