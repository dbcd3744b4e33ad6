"""Runs clang-tidy (.clang-tidy) over every .cpp of daemon/ and plugins/.

    tests/style/tidy.py SOURCE BUILD      BUILD has a compile_commands.json

Reading the standard library, Asio and JSON takes clang-tidy longer than our own code does, so several files are read as one. They are
of different namespaces, so that what is internal to one does not meet what is internal to another; files that cannot be read
together are read alone. Ends with 1 when there is a finding, which is printed with its place.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

CLANG_TIDY = "clang-tidy-19"
AT_ONCE = 6  # files that are read together
TIMEOUT = 280  # seconds, of one call


class Unit:
    """Files that are read as one, and how they are compiled."""

    def __init__(self):
        self.files, self.namespaces, self.options = [], set(), []

    def add(self, path: pathlib.Path, namespace: str, options):
        self.files.append(path)
        self.namespaces.add(namespace)
        self.options += [option for option in options if option not in self.options]


def options_of(command: str):
    """The include folders and definitions: all else is GCC's, or of no use to a check."""
    arguments = shlex.split(command)
    kept = []
    for i, argument in enumerate(arguments):
        if argument.startswith(("-I", "-D")):
            kept.append(argument)
        elif argument == "-isystem":
            kept.append("-isystem" + arguments[i + 1])
    return kept


def namespace_of(path: pathlib.Path) -> str:
    found = re.search(r"^namespace (penstock[a-z_:]*)", path.read_text(), re.MULTILINE)
    return found.group(1) if found else "penstock"


def units_of(source: pathlib.Path, build: pathlib.Path):
    entries = []
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(source / "daemon") or path.is_relative_to(source / "plugins"):
            entries.append((path, namespace_of(path), options_of(entry["command"])))
    units = []
    for path, namespace, options in sorted(dict((entry[0], entry) for entry in entries).values(), key=lambda entry: -entry[0].stat().st_size):
        # A program's main() stands alone.
        alone = re.search(r"^int main\(", path.read_text(), re.MULTILINE)
        fits = (unit for unit in units if not alone and len(unit.files) < AT_ONCE and namespace not in unit.namespaces and "" not in unit.namespaces)
        unit = next(fits, None)
        if unit is None:
            unit = Unit()
            units.append(unit)
        unit.add(path, "" if alone else namespace, options)
    return units


def check(source: pathlib.Path, folder: pathlib.Path, unit: Unit):
    """What clang-tidy found in the files of a unit; an empty text when nothing."""
    together = folder / (unit.files[0].relative_to(source).as_posix().replace("/", "_"))
    together.write_text("".join(f'#include "{file}"\n' for file in unit.files))
    called = subprocess.run([CLANG_TIDY, "--quiet", f"--config-file={source}/.clang-tidy", together, "--", "-x", "c++", "-std=c++20", "-Wno-everything",
                             *unit.options], capture_output=True, text=True, timeout=TIMEOUT)
    if "clang-diagnostic-error" in called.stdout and len(unit.files) > 1:
        parts = []
        for file in unit.files:
            part = Unit()
            part.add(file, "", unit.options)
            parts.append(check(source, folder, part))
        return "".join(parts)
    return called.stdout or (called.stderr if called.returncode else "")


def main() -> int:
    source, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    folder = build / "tidy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    units = units_of(source, build)
    if not units:
        raise SystemExit(f"{build}/compile_commands.json names no file of daemon/ or plugins/")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda unit: check(source, folder, unit), units):
            if findings.strip():
                failed += 1
                print(findings.strip(), flush=True)
    print(f"{sum(len(unit.files) for unit in units)} files in {len(units)} parts, {failed} parts with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
