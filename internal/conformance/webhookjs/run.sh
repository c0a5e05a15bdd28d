#!/usr/bin/env bash
# Cross-checks clerk/webhook with the npm packages standardwebhooks and svix:
#   run.sh            compares; needs Node.js 20 or newer, npm and Go
#   run.sh -update    writes clerk/webhook/testdata/vectors.json anew
set -euo pipefail
cd "$(dirname "$0")"
golden=../../../clerk/webhook/testdata/vectors.json

npm ci --no-audit --no-fund --loglevel=error
if [ "${1:-}" = -update ]; then
	node vectors.mjs >"$golden"
	exit
fi
if ! node vectors.mjs | diff -q - "$golden" >/dev/null; then
	echo "$golden is not what vectors.mjs makes: run.sh -update" >&2
	exit 1
fi
echo "golden deliveries: as the libraries sign them"
go run . | node check.mjs

# What the emulator delivers, as the libraries of receivers see it.
deliveries=$(mktemp)
trap 'rm -f "$deliveries"' EXIT
DELIVERIES=$deliveries go test -count=1 -run '^TestEmulator$' .
node check.mjs <"$deliveries"
