# Each target runs a section of .ci/run, which describes it and prints its commands.
# `go test ./...` silently skips the nested modules; `make test` does not.
.PHONY: all tidy format generate test lint race alone cover fuzz bench benchmarks conformance browser schemas consumers

all:
	@.ci/run

tidy format generate test lint race alone cover fuzz bench benchmarks conformance browser schemas consumers:
	@.ci/run $@
