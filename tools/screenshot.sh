#!/bin/sh
# Draws the web page during the demo into docs/page.png.
# usage: tools/screenshot.sh [SECONDS_OF_DEMO]
set -eu

cd "$(dirname "$0")/.."
seconds=${1:-75}
out=$(mktemp)
build/tidewheel demo --otlp-port 0 --scaler-port 0 --rest-port 0 --metrics-port 0 >"$out" &
demo=$!
trap 'kill $demo 2>/dev/null || true; rm -f "$out"' EXIT

sleep "$seconds"
port=$(sed -n 's,.*page  *http://127.0.0.1:\([0-9]*\)/.*,\1,p' "$out" | head -n 1)
python3 - "$port" <<'PYTHON'
import sys
import time

sys.path.insert(0, "tests/e2e")
from browser import Browser

with Browser(width=1200, height=900) as browser:
    browser.open(f"http://127.0.0.1:{sys.argv[1]}/")
    time.sleep(3)
    browser.screenshot("docs/page.png")
PYTHON
echo "drew docs/page.png"
