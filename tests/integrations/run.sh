#!/usr/bin/env bash
# Proves the integrations as their users meet them: the wheel is built and installed by pip, real pre-commit
# runs the hooks (from the wheel, from the path, built from source), the steps of the action and the jobs of
# the GitLab template are run by play.py, and every file is held against its schema. The configurations are
# those of docs/ci.md, with this checkout and this wheel put in.
#
#   tests/integrations/run.sh
#
# Hooks from source are built from the last commit. What is built goes to Cargo's target folder, where what is
# built already is used; tools go to target/integrations/tools, once; the rest is removed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
own=$root/target/integrations
tools=$own/tools
mkdir -p "$own"
scratch=$(mktemp -d "$own/run.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# Nobody's settings but ours.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE SKIP
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=ninefold GIT_AUTHOR_EMAIL=ninefold@example.com
export GIT_COMMITTER_NAME=ninefold GIT_COMMITTER_EMAIL=ninefold@example.com
export PRE_COMMIT_HOME=$scratch/pre-commit PIP_DISABLE_PIP_VERSION_CHECK=1
passed=0

die() {
  echo "run.sh: $*" >&2
  exit 1
}

ok() {
  passed=$((passed + 1))
  echo "ok   ${SECONDS}s  $*"
}

# passes WHAT COMMAND...
passes() {
  local what=$1
  shift
  quietly "$@"
  ok "$what"
}

# fails WHAT CODE TEXT COMMAND...: with that exit code, saying that.
fails() {
  local what=$1 code=$2 text=$3 said got=0
  shift 3
  said=$("$@" 2>&1) || got=$?
  test "$got" = "$code" || die "$what: exit $got instead of $code
$said"
  [[ $said == *"$text"* ]] || die "$what: does not say '$text'
$said"
  ok "$what"
}

# Runs a command that is heard only if it fails.
quietly() {
  local said
  said=$("$@" 2>&1) || die "$*: exit $?
$said"
}

play() {
  "$tools/bin/python" "$here/play.py" "$@"
}

install_tools() {
  local wanted=$here/requirements.txt installed=$tools/requirements.txt
  if ! cmp -s "$wanted" "$installed"; then
    rm -rf "$tools"
    python3 -m venv "$tools" || die "python3 cannot make an environment (Debian: python3-venv)"
    "$tools/bin/python" -m pip install --quiet -r "$wanted"
    cp "$wanted" "$installed"
  fi
  PATH=$tools/bin:$PATH
}

check_files() {
  passes "pre-commit takes .pre-commit-hooks.yaml" pre-commit validate-manifest .pre-commit-hooks.yaml
  passes "action.yml follows GitHub's schema" check-jsonschema --builtin-schema vendor.github-actions action.yml
  sed 's/using: composite/using: composed/' action.yml > "$scratch/action.yml"
  fails "which refuses a broken one" 1 composed \
    check-jsonschema --builtin-schema vendor.github-actions "$scratch/action.yml"
  play split ci/gitlab.yml "$scratch"
  passes "ci/gitlab.yml follows GitLab's schema" \
    check-jsonschema --builtin-schema vendor.gitlab-ci "$scratch/header.yml" "$scratch/pipeline.yml"
  sed 's/when: always/when: mostly/' "$scratch/pipeline.yml" > "$scratch/broken.yml"
  fails "which refuses a broken one" 1 mostly check-jsonschema --builtin-schema vendor.gitlab-ci "$scratch/broken.yml"
  play block docs/ci.md runs-on: > "$scratch/workflow.yml"
  passes "the workflow of docs/ci.md follows GitHub's schema" \
    check-jsonschema --builtin-schema vendor.github-workflows "$scratch/workflow.yml"
  play block docs/ci.md include: > "$scratch/pipeline.yml"
  passes "the pipeline of docs/ci.md follows GitLab's schema" \
    check-jsonschema --builtin-schema vendor.gitlab-ci "$scratch/pipeline.yml"
}

# What an sdist must hold to be built, and what it need not carry.
check_sdist() {
  quietly maturin sdist --out "$scratch/sdist"
  local files file
  files=$(tar -tzf "$scratch"/sdist/*.tar.gz | cut -d/ -f2-)
  for file in Cargo.toml Cargo.lock pyproject.toml README.md LICENSE-APACHE LICENSE-MIT \
    $(git ls-files src templates schemas); do
    grep -qxF "$file" <<< "$files" || die "the sdist lacks $file"
  done
  ! grep -E '^(docs|examples|tests)/' <<< "$files" || die "the sdist carries what no build reads"
  ok "the sdist holds what a build reads"
}

build_wheel() {
  quietly maturin build --out "$scratch/wheel"
  wheel=$(echo "$scratch"/wheel/ninefold-*.whl)
  local version
  version=$(cargo metadata --locked --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["packages"][0]["version"])')
  python3 - "$wheel" "$version" << 'END'
import email, sys, zipfile
wheel, version = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
about, binary = f"ninefold-{version}.dist-info/", f"ninefold-{version}.data/scripts/ninefold"
strange = [name for name in wheel.namelist() if name != binary and not name.startswith(about)]
assert binary in wheel.namelist() and not strange, wheel.namelist()
said = email.message_from_bytes(wheel.read(about + "METADATA"))
assert (said["Name"], said["Version"]) == ("ninefold", version), said
assert said["License-Expression"] == "MIT OR Apache-2.0", said
assert said.get_all("License-File") == ["LICENSE-APACHE", "LICENSE-MIT"], said
END
  ok "the wheel is built, and holds the binary and the licences alone ($(du -h "$wheel" | cut -f1))"
  python3 -m venv "$scratch/venv"
  passes "pip installs it" "$scratch/venv/bin/python" -m pip install --quiet "$wheel"
  ninefold=$scratch/venv/bin/ninefold
  test "$("$ninefold" --version)" = "ninefold $version" || die "the wheel's ninefold is not $version"
  ok "ninefold $version runs"
}

# repository NAME PROJECT: a fresh repository with a built project in the folder PROJECT, and the working directory.
repository() {
  git init --quiet "$scratch/$1"
  cd "$scratch/$1"
  mkdir -p "$2"
  "$ninefold" init --quiet "$2"
  "$ninefold" build --quiet --project "$2" 2> /dev/null
  git add .
  git commit --quiet --message 'A project'
}

# hooks HOW PROJECT: the hooks of .pre-commit-config.yaml, in the working directory.
hooks() {
  local how=$1 project=$2
  git add .pre-commit-config.yaml
  passes "hooks $how: pre-commit takes the configuration" pre-commit validate-config
  pre-commit install > /dev/null
  passes "hooks $how: what is sound passes" pre-commit run --all-files
  passes "hooks $how: and is committed" git commit --quiet --message 'Hooks'

  git rm --quiet "$project/runbooks/checkout.md"
  fails "hooks $how: a commit that only deletes a runbook fails" 1 'runbook-not-found' \
    git commit --quiet --message 'No runbook'
  git reset --quiet --hard

  sed -i 's/objective: 99.9/objective: 99.5/' "$project/slo/checkout.yaml"
  git add "$project/slo"
  fails "hooks $how: a commit of a spec without its outputs fails" 1 'out of date: ' \
    git commit --quiet --message 'A spec alone'
  "$ninefold" build --quiet --project "$project" 2> /dev/null
  git add "$project"
  passes "hooks $how: and passes with them" git commit --quiet --message 'A spec and its outputs'
}

# Lists the hook on standard input again, as ninefold-build.
both() {
  local config
  config=$(cat)
  echo "$config"
  sed -n '/- id:/,$p' <<< "$config" | sed 's/ninefold-check/ninefold-build/; s/ninefold check/ninefold build --check/'
}

check_hooks() {
  local url
  url=$(grep -oE 'https://packages[^"]*\.whl' "$root/docs/ci.md" | head -1)
  repository wheel .
  play block "$root/docs/ci.md" 'repo: local' "$url=file://$wheel" | both > .pre-commit-config.yaml
  hooks 'from the wheel' .

  repository path services/shop
  play block "$root/docs/ci.md" 'repo: local' 'language: python=language: system' |
    sed 's|additional_dependencies: .*|args: [--project, services/shop]|' | both > .pre-commit-config.yaml
  PATH=${ninefold%/*}:$PATH hooks 'on the path, below the root' services/shop

  repository source .
  play block "$root/docs/ci.md" 'rev: ' "https://git.example.com/ninefold=$root" \
    "v0.1.0=$(git -C "$root" rev-parse HEAD)" > .pre-commit-config.yaml
  # Unoptimised, as `cargo test` has built all that it depends on; nothing else differs.
  MATURIN_PEP517_ARGS='--profile dev' hooks 'from source' .
}

check_action() {
  local folder=services/shop
  repository action "$folder"
  export RUNNER_TEMP=$scratch/runner
  action() { play action "$root/action.yml" "$@"; }
  passes "action: check passes" action "wheel=$wheel" "project=$folder"
  passes "action: build passes" action "wheel=$wheel" "project=$folder" command=build
  fails "action: an unknown command fails" 2 'neither check nor build' action "wheel=$wheel" command=format
  fails "action: an input is no code" 2 'no such folder' action "wheel=$wheel" 'project=$(touch bitten)'
  fails "action: an input is no option" 1 'Invalid' action 'wheel=--index-url=https://example.com'
  test ! -e bitten || die "the action ran its input"
  rm "$folder/runbooks/checkout.md"
  fails "action: a finding is shown beside the change" 1 "::error file=$folder/slo/checkout.yaml,line=" \
    action "wheel=$wheel" "project=$folder"
  git checkout --quiet .
  RUNNER_TEMP=$scratch/runner-source
  passes "action: its own source is built without a wheel" action "project=$folder"
}

check_gitlab() {
  local folder=services/shop
  repository gitlab "$folder"
  python3 -m venv "$scratch/image"
  job() { PATH=$scratch/image/bin:$PATH play gitlab "$root/ci/gitlab.yml" "$@"; }
  passes "gitlab: check passes" job ninefold-check "wheel=$wheel" "project=$folder"
  passes "gitlab: build passes" job shop-build "wheel=$wheel" "project=$folder" name=shop
  sed -i '/^owner:/d' "$folder/slo/checkout.yaml"
  fails "gitlab: a finding fails the job" 1 'error[owner-missing]' \
    job ninefold-check "wheel=$wheel" "project=$folder"
  test -e gl-code-quality.json || die "gitlab: there is no report"
  python3 -c '
import json, sys
found = json.load(open("gl-code-quality.json"))
assert any(f["check_name"] == "owner-missing" and f["location"]["path"] == sys.argv[1] for f in found), found
' "$folder/slo/checkout.yaml"
  ok "gitlab: and is in the report"
}

install_tools
check_files
check_sdist
build_wheel
check_hooks
check_action
check_gitlab
echo "integrations: $passed passed, 0 failed"
