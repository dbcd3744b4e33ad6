#!/usr/bin/env python3
"""Checks who includes whom against the table below: a new edge fails, and so does a stale permission.

Usage: includes.py SOURCE_FOLDER. Prints one line per problem; exit status 1 when there is any.
"""

import pathlib
import re
import sys

# Folder -> folders it may include. A folder may always include itself.
MAY_INCLUDE = {
    "daemon/core": set(),
    "plugins/sdk": {"daemon/core"},
    "daemon/runtime": {"daemon/core", "plugins/sdk"},
    "daemon/definitions": {"daemon/core"},
    "daemon/journal": {"daemon/core", "daemon/runtime"},
    "daemon/audit": {"daemon/core", "daemon/runtime", "daemon/definitions", "daemon/journal", "plugins/sdk"},
    "daemon/engine": {"daemon/core", "daemon/runtime", "daemon/journal", "daemon/audit"},
    "daemon/gating": {"daemon/core", "daemon/runtime", "daemon/engine", "plugins/sdk"},
    "daemon/delivery": {"daemon/core", "daemon/runtime", "daemon/engine", "plugins/sdk"},
    "daemon/notice": {"daemon/core", "daemon/runtime", "daemon/journal", "daemon/engine", "plugins/sdk"},
    "daemon/intake": {"daemon/core", "daemon/runtime", "daemon/journal", "daemon/audit", "daemon/engine", "plugins/sdk"},
    "daemon/cli": {"daemon/core", "daemon/runtime", "daemon/definitions", "daemon/audit", "daemon/gating", "daemon", "plugins"},
    "plugins/gates": {"daemon/core", "plugins/sdk"},
    "plugins/sources": {"daemon/core", "plugins/sdk"},
    "plugins/deliveries": {"daemon/core", "plugins/sdk"},
    "plugins/notifiers": {"plugins/sdk"},
    # Git as the sources speak it: bounded sockets, no redirects.
    "plugins/sinks": {"plugins/sdk", "plugins/sources"},
    # The composition: settings, lending, main.
    "daemon": {
        "daemon/core", "daemon/runtime", "daemon/definitions", "daemon/journal", "daemon/audit", "daemon/engine",
        "daemon/gating", "daemon/delivery", "daemon/notice", "daemon/intake", "plugins/sdk", "plugins/sinks", "plugins",
    },
    # The catalog.
    "plugins": {"plugins/sdk", "plugins/gates", "plugins/sources", "plugins/deliveries", "plugins/notifiers"},
}

# Header prefix -> where it may appear (path prefixes).
LIBRARIES = {
    "git2": ["plugins/sources/git", "plugins/sinks/git"],
    "sqlite3": ["daemon/journal/sqlite"],
    "libpq-fe": ["daemon/journal/postgres"],
    "curl/": ["daemon/runtime/"],
    "duckdb": ["plugins/gates/data_contract/worker/"],
    "yaml-cpp/": ["daemon/definitions/", "plugins/sources/", "plugins/gates/data_contract/", "plugins/gates/security_signoff/"],
    "spdlog/": ["daemon/runtime/"],
    "CLI/": ["daemon/cli/", "daemon/main.cpp"],
    "boost/asio": ["daemon/runtime/", "daemon/engine/", "daemon/gating/", "daemon/delivery/", "daemon/intake/", "daemon/auditing", "daemon/main.cpp"],
    "boost/beast": ["daemon/intake/"],
    "date/": ["daemon/runtime/time_zones"],
    "openssl/": ["daemon/runtime/", "plugins/gates/data_contract/worker/"],
}

# The only files that may include the catalog.
CATALOG_READERS = {"daemon/main.cpp", "plugins/catalog.cpp"}
CATALOG_READER_FOLDERS = ("daemon/cli/",)

CORE_MAY_USE = ("nlohmann/", "boost/system/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path: str) -> str:
    """The unit that a path belongs to: the longest key of MAY_INCLUDE above it."""
    parts = path.split("/")[:-1]
    while parts:
        if "/".join(parts) in MAY_INCLUDE:
            return "/".join(parts)
        parts.pop()
    return ""


def main(root: pathlib.Path) -> int:
    problems = []
    used = {key: set() for key in MAY_INCLUDE}
    for file in sorted([*root.glob("daemon/**/*.[ch]pp"), *root.glob("plugins/**/*.[ch]pp")]):
        path = file.relative_to(root).as_posix()
        unit = folder_of(path)
        for kind, name in INCLUDE.findall(file.read_text(encoding="utf-8")):
            if name.startswith(("daemon/", "plugins/", "tests/")):
                other = folder_of(name)
                if name.startswith("tests/") or other == "":
                    problems.append(f"{path}: includes {name}, which belongs to no unit")
                elif other != unit:
                    used[unit].add(other)
                    if other not in MAY_INCLUDE[unit]:
                        problems.append(f"{path}: {unit} may not include {other} ({name})")
                if name == "plugins/catalog.hpp" and path not in CATALOG_READERS and not path.startswith(CATALOG_READER_FOLDERS):
                    problems.append(f"{path}: only the composition may include the catalog")
                continue
            if kind == '"':
                problems.append(f"{path}: includes \"{name}\"; project headers are named from the root")
            if unit == "daemon/core" and "/" in name and not name.startswith(CORE_MAY_USE):
                problems.append(f"{path}: the core may not use {name}")
            for library, places in LIBRARIES.items():
                if name.startswith(library) and not any(path.startswith(place) for place in places):
                    problems.append(f"{path}: {name} may only appear in {', '.join(places)}")
    for unit, allowed in MAY_INCLUDE.items():
        for other in sorted(allowed - used[unit]):
            problems.append(f"tests/architecture/includes.py: {unit} may include {other} but does not: take the permission away")
    print("\n".join(problems) if problems else "every include is where it may be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
