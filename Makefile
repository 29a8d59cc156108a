# The commands of this project. `make` alone lists them. Go is all that
# generate, test, demo and bench need; lint, site and readers also need Node 20.

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
REDOCLY       = REDOCLY_TELEMETRY=off npx --yes @redocly/cli@2.77.0

.DEFAULT_GOAL := help
.PHONY: help generate site test lint demo bench fuzz soak goget cross api readers install

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

generate: ## compile api/openapi.yaml into gen/ and internal/panelapi/, and build it
	go run ./internal/generate
	go build ./gen/... ./client/... ./internal/panelapi/... ./paneltest/...

site: ## build the site into docs/site/out, and compressed for panelsim; needs Node 20 or later
	cd docs/site && npm ci --no-audit --no-fund && npm run build

test: ## run all tests
	go test ./...

cross: ## vet what importers build, for other systems
	./.ci/cross

api: ## note the exported API and the contract in api/*.txt, after a change that is meant
	PTERO_UPDATE_API=1 go test -count=1 -run '^TestAPIOf' -v ./internal/release

lint: ## check the code and the spec
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...
	$(GOLANGCI_LINT) run
	cd limit/redislimit && $(GOLANGCI_LINT) run
	cd cmd/panelsim && $(GOLANGCI_LINT) run
	cd cmd/ptero && $(GOLANGCI_LINT) run
	$(REDOCLY) lint --config api/redocly.yaml api/openapi.yaml

readers: ## hold the contract against programs by other people; needs Node 20 or later
	cd api/tools && npm ci --no-audit --no-fund && node check.mjs

goget: ## pack the modules, get them from outside the tree, run the README's program
	PTERO_GOGET=1 go test -run '^TestGoGet' -v ./internal/release

demo: ## do the main job, live: on an embedded Panel, or on yours with PTERODACTYL_URL and PTERODACTYL_KEY set
	@go run ./examples/tour

install: ## install ptero, the command line in cmd/ptero
	cd cmd/ptero && go install .

bench: ## run the benchmarks and write docs/benchmarks.md; leave the machine alone meanwhile
	cd bench && go run ./report

FUZZTIME = 30s

fuzz: ## run each fuzzer for FUZZTIME, which is 30s
	@set -e; for file in $$(go list -f '{{$$dir := .Dir}}{{range .TestGoFiles}}{{$$dir}}/{{.}} {{end}}{{range .XTestGoFiles}}{{$$dir}}/{{.}} {{end}}' ./... | \
		xargs grep -l '^func Fuzz'); do \
		for fuzzer in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file); do \
			echo "== $$fuzzer of $$(dirname $$file)"; \
			go test -run '^$$' -fuzz "^$$fuzzer\$$" -fuzztime $(FUZZTIME) $$(dirname $$file); \
		done; \
	done

soak: ## simulate half an hour of faults, and take 2 minutes of them in truth
	go test -count 1 -v -timeout 1h ./internal/soak -simulated 30m -real 2m
