"""Runs clang-tidy (.clang-tidy) over every .cpp of daemon/ and plugins/.

    tests/style/tidy.py SOURCE BUILD      BUILD has a compile_commands.json

Files that are compiled as one (cmake/units.py) are read as one: reading the standard library, Asio and JSON takes clang-tidy longer than
our own code does. Ends with 1 when there is a finding, which is printed with its place.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

CLANG_TIDY = "clang-tidy-19"
TIMEOUT = 1800  # seconds, of one call


def files_of(path: pathlib.Path, build: pathlib.Path):
    """The files that are compiled as this one."""
    if path.is_relative_to(build / "units"):
        return [pathlib.Path(file) for file in re.findall(r'^#include "(.*)"$', path.read_text(), re.MULTILINE)]
    return [path]


def units_of(source: pathlib.Path, build: pathlib.Path):
    """(what is compiled, its files), the longest first. A file that several programs are made of comes once."""
    seen, units = set(), []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        ours = {file for file in files_of(path, build) if file.is_relative_to(source / "daemon") or file.is_relative_to(source / "plugins")}
        if ours - seen:
            seen |= ours
            units.append((path, ours))
    return sorted(units, key=lambda unit: -sum(file.stat().st_size for file in unit[1]))


def check(source: pathlib.Path, build: pathlib.Path, path: pathlib.Path):
    """What clang-tidy found in what is compiled as one; an empty text when nothing. It is given what the compiler is given."""
    called = subprocess.run([CLANG_TIDY, "--quiet", f"--config-file={source}/.clang-tidy", "-p", build, "--extra-arg=-Wno-everything", path],
                            capture_output=True, text=True, timeout=TIMEOUT)
    return called.stdout or (called.stderr if called.returncode else "")


def main() -> int:
    source, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    units = units_of(source, build)
    if not units:
        raise SystemExit(f"{build}/compile_commands.json names no file of daemon/ or plugins/")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda unit: check(source, build, unit[0]), units):
            if findings.strip():
                failed += 1
                print(findings.strip(), flush=True)
    print(f"{sum(len(unit[1]) for unit in units)} files in {len(units)} parts, {failed} parts with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
