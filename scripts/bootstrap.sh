#!/usr/bin/env bash
# Installs what the build needs, and does nothing when all of it is there.
#
# usage: scripts/bootstrap.sh
# Debian 12 or Ubuntu 24.04. Packages are installed when root or sudo is at hand; otherwise the
# missing ones are listed and the script ends with 2. Python wheels go to .venv in this folder.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  build-essential ca-certificates cmake git pkg-config ninja-build ccache python3 python3-venv
  nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev
  libpcre2-dev libutf8proc-dev libcurl4-openssl-dev libssl-dev libcpp-httplib-dev
  libflint-dev libgmp-dev libgtest-dev libgmock-dev libbenchmark-dev
)

# Before FLINT 3 its ball arithmetic was a package of its own.
if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then packages+=(libflint-arb-dev); fi

# Wanted by some tests only, which skip without them: no browser, no test of pages in it.
optional=(chromium)

# True when the program $1 exists and is at least version $2 (x.y).
has_version() {
  local found
  found=$("$1" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+' | head -n 1) || return 1
  [ "$(printf '%s\n%s\n' "$2" "$found" | sort -V | head -n 1)" = "$2" ]
}

if ! command -v dpkg-query > /dev/null; then
  echo "bootstrap: wanted Debian or Ubuntu, found no dpkg; install these yourself, then run" >&2
  echo "  cmake --preset release && cmake --build --preset release" >&2
  echo "  (packages by their Debian names: ${packages[*]})" >&2
  exit 2
fi

# True when what the package brings is there, from the distribution or from elsewhere.
is_there() {
  case $1 in
    build-essential) command -v g++ > /dev/null && command -v make > /dev/null ;;
    cmake) has_version cmake 3.25 ;;
    ccache | chromium | git | python3 | pkg-config) command -v "$1" > /dev/null ;;
    ninja-build) command -v ninja > /dev/null ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2> /dev/null ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ] ;;
  esac
}

missing=()
for package in "${packages[@]}"; do
  is_there "$package" || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2> /dev/null; then
      echo "bootstrap: these Debian packages are missing, and neither root nor sudo is at hand:" >&2
      printf '  %s\n' "${missing[@]}" >&2
      echo "bootstrap: ask an administrator for: apt-get install ${missing[*]}" >&2
      exit 2
    fi
    as_root=(sudo -n)
  fi
  echo "bootstrap: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" > /dev/null
  # Some distributions have none of that name, or it fails to install in a container.
  for package in "${optional[@]}"; do
    is_there "$package" || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y \
      -qq --no-install-recommends "$package" > /dev/null 2>&1 ||
      echo "bootstrap: no $package to install; the tests that want it will skip"
  done
fi

# The stamp holds the requirements that .venv was filled from.
stamp=.venv/requirements.stamp
if ! cmp -s scripts/requirements.txt "$stamp"; then
  if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
  echo "bootstrap: installing the wheels of scripts/requirements.txt into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
  cp scripts/requirements.txt "$stamp"
fi
