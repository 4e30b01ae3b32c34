#!/bin/sh
# Installs what `make test` needs beside Python, from system-packages.txt.
# Debian and Ubuntu, as root or with sudo. Elsewhere: names what is missing; the tests that need it are skipped
# and say so, unless CI=true, where a missing part is a failure.
set -eu
list="$(dirname "$0")/../system-packages.txt"
missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $(cat "$list"); do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || exit 0
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  echo "installing:$missing"
  if $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
    exit 0
  fi
else
  missing=" $(tr '\n' ' ' < "$list")"
fi
echo "not installed:$missing. The tests that need them are skipped; install them by hand to run those too." >&2
[ "${CI:-}" != true ] || exit 1
