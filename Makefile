# nodobridge. "make demo" and "make test" need Go, a C compiler and make, nothing
# else; "make check" is what CI runs and needs what .ci/run installs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# One set of build tags everywhere: SQLite's C file takes a minute to compile and
# is cached for exactly these (docs/architecture.md).
TAGS    := sqlite_omit_load_extension,osusergo,netgo
RELEASE ?= $(shell git describe --tags --always 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.release=$(RELEASE) -linkmode external -extldflags -static
export CGO_ENABLED := 1
export PAGOPA_API_DIR ?= $(abspath ../shared/pagopa-api)

GO       := go
TEST     := $(GO) test -tags $(TAGS)
FUZZTIME ?= 8s

# A linter reachable through the module proxy; run at this version, outside go.mod.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: all build demo run test race vet lint generate generate-is-clean fuzz e2e hostile canaries supply interop restart-test verify-test crash model soak start-test powercut deb rollback-test reproducible notice-samples bench bench-load check clean

all: build

build: bin/nodobridge

# Always asked: go build knows better than make what has changed.
.PHONY: bin/nodobridge
bin/nodobridge:
	@$(GO) build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/nodobridge

# A notice is uploaded, verified, activated, paid and receipted, before your eyes.
demo: build
	@bin/nodobridge demo

# A station with config.yaml as it is, on loopback.
run: build
	@test -e var || bin/nodobridge init
	bin/nodobridge serve

# Every test that needs nothing but this machine.
test:
	$(TEST) ./...

race:
	$(TEST) -race ./bridge/... ./store/... ./soap/... ./api/... ./wsdl/... ./door
	$(TEST) -race -short ./nodesim/...

vet:
	$(GO) vet -tags $(TAGS) ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi

lint:
	$(GO) run $(STATICCHECK) -tags $(TAGS) ./...

# The wire's code from the contract. It must leave a clean tree.
generate:
	$(GO) run ./wsdl/gen -wsdl wsdl/paForNode.wsdl -out wsdl/pafornode

generate-is-clean: generate
	@git diff --exit-code -- wsdl/pafornode
	@test -z "$$(git status --porcelain -- wsdl/pafornode)" || { git status --porcelain -- wsdl/pafornode; exit 1; }

# Every fuzz target for FUZZTIME: 8 s each in CI, make fuzz FUZZTIME=10m for a night.
fuzz:
	@packages=$$(grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); test -n "$$packages"; \
	for package in $$packages; do \
	  for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$package/*_test.go | sed 's/^func //'); do \
	    echo "fuzz $$package $$target"; \
	    packaging/fuzz.sh $(TEST) $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x; \
	  done; done

# The built binary, driven as its users drive it.
e2e: build
	$(TEST) -count=1 ./cmd/nodobridge

# The sixty hostile inputs of docs/security-review.md against the built binary; prints
# 60/60.
hostile:
	@$(TEST) -count=1 -timeout 300s -v -run '^TestHostile$$' ./internal/hostile | grep -v '^=== '

# test, and then the logs of every station that the suite has started, searched for what
# its people, keys and notices are called. What CI runs in the place of test.
canaries:
	@logs=$$(mktemp -d); trap 'rm -rf "$$logs"' EXIT; \
	  KEPT_LOGS=$$logs $(TEST) -count=1 -timeout 1800s -skip '^TestKeptLogs$$' ./...; \
	  KEPT_LOGS=$$logs $(TEST) -count=1 -v -run '^TestKeptLogs$$' ./internal/binarytest | grep -v '^=== '

# What the program is made of: modules as go.sum has them, licences, bill of materials,
# toolchain; and known vulnerabilities where their database can be reached.
supply: build
	$(GO) mod verify
	$(GO) run ./packaging/supply -binary bin/nodobridge -out dist
	packaging/vulnerabilities.sh $(TAGS)

# Foreign SOAP clients against the built binary (interop/install.sh installs them).
interop: build
	$(TEST) -count=1 -v ./interop

# A Debian package of this machine's architecture.
deb: build
	packaging/build-deb.sh "$(RELEASE:v%=%)" bin/nodobridge.deb

# An upgrade to a newer schema and the way back, with the packages of two commits.
rollback-test:
	@ROLLBACK=1 $(TEST) -count=1 -v -run '^TestRollback$$' ./packaging | grep -v '^=== '

# Two builds of the last commit in two folders give the same bytes.
reproducible:
	@packaging/reproducible.sh

# Restarts under load: 8 by default, RESTARTS=n for more.
restart-test:
	$(TEST) -count=1 -v -run '^TestRestart_' ./cmd/nodobridge

# The chains of journal and receipts: 100 flipped bits, all detected, and what is named
# as broken. VERIFY_RECORDS=1000000 measures the time for so many as well.
verify-test:
	@$(TEST) -count=1 -timeout 900s -v -run '^TestVerify' ./store ./cmd/nodobridge | grep -v '^=== '

# Nothing acknowledged is lost: kill -9, power cuts, failing and full disks, damaged files.
# CRASH_CYCLES=n for more cycles of each kind than the short form's.
crash:
	@$(TEST) -count=1 -timeout 3600s -v -run '^TestCrash' ./internal/crash | grep -v '^=== '

# Random histories against a model: MODEL_HISTORIES=n, MODEL_SEED=n to play one again.
model:
	@MODEL_HISTORIES=$${MODEL_HISTORIES:-10000} $(TEST) -count=1 -timeout 3600s -v -run '^TestModel' ./internal/crash | grep -v '^=== '

# Goroutines and heap under 200 requests a second: SOAK=10m for the night's form.
soak:
	@$(TEST) -count=1 -timeout 3600s -v -run '^TestSoak' ./internal/crash | grep -v '^=== '

# How long a start takes until the station is ready: START_POSITIONS=n for a larger store.
start-test:
	@START_POSITIONS=$${START_POSITIONS:-1000000} $(TEST) -count=1 -timeout 3600s -v -run '^TestStart' ./internal/crash | grep -v '^=== '

# The disk that loses power, as a library to preload.
POWERCUT ?= bin/powercut.so
powercut:
	@mkdir -p $(dir $(POWERCUT))
	@$${CC:-cc} -Wall -Wextra -O2 -shared -fPIC -o $(POWERCUT) internal/crash/powercut/powercut.c -ldl -lpthread

# Pictures of every layout of notices and receipts, to be looked at (docs/notices).
notice-samples:
	@mkdir -p docs/notices && rm -f docs/notices/*.png
	$(TEST) -count=1 ./notice -run '^(TestSamples|TestReceipt_MinimumContent)$$' -samples $(CURDIR)/docs/notices

# Go's benchmarks, then a massive upload of 100,000 positions: time, peak of memory, and
# what the node's calls take meanwhile.
# Each stage by itself, then the built program beside a static responder.
bench:
	$(TEST) -run '^$$' -bench . -benchmem ./bridge ./store ./api ./wsdl/... ./internal/bench
	$(TEST) -run '^$$' -bench . -cpu 1 ./notice
	@$(MAKE) --no-print-directory bench-load

# The built program on one core, asked from the other, beside a static responder
# (docs/performance.md). LABEL=quiet or LABEL=loaded writes the tables there, and the
# plot; the stores of up to a million positions stay in BENCH_DIR. BENCH_FLAGS="-rounds 9".
BENCH_DIR ?= /tmp/nodobridge-bench
bench-load: build
	@$(GO) build -tags $(TAGS) -o bin/bench ./internal/bench
	@bin/bench run -binary bin/nodobridge -dir $(BENCH_DIR) $(if $(LABEL),-label $(LABEL) -document docs/performance.md -plot docs/performance.svg) $(BENCH_FLAGS)

# What CI runs. The end-to-end and interop tests are part of canaries, which is test;
# NODOBRIDGE_INTEROP_REQUIRED=1 turns a missing foreign client into a failure.
check: generate-is-clean vet lint canaries race fuzz supply

clean:
	rm -rf bin
