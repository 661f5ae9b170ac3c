#!/usr/bin/env bash
# Fetches newer releases of Prometheus than bookworm's 2.42 from Debian's later suites
# (2.53 from trixie, 3.5 from sid, or what stands there by then) into target/prometheus/,
# one folder per release: target/prometheus/3.5/{promtool,prometheus}. The tests run on
# every release found there (tests/it/live.rs).
#
# The system's own sources and apt state are left alone, and root is not needed. What was
# fetched before is used again; delete target/prometheus to fetch anew.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$PWD/target/prometheus
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

die() {
  echo "fetch.sh: $*" >&2
  exit 1
}

# Runs a command up to four times, with growing pauses: mirrors have bad minutes.
retry() {
  local pause=5
  for attempt in 1 2 3 4; do
    "$@" && return
    test "$attempt" = 4 && return 1
    echo "fetch.sh: \`$1 ... ${*: -1}\` failed, again in ${pause}s" >&2
    sleep "$pause"
    pause=$((pause * 3))
  done
}

# Prints major.minor of the promtool in a folder.
version() {
  "$1/promtool" --version 2>&1 | sed -nE '1s/.*version ([0-9]+\.[0-9]+).*/\1/p'
}

fetch() {
  local suite=$1 work=$out/.work-$1
  rm -rf "$work"
  mkdir -p "$work"/{lists,cache}/partial "$work"/cache/archives/partial "$work"/{debs,root}
  echo "deb [signed-by=$keyring] $mirror $suite main" > "$work/sources.list"
  # Hooks of the system's apt would clean its caches.
  printf '#clear %s;\n' APT::Update::{Pre,Post}-Invoke APT::Update::Post-Invoke-Success \
    DPkg::{Pre,Post}-Invoke > "$work/apt.conf"
  local options=(
    -q=2 -c="$work/apt.conf"
    -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=-
    -o Dir::State="$work" -o Dir::State::Lists="$work/lists" -o Dir::State::Status=/var/lib/dpkg/status
    -o Dir::Cache="$work/cache" -o Acquire::Languages=none -o Acquire::Retries=3
    -o Acquire::http::Timeout=60 -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any
  )
  retry apt-get "${options[@]}" update ||
    die "the package list of Debian $suite cannot be read from $mirror; the tests need its Prometheus"
  cd "$work/debs"
  retry apt-get "${options[@]}" download promtool prometheus ||
    die "promtool and prometheus of Debian $suite cannot be downloaded from $mirror; the tests need them"
  for deb in *.deb; do
    dpkg-deb -x "$deb" "$work/root"
  done
  cd - > /dev/null

  local release
  release=$(version "$work/root/usr/bin") && test -n "$release" ||
    die "promtool of Debian $suite does not run on this machine"
  rm -rf "${out:?}/$release"
  mkdir "$out/$release"
  mv "$work"/root/usr/bin/{promtool,prometheus} "$out/$release/"
  # Says that this suite has been fetched, and which release it gave.
  ln -sfn "$release" "$out/$suite"
  rm -rf "$work"
}

for suite in trixie sid; do
  if ! test -n "$(version "$out/$suite" 2> /dev/null)"; then
    for tool in apt-get dpkg-deb; do
      command -v "$tool" > /dev/null || die "$tool is missing: only Debian and its children have it"
    done
    test -r "$keyring" || die "$keyring is missing: apt-get install debian-archive-keyring"
    fetch "$suite"
  fi
  echo "prometheus $(version "$out/$suite") from Debian $suite in target/prometheus/$(readlink "$out/$suite")"
done
