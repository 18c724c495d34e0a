# What a developer runs. `make` alone is what every change must pass without an Asterisk.
GO ?= go
GOLANGCI_LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: all build test race lint fuzz bench bench-parts bench-parts-baseline bench-compare bench-plots bench-asterisk soak test-asterisk test-foreign

all: test lint

build:
	$(GO) build -o bin/astproxy ./cmd/astproxy

test:
	$(GO) test ./...
	$(GO) -C bench/plots test ./...

race:
	$(GO) test -race ./...

lint:
	$(GOLANGCI_LINT) run --allow-parallel-runners ./...

# Each parser a minute.
FUZZTIME ?= 1m
fuzz:
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do \
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' "$$file"); do \
			echo "$$file $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")"; \
		done; \
	done

# The parts, and then the whole path with `astproxy load` (docs/performance.md says how to read it).
PARTS := ./ami ./formats ./filters ./access ./upstream ./proxy ./proxy/feed ./proxy/channels ./proxy/listen/...
bench: build
	$(GO) test -run '^$$' -bench . -benchmem $(PARTS)
	sh bench/load.sh

# The parts next to bench/results/parts.txt, which bench-parts-baseline makes anew: what is faster, and whether by chance.
BENCH ?= .
# A thousand clients so often use up the machine's ports.
MEASURE_PARTS := $(GO) test -run '^$$' -bench '$(BENCH)' -skip 'BenchmarkDelivery/clients=1000' -benchmem -benchtime 100ms -count 6 $(PARTS)
bench-parts:
	mkdir -p bin
	$(MEASURE_PARTS) >bin/parts.txt
	$(GO) -C bench/plots tool benchstat ../results/parts.txt ../../bin/parts.txt

bench-parts-baseline:
	$(MEASURE_PARTS) >bench/results/parts.txt

# The whole path next to a nats-server, in one run (docs/performance.md).
bench-compare: build bin/nats-server
	sh bench/compare.sh

# What docs/performance.md draws: bench/results, and of that docs/plots.
bench-plots: build bin/nats-server
	sh bench/plots.sh

bin/nats-server: bench/nats/go.mod
	cd bench/nats && $(GO) build -o ../../bin/nats-server github.com/nats-io/nats-server/v2

# What a real Asterisk 22 pays for its clients, directly and behind the proxy (docs/performance.md): ten minutes, as root.
# COST="-clients 100 -span 5s" changes how it is measured, COST="-results FILE" writes it for programs.
COST ?=
bench-asterisk:
	sh test/asterisk/install.sh 22
	ASTPROXY_REQUIRE_ASTERISK=1 $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 2h ./test/cost -args $(COST)

# Hundreds of clients that come, go, freeze and come back for ten minutes, and a real Asterisk that goes and comes back each
# minute (test/soak); sh test/asterisk/install.sh installs it. With SEED a soak that has failed is done again.
SOAK ?= 10m
SEED ?= 0
soak:
	ASTPROXY_REQUIRE_ASTERISK=1 $(GO) test -count=1 -timeout 0 -v -run RealAsterisk ./test/soak -soak $(SOAK) -soak.seed $(SEED)

# Installs two real Asterisks and other people's clients outside the checkout, once, as root; then every
# test that needs one of them.
test-asterisk:
	sh test/foreign/install.sh
	sh test/live/install.sh
	sh test/security/install.sh
	sh test/phones/install.sh
	sh test/database/install.sh
	sh test/asterisk/install.sh
	ASTPROXY_REQUIRE_ASTERISK=1 $(GO) test -count=1 -timeout 40m ./test/...

# The client libraries of others, with a simulated Asterisk; test-asterisk has them with real ones, too.
test-foreign:
	sh test/foreign/install.sh
	$(GO) test -count=1 ./test/foreign
