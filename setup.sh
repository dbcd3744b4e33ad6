#!/usr/bin/env bash
# Installs what Penstock needs on Debian 12. Idempotent: what is there already is not touched.
#
#   ./setup.sh build        compiler, libraries, DuckDB: enough for cmake --preset release
#   ./setup.sh test         build, and what ./tests/run.sh runs beside it (a git server, MLflow, formatters, validators)
#   ./setup.sh two-daemons  build, and the PostgreSQL server of examples/two-daemons
#   ./setup.sh audit        build, and the tools that examples/audit looks at signatures with
#   ./setup.sh quickstart   build, and the Python environment of examples/quickstart
#
# Only Debian's packages need root; the rest goes into ./build.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*"; }

usage() {
  sed -n '2,11s/^# \{0,1\}//p' "$0"
  exit 2
}

build_packages=(g++ cmake ninja-build ccache mold pkg-config git ca-certificates
  libboost1.81-dev libboost-system1.81-dev nlohmann-json3-dev libssl-dev libsqlite3-dev libyaml-cpp-dev
  libcurl4-openssl-dev libgit2-dev libjemalloc-dev libpq-dev libspdlog-dev libfmt-dev libcli11-dev libre2-dev zlib1g-dev
  libhowardhinnant-date-dev tzdata)
test_packages=(catch2 clang-19 postgresql-15 clang-format libclang-rt-19-dev sqlite3 procps curl openssl xxd python3)
quickstart_packages=(curl openssl)
two_daemons_packages=(postgresql-15 python3)
audit_packages=(openssl python3)
python_packages=(python3 python3-venv)

# install_debian PACKAGE...: asks dpkg first, so that a second call needs neither root nor the network.
install_debian() {
  local missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: these Debian packages are missing: ${missing[*]}" >&2
    echo "setup: run this as root, or install them and run it again" >&2
    exit 1
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The C library and header of DuckDB, pinned by cmake/duckdb/package-lock.json. No install script of theirs is run.
install_duckdb() {
  local folder=build/duckdb
  if cmp -s cmake/duckdb/package-lock.json "$folder/.installed"; then return; fi
  command -v npm >/dev/null || install_debian npm
  say "installing DuckDB into $folder"
  mkdir -p "$folder"
  cp cmake/duckdb/package.json cmake/duckdb/package-lock.json "$folder/"
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$folder/package-lock.json" "$folder/.installed"
}

# install_python NAME CONSTRAINTS: build/python/NAME with exactly the versions of the file. uv does in seconds what pip
# needs minutes for.
install_python() {
  local folder=build/python/$1
  local versions=$2
  if cmp -s "$versions" "$folder/.installed"; then return; fi
  install_debian "${python_packages[@]}"
  say "installing the Python environment $folder"
  if [ ! -x build/python/uv/bin/uv ]; then
    python3 -m venv build/python/uv
    build/python/uv/bin/pip install --quiet --disable-pip-version-check "$(grep '^uv==' examples/quickstart/uv.txt)"
  fi
  rm -rf "$folder"
  build/python/uv/bin/uv venv --quiet --python python3 "$folder"
  # MLflow alone is thousands of modules, which each process would compile anew wherever Python may not write.
  build/python/uv/bin/uv pip install --quiet --compile-bytecode --python "$folder/bin/python" -r "$versions"
  cp "$versions" "$folder/.installed"
}

if [ $# -eq 0 ]; then usage; fi
for what in "$@"; do
  case $what in
    build)
      install_debian "${build_packages[@]}"
      install_duckdb
      ;;
    test)
      install_debian "${build_packages[@]}" "${test_packages[@]}"
      install_duckdb
      install_python mlflow examples/quickstart/requirements.txt
      install_python cyclonedx tests/system/cyclonedx.txt
      install_python clang-tidy tests/style/clang-tidy.txt
      ;;
    two-daemons)
      install_debian "${build_packages[@]}" "${two_daemons_packages[@]}"
      install_duckdb
      ;;
    audit)
      install_debian "${build_packages[@]}" "${audit_packages[@]}"
      install_duckdb
      ;;
    quickstart)
      install_debian "${build_packages[@]}" "${quickstart_packages[@]}"
      install_duckdb
      install_python mlflow examples/quickstart/requirements.txt
      ;;
    *) usage ;;
  esac
done
