#!/usr/bin/env bash
# Lays the reports of `check` before those that read them: the SARIF schema and the validator of its authors,
# with the rules of GitHub's code scanning; JSON Schemas of ours, of GitLab's documentation and of reviewdog;
# another implementation of reviewdog's format; Python's XML parser and junitparser. Prints `N reports, 0 faults`.
#
#   tests/formats/run.sh
#
# What is installed goes to tests/formats/node_modules (100 MB) and target/formats/venv, once; reports stay in
# target/formats/reports. With Go on the path, reviewdog's own schema is fetched and judges too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
target=$PWD/target/formats
reports=$target/reports
scratch=
reviewdog=v0.21.0
formats=(human concise json sarif github gitlab junit rdjson)

die() {
  echo "run.sh: $*" >&2
  exit 2
}
trap 'test -z "$scratch" || rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

install() {
  command -v npm > /dev/null || die "npm is missing (Node 20 or later)"
  local lock=$here/package-lock.json installed=$here/node_modules/.ninefold-lock
  if ! cmp -s "$lock" "$installed"; then
    # .npmrc says that no scripts run: that of the validator makes it executable.
    npm ci --prefix "$here" --silent || die "npm cannot install tests/formats/package-lock.json"
    chmod +x "$multitool/Sarif.Multitool"
    cp "$lock" "$installed"
  fi
  if ! cmp -s "$here/requirements.txt" "$target/venv/requirements.txt"; then
    rm -rf "$target/venv"
    python3 -m venv "$target/venv" || die "python3 cannot make an environment (Debian: python3-venv)"
    "$target/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" ||
      die "pip cannot install tests/formats/requirements.txt"
    cp "$here/requirements.txt" "$target/venv/"
  fi
}

# The schema in reviewdog's module; `-` where there is no Go to fetch it.
reviewdog_schema() {
  local module
  if command -v go > /dev/null &&
    module=$(cd "$scratch" && go mod download -json "github.com/reviewdog/reviewdog@$reviewdog" 2> /dev/null |
      python3 -c 'import json, sys; print(json.load(sys.stdin).get("Dir", ""))') && test -n "$module"; then
    echo "$module/proto/rdf/jsonschema/DiagnosticResult.json"
  else
    echo "no Go: reviewdog's own schema is left out" >&2
    echo -
  fi
}

# A report of each format on a folder; NAME, FOLDER, the exit codes that are right.
report() {
  local name=$1 folder=$2 codes=$3 format code
  for format in "${formats[@]}"; do
    code=0
    (cd "$folder" && "$ninefold" check --quiet --format "$format" --output "$reports/$name.$format") \
      > /dev/null 2> "$target/said" || code=$?
    case " $codes " in
      *" $code "*) ;;
      *) cat "$target/said" >&2 && die "check --format $format in $folder: exit $code, not $codes" ;;
    esac
  done
}

# Every judge over reports; prints their faults, fails if there are any.
judge() {
  local failed=0 said
  "$target/venv/bin/python" "$here/validate.py" "$multitool/sarif-2.1.0.json" "$schema" "$@" || failed=1
  local sarif=() rdjson=() file
  for file; do
    case $file in
      *.sarif) sarif+=("$file") ;;
      *.rdjson) rdjson+=("$file") ;;
    esac
  done
  if test ${#rdjson[@]} -gt 0; then
    node "$here/rdjson.mjs" "${rdjson[@]}" || failed=1
  fi
  if test ${#sarif[@]} -gt 0; then
    said=$(DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool/Sarif.Multitool" validate "${sarif[@]}" \
      --rule-kind 'Sarif;Ghas' 2>&1) || failed=1
    # SARIF2005 wants an address of the project, which has none.
    if grep -E ': (error|warning) ' <<< "$said" | grep -v ' SARIF2005: .*informationUri'; then
      failed=1
    fi
    grep -q "Done. ${#sarif[@]} files scanned." <<< "$said" || { echo "$said" && failed=1; }
  fi
  return "$failed"
}

# A report that was spoiled must be refused: FORMAT, what to replace, by what.
refuses() {
  local from=$reports/project.$1 to=$scratch/spoiled.$1
  sed "s/$2/$3/" "$from" > "$to"
  ! cmp -s "$from" "$to" || die "nothing to spoil in a $1 report"
  ! judge "$to" > /dev/null 2>&1 || die "a $1 report with $3 is taken: the checks cannot fail"
}

multitool=$here/node_modules/@microsoft/sarif-multitool-linux
mkdir -p "$target"
scratch=$(mktemp -d "$target/scratch.XXXXXX")
install
cargo build --locked --quiet
ninefold=$PWD/target/debug/ninefold
schema=$(reviewdog_schema)
rm -rf "$reports"
mkdir -p "$reports" "$scratch/clean" "$scratch/empty"

report project "$here/project" 1
report below "$here/project/slo" 1
"$ninefold" init --quiet "$scratch/clean"
report clean "$scratch/clean" 0
report empty "$scratch/empty" 3
for example in examples/*/; do
  report "$(basename "$example")" "$example" "0 1"
done

refuses json '"version": 1' '"version": 2'
refuses sarif '"level": "error"' '"level": "fatal"'
refuses sarif '"startLine": 13' '"startLine": 0'
refuses gitlab '"severity": "major"' '"severity": "bad"'
refuses rdjson '"line": 11' '"line": 0'
refuses junit 'failures="9"' 'failures="8"'
refuses junit '&lt;b&gt;' '<b>'
refuses concise 'error' $'\e'

all=("$reports"/*)
failed=0
judge "${all[@]}" || failed=1
if test "$failed" != 0; then
  echo "${#all[@]} reports, with faults"
  exit 1
fi
echo "${#all[@]} reports, 0 faults"
