"""Runs clang-tidy (.clang-tidy) over every .cpp of daemon/ and plugins/.

    tests/style/tidy.py SOURCE BUILD      BUILD has a compile_commands.json

Reading the standard library, Asio and JSON takes clang-tidy far longer than our own code does, so that up to
AT_MOST files that can stand together (cmake/units.py), of whatever target, are read as one. Ends with 1 when there is a finding, which
is printed with its place.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

CLANG_TIDY = "build/python/clang-tidy/bin/clang-tidy"  # ./setup.sh test puts it there
AT_MOST = 48
TIMEOUT = 2400  # seconds, of one call


def files_of(path: pathlib.Path, build: pathlib.Path):
    """The files that are compiled as this one."""
    if path.is_relative_to(build / "units"):
        return [pathlib.Path(file) for file in re.findall(r'^#include "(.*)"$', path.read_text(), re.MULTILINE)]
    return [path]


def compiled(source: pathlib.Path, build: pathlib.Path):
    """(the files of daemon/ and plugins/, the include folders and definitions that they are compiled with)"""
    files, options = set(), {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        ours = {file for file in files_of(pathlib.Path(entry["file"]), build)
                if file.is_relative_to(source / "daemon") or file.is_relative_to(source / "plugins")}
        files |= ours
        arguments = shlex.split(entry["command"]) if ours else []
        for i, argument in enumerate(arguments):
            if argument.startswith(("-I", "-D")) and argument != "-DPENSTOCK_PLANTED_BUGS":
                options[argument] = True
            elif argument == "-isystem":
                options["-isystem" + arguments[i + 1]] = True
    return sorted(str(file) for file in files), list(options)


def parts_of(source: pathlib.Path, build: pathlib.Path, files):
    """Files that include what is read as one."""
    sys.path.insert(0, str(source / "cmake"))
    sys.dont_write_bytecode = True
    import units
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    parts = []
    for number, unit in enumerate(units.units_of([units.File(file) for file in files], AT_MOST)):
        parts.append(folder / f"part_{number}.cpp")
        parts[-1].write_text(units.text_of(unit))
    return parts


def check(source: pathlib.Path, part: pathlib.Path, options):
    """What clang-tidy found in what is read as one; an empty text when nothing."""
    called = subprocess.run([source / CLANG_TIDY, "--quiet", f"--config-file={source}/.clang-tidy", part, "--", "-x", "c++", "-std=c++20", "-Wno-everything",
                             *options], capture_output=True, text=True, timeout=TIMEOUT)
    return called.stdout or (called.stderr if called.returncode else "")


def main() -> int:
    source, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    files, options = compiled(source, build)
    if not files:
        raise SystemExit(f"{build}/compile_commands.json names no file of daemon/ or plugins/")
    parts = parts_of(source, build, files)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda part: check(source, part, options), parts):
            if findings.strip():
                failed += 1
                print(findings.strip(), flush=True)
    print(f"{len(files)} files in {len(parts)} parts, {failed} parts with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
