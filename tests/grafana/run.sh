#!/usr/bin/env bash
# Checks boards with Grafana's own types, model and components; README.md says what each check proves.
#
#   tests/grafana/run.sh [BOARD.json|FOLDER]...            default: examples/*/generated/dashboards
#   tests/grafana/run.sh --draw [--var NAME=VALUE]...      checks, then draws each example's boards to
#                                                          examples/*/pictures over the Prometheus data that
#                                                          a test left in target/grafana/history/<example>
#
# What is installed goes to tests/grafana/node_modules (700 MB) and target/grafana/venv, once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
target=$PWD/target/grafana
sdk=0.0.21
server=
copy=

die() {
  echo "run.sh: $*" >&2
  exit 2
}

stop() {
  if test -n "$server"; then
    kill "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
    server=
  fi
  test -z "$copy" || rm -rf "$copy"
  copy=
}
trap stop EXIT
trap 'exit 130' INT TERM

install() {
  command -v npm > /dev/null || die "npm is missing (Node 20 or later)"
  local lock=$here/package-lock.json installed=$here/node_modules/.ninefold-lock
  if ! cmp -s "$lock" "$installed"; then
    # .npmrc says why the peers are not checked and no scripts run.
    npm ci --prefix "$here" --silent || die "npm cannot install tests/grafana/package-lock.json"
    cp "$lock" "$installed"
  fi
  local python=$target/venv/bin/python
  if ! "$python" -c "from importlib.metadata import version as v; exit(v('grafana-foundation-sdk') != '$sdk')" 2> /dev/null; then
    rm -rf "$target/venv"
    mkdir -p "$target"
    python3 -m venv "$target/venv" || die "python3 cannot make an environment (Debian: python3-venv)"
    # The version is pinned: a plain install brings the model of the oldest Grafana.
    "$python" -m pip install --quiet --disable-pip-version-check "grafana-foundation-sdk==$sdk" ||
      die "pip cannot install grafana-foundation-sdk $sdk"
  fi
}

check() {
  local failed=0
  echo "== the checks can fail"
  node "$here/selftest.mjs" || failed=1
  echo "== shape: Grafana's types"
  node "$here/schema.mjs" "$@" || failed=1
  echo "== words and texts: @grafana/data"
  node "$here/units.mjs" "$@" || failed=1
  echo "== fields: grafana-foundation-sdk"
  "$target/venv/bin/python" "$here/sdk.py" "$@" || failed=1
  return "$failed"
}

# Starts a Prometheus on a free port, over a copy of the data (hard links: blocks are never changed); it
# must neither join blocks, which takes long, nor drop old ones.
serve() {
  local history=$1 prometheus port
  for file in data at prometheus.yml; do
    test -e "$history/$file" || die "$history/$file is missing"
  done
  prometheus=$(find target/prometheus -path '*/[0-9]*/prometheus' -type f 2> /dev/null | sort -V | tail -1)
  prometheus=${prometheus:-$(command -v prometheus || true)}
  test -n "$prometheus" || die "prometheus is missing"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  address=http://127.0.0.1:$port
  copy=$(mktemp -d "$target/server.XXXXXX")
  cp -al "$history/data" "$copy/data" 2> /dev/null || cp -a "$history/data" "$copy/"
  "$prometheus" --config.file="$history/prometheus.yml" --storage.tsdb.path="$copy/data" \
    --storage.tsdb.retention.time=100y --storage.tsdb.min-block-duration=2h --storage.tsdb.max-block-duration=2h \
    --query.max-samples=200000000 --web.listen-address="127.0.0.1:$port" --log.level=warn \
    2> "$target/server.log" &
  server=$!
  for _ in $(seq 120); do
    python3 -c "import urllib.request as u; u.urlopen('$address/-/ready', timeout=1)" 2> /dev/null && return
    kill -0 "$server" 2> /dev/null || break
    sleep 0.5
  done
  cat "$target/server.log" >&2
  die "prometheus does not start over $history"
}

draw() {
  local failed=0 example history drawn=0
  for history in target/grafana/history/*/; do
    test -d "$history" || continue
    history=${history%/}
    example=examples/${history##*/}
    compgen -G "$example/generated/dashboards/*.json" > /dev/null || continue
    serve "$history"
    if test "$drawn" = 0; then
      echo "== the drawn checks can fail"
      node "$here/selftest.mjs" --draw "$address" "$(cat "$history/at")" || failed=1
    fi
    node "$here/draw.mjs" --prometheus "$address" --at "$(cat "$history/at")" --out "$example/pictures" "$@" \
      "$example"/generated/dashboards/*.json || failed=1
    drawn=$((drawn + 1))
    stop
  done
  test "$drawn" -gt 0 || die "nothing to draw: target/grafana/history/<example> holds no data of an example with boards"
  return "$failed"
}

drawing=
if test "${1:-}" = --draw; then
  drawing=yes
  shift
fi
boards=("$@")
if test -n "$drawing" || test $# = 0; then
  boards=()
  for board in examples/*/generated/dashboards/*.json; do
    test ! -e "$board" || boards+=("$board")
  done
fi
test ${#boards[@]} -gt 0 || die "no boards: examples/*/generated/dashboards holds none"

install
failed=0
check "${boards[@]}" || failed=1
if test -n "$drawing"; then
  draw "$@" || failed=1
fi
exit "$failed"
