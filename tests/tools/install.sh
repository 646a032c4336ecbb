#!/usr/bin/env bash
# Installs what the tests of the workflows run, once for all checkouts: act, actionlint, zizmor, check-jsonschema.
# Into $FREQTRAIN_TOOLS, or ~/.cache/freqtrain/tools; a folder a version, so that nothing is built twice. Needs Go 1.25 and Python 3.
# What they also run is a package of the system: apt-get install shellcheck.
set -euo pipefail

ACT=v0.2.87
ACTIONLINT=v1.7.12
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${FREQTRAIN_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/freqtrain/tools}
mkdir -p "$tools/bin"

link() { # NAME TARGET: what `bin` calls by that name
  ln -sfn "$2" "$tools/bin/.$1.$$"
  mv -Tf "$tools/bin/.$1.$$" "$tools/bin/$1"
}

built() { # NAME MODULE VERSION: a Go program, built from source into a folder of its version
  local made="$tools/$1-$3"
  if [ ! -x "$made/$1" ]; then
    echo "building $1 $3 (once; it takes minutes)" >&2
    mkdir -p "$made"
    GOBIN="$made" go install -p "${FREQTRAIN_TOOLS_JOBS:-2}" "$2@$3" >&2
  fi
  link "$1" "../$1-$3/$1"
}

pinned() { # the programs of requirements.txt, in a virtual environment that is named by the file's content
  local venv
  venv="$tools/python-$(sha256sum "$here/requirements.txt" | cut -c1-16)"
  if [ ! -e "$venv/.ready" ]; then
    echo "installing zizmor and check-jsonschema (once)" >&2
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    touch "$venv/.ready"
  fi
  link zizmor "../$(basename "$venv")/bin/zizmor"
  link check-jsonschema "../$(basename "$venv")/bin/check-jsonschema"
}

built act github.com/nektos/act "$ACT"
built actionlint github.com/rhysd/actionlint/cmd/actionlint "$ACTIONLINT"
pinned
echo "$tools/bin"
