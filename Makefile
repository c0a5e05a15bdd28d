# Each target is a section of .ci/run, which says what it does and what it runs.
# `go test ./...` would skip the nested modules without a word; `make test` does not.
.PHONY: all tidy format generate test lint race alone cover fuzz bench benchmarks conformance browser schemas consumers

all:
	@.ci/run

tidy format generate test lint race alone cover fuzz bench benchmarks conformance browser schemas consumers:
	@.ci/run $@
