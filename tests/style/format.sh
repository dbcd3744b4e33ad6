#!/usr/bin/env bash
# Every C++ file is as clang-format writes it. Usage: format.sh SOURCE_FOLDER
set -euo pipefail
cd "$1"
find daemon plugins tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 | xargs -0 clang-format --dry-run --Werror
echo "every file is formatted"
