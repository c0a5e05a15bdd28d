#!/usr/bin/env bash
# Judges the emulator by @clerk/backend and @clerk/express. It needs Node.js 20 or
# newer, npm and Go.
set -euo pipefail
cd "$(dirname "$0")"

npm ci --no-audit --no-fund --loglevel=error
CLERKKIT_BACKENDJS=1 go test -count=1 -v .
