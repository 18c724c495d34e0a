# What a developer runs. `make` alone is what every change must pass without an Asterisk.
GO ?= go
GOLANGCI_LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: all build test race lint fuzz bench bench-compare soak test-asterisk test-foreign

all: test lint

build:
	$(GO) build -o bin/astproxy ./cmd/astproxy

test:
	$(GO) test ./...

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
bench: build
	$(GO) test -run '^$$' -bench . -benchmem ./ami ./formats ./filters ./access ./upstream ./proxy/feed ./proxy/listen/...
	sh bench/load.sh

# The whole path next to a nats-server, in one run (docs/performance.md).
bench-compare: build
	cd bench/nats && $(GO) build -o ../../bin/nats-server github.com/nats-io/nats-server/v2
	sh bench/compare.sh

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
