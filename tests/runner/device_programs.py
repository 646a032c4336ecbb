"""Programs that tests of a device put on it."""

STAND_IN = """#!/bin/sh
env | sort > "$FREQTRAIN_HOME/seen.env"
printf '%s\\n' "$@" > "$FREQTRAIN_HOME/seen.arguments"
cat "/proc/$PPID/cmdline" "/proc/$$/cmdline" | tr '\\0' ' ' > "$FREQTRAIN_HOME/seen.processes"
pwd > "$FREQTRAIN_HOME/seen.folder"
while [ $# -gt 0 ]; do
  [ "$1" != --out ] || echo '{"outcome": "DONE"}' > "$2"
  [ "$1" != --approval ] || cat "$2" > "$FREQTRAIN_HOME/seen.approval"
  shift
done
[ -z "${GITHUB_OUTPUT:-}" ] || printf 'moves=true\\nevil=$(id)\\nx<<E\\nE\\n' >> "$GITHUB_OUTPUT"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || echo "| what boards |" >> "$GITHUB_STEP_SUMMARY"
exit 6
"""
"""In the place of freqtrain: writes down what it was given."""

OBSERVE = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.train.facts import body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.samples import Sample
class Said:
    def say(self, line): pass
own, clock, bundle = Path(sys.argv[1]), SystemClock(), "sha256:" + "a" * 64
ledger = LedgerFile(own / "ledger.jsonl", clock, Said())
for fact in (Deploying("test", "dip", Purpose.DEPLOY, bundle, "a", (), "me"), Deployed("test", "dip", bundle, "a", "me")):
    ledger.append(kind_of(fact), body_of(fact))
store = ObservationStore(own / "observations.sqlite", clock, Said())
now = clock.now()
store.record([Sample("dip", bundle, "USDT", now, "running", 990.5, 1001.25, 2, 12, 7, 1.5, 0.0, now, 0)])
print("observed", flush=True)
time.sleep(3600)
"""
"""An environment with a bot that was looked at just now, for as long as this runs: a watch has its observations open."""

ASK_THE_MONITOR = """
import sys
import urllib.request
asked = urllib.request.Request("http://127.0.0.1:8640/api/overview.json", headers={"Authorization": f"Bearer {sys.argv[1]}"})
print(urllib.request.urlopen(asked, timeout=60).read().decode())
"""

PLUGIN = """#!/bin/sh
case "$1" in
docker-cli-plugin-metadata) echo '{"SchemaVersion": "0.1.0", "Vendor": "a stand-in", "Version": "v2.38.2"}';;
*) echo 2.38.2;;
esac
"""
"""In the place of compose and buildx, as Docker asks its plugins."""
