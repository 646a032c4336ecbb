#!/usr/bin/env bash
# Lets a job begin on this device only if job-started.allow, beside this file, names its workflow, and main has that workflow.
#
# A pull request or a branch brings its own workflow files, and one that says `runs-on: self-hosted` would run here. So GitHub's runner is told
# to run this before the first step of every job (ACTIONS_RUNNER_HOOK_JOB_STARTED=/the/path/of/job-started.sh); an exit code other than 0 ends the job.
#
# What is believed: the variables GITHUB_*, which the runner takes from GitHub for a hook, and which no workflow's `env:` reaches; and the
# device's own clone. Where anything is missing, odd, or cannot be asked, the job is refused. docs/github.md tells how it is installed.
set -Eeuo pipefail
trap 'refuse "the hook itself failed in line $LINENO"' ERR
export LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin
cd /

refuse() { # SENTENCE: ends the job; the runner shows it as an annotation
  trap - ERR
  echo "::error title=freqtrain: this device refuses the job::$1"
  exit 1
}

shown() { # TEXT: as it may be printed, where a line could be a command to the runner
  local text=${1:0:200}
  printf '%s' "'${text//[^A-Za-z0-9.\/_@-]/?}'"
}

demand() { # VARIABLE...: all of them are there
  local name
  for name in "$@"; do
    [ -n "${!name-}" ] || refuse "$name is missing: is the runner older than 2.300, or was this not run by a runner?"
  done
}

trusted() { # PATH...: of this script's owner, and nobody else can write to it
  local owner path
  owner=$(stat -c %u -- "${BASH_SOURCE[0]}")
  for path in "$@"; do
    [ -e "$path" ] || refuse "$path is missing"
    [ ! -L "$path" ] || refuse "$path is a link"
    [ "$(stat -c %u -- "$path")" = "$owner" ] || refuse "$path does not belong to whom the hook belongs to"
    (((8#$(stat -c %a -- "$path") & 8#022) == 0)) || refuse "$path can be written to by others than its owner"
  done
}

read_allowed() { # FILE: sets repository, clone and allowed
  local word value
  while read -r word value || [ -n "$word" ]; do
    case $word in
      '' | '#'*) ;;
      repository)
        [ -z "$repository" ] || refuse "$1 names two repositories"
        repository=$value
        ;;
      clone)
        [ -z "$clone" ] || refuse "$1 names two clones"
        clone=$value
        ;;
      allow) allowed+=("$value") ;;
      *) refuse "$1 has a line that begins with $(shown "$word")" ;;
    esac
  done <"$1"
  [ -n "$repository" ] || refuse "$1 names no repository"
  [ -n "$clone" ] || refuse "$1 names no clone"
}

permitted() { # KIND: sets file to the allowed one that this job's workflow is, at this very ref
  local line name event kind rest
  for line in "${allowed[@]}"; do
    read -r name event kind rest <<<"$line"
    if [ -n "$rest" ] || [[ ! $name =~ ^\.github/workflows/[A-Za-z0-9_-]+\.ya?ml$ ]] || [[ $kind != main && $kind != tag ]]; then
      refuse "a line of the allow-list is not: allow .github/workflows/NAME.yml EVENT main|tag"
    fi
    if [[ $kind == "$1" && $event == "$GITHUB_EVENT_NAME" && $GITHUB_WORKFLOW_REF == "$repository/$name@$GITHUB_REF" ]]; then
      file=$name
      return 0
    fi
  done
  return 1
}

is_commit_name() { # TEXT
  [[ ${#1} -eq 40 && $1 != *[!0-9a-f]* ]]
}

ask() { # ARGUMENTS: git in the device's clone; nothing but the clone's own configuration counts, and none of its hooks
  timeout 120 git --no-replace-objects -c "safe.directory=$clone" -c core.hooksPath=/dev/null -c protocol.ext.allow=never -C "$clone" "$@"
}

on_main() { # COMMIT: main's head, or before it
  ask merge-base --is-ancestor "$1^{commit}" refs/remotes/origin/main 2>/dev/null
}

fetch() { # REFSPEC
  ask fetch --quiet --no-tags --no-write-fetch-head --no-recurse-submodules origin "$1" >/dev/null 2>&1
}

while read -r name; do unset "$name"; done < <(compgen -v GIT_)
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0
here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository='' clone='' file=''
allowed=()

demand GITHUB_WORKFLOW_REF GITHUB_WORKFLOW_SHA GITHUB_REPOSITORY GITHUB_EVENT_NAME GITHUB_REF GITHUB_SHA
trusted "$here" "$here/job-started.sh" "$here/job-started.allow"
read_allowed "$here/job-started.allow"

[[ $GITHUB_REPOSITORY == "$repository" ]] || refuse "the repository is $(shown "$GITHUB_REPOSITORY"), not $repository"
is_commit_name "$GITHUB_SHA" || refuse "GITHUB_SHA is $(shown "$GITHUB_SHA")"
is_commit_name "$GITHUB_WORKFLOW_SHA" || refuse "GITHUB_WORKFLOW_SHA is $(shown "$GITHUB_WORKFLOW_SHA")"

if [[ $GITHUB_REF == refs/heads/main ]]; then
  kind=main
elif [[ $GITHUB_REF =~ ^refs/tags/v[0-9A-Za-z._-]+$ && $GITHUB_REF != *..* ]]; then
  kind=tag
else
  refuse "$(shown "$GITHUB_REF") is neither main nor a tag v*"
fi
permitted "$kind" || refuse "$(shown "$GITHUB_WORKFLOW_REF") is not allowed here on $(shown "$GITHUB_EVENT_NAME")"

ask rev-parse --git-dir >/dev/null 2>&1 || refuse "there is no clone in $clone"
on_main "$GITHUB_SHA" && on_main "$GITHUB_WORKFLOW_SHA" || fetch +refs/heads/main:refs/remotes/origin/main || refuse "main could not be fetched into $clone"
on_main "$GITHUB_SHA" || refuse "the commit $GITHUB_SHA is not on main"
on_main "$GITHUB_WORKFLOW_SHA" || refuse "the workflow's commit $GITHUB_WORKFLOW_SHA is not on main"

if [ "$kind" = tag ]; then
  # Without force: a tag that moved since this device first saw it is not taken over.
  ask show-ref --verify --quiet "$GITHUB_REF" || fetch "$GITHUB_REF:$GITHUB_REF" || refuse "$(shown "$GITHUB_REF") could not be fetched into $clone"
  known=$(ask rev-parse --verify --quiet "$GITHUB_REF^{commit}") || refuse "$(shown "$GITHUB_REF") names no commit"
  [ "$known" = "$(ask rev-parse --verify --quiet "$GITHUB_SHA^{commit}")" ] || refuse "$(shown "$GITHUB_REF") has moved: this device saw it at $known"
fi
[ "$(ask cat-file -t "$GITHUB_WORKFLOW_SHA:$file" 2>/dev/null)" = blob ] || refuse "main has no file $file at $GITHUB_WORKFLOW_SHA"

echo "freqtrain: this device runs the job: $file of $repository on $GITHUB_EVENT_NAME at $GITHUB_REF ($GITHUB_SHA)"
