#!/usr/bin/env python3
"""Checks that every source file includes, itself or through a header, what it names.

Files are compiled several as one (cmake/units.py), so the compiler lets a file live on its neighbours' includes. Held against the
headers here are the types, macros and functions that exactly one of them declares, and that no class has a member of the name of.

Usage: reached.py SOURCE_FOLDER. Prints one line per problem; exit status 1 when there is any.
"""

import collections
import pathlib
import re
import sys

FOLDERS = ("daemon", "plugins", "tests")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
NOT_CODE = re.compile(r'//.*|R"([a-zA-Z]*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"')
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
TYPE = re.compile(r"^(?:template <.*> )?(?:struct|class|enum class) (\w+)(?: final)?(?: :.*)?(?: \{|\{)|^using (\w+) =", re.MULTILINE)
# Those within others, those that are only announced, and what a template calls its arguments.
OTHER_TYPE = re.compile(r"(?:^ +|friend |^|[<,] ?)(?:struct|class|enum class|using|typename) (\w+)", re.MULTILINE)
FUNCTION = re.compile(r"^(?!using |struct |class |return )[\w:\[<][^=;{(]*?[\s&*>](\w+)\(", re.MULTILINE)
USED_TYPE = re.compile(r"(?:\b(\w+)::)?\b([A-Z]\w*)\b")
USED_FUNCTION = re.compile(r"(?:\b(\w+)::|(?<![\w.:>]))([a-z]\w*)\(")
# Members and variables: what follows a type, in a header also functions of classes.
MEMBER = re.compile(r"(?<!return)(?<!throw)(?<!await)(?<!else)(?<!case)[\w>&*)\]] [&*]*([a-z]\w*)\b(?= =|[({;,:)\[])")
BINDING = re.compile(r"\[([a-z][\w, ]*)\]")
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)


class Source:
    """A header or source file: what it includes, declares (types and macros, functions, members) and names."""

    def __init__(self, path: pathlib.Path):
        text = path.read_text(encoding="utf-8")
        code = NOT_CODE.sub("", text)
        self.includes = set(INCLUDE.findall(text))
        self.namespaces = [name.split("::")[-1] for name in NAMESPACE.findall(code)]
        self.types = {one or other for one, other in TYPE.findall(code)} | set(MACRO.findall(code))
        self.other_types = set(OTHER_TYPE.findall(code)) - self.types
        self.functions = set(FUNCTION.findall(code))
        within = "\n".join(line for line in code.splitlines() if line.startswith(" "))
        self.members = set(MEMBER.findall(within)) | {name for names in BINDING.findall(code) for name in names.split(", ")}
        self.used_types = set(USED_TYPE.findall(code))
        self.used_functions = set(USED_FUNCTION.findall(code))

    def named(self, namespaces):
        """The types and functions that it names, and that are not its own."""
        types = {name for of, name in self.used_types if of in namespaces or not of}
        functions = {name for of, name in self.used_functions if of in namespaces or not of}
        return (types - self.types - self.other_types) | (functions - self.functions - self.members)


def reached_from(names, headers):
    """All headers that these lead to."""
    reached, left = set(), list(names)
    while left:
        name = left.pop()
        if name in headers and name not in reached:
            reached.add(name)
            left.extend(headers[name].includes)
    return reached


def main(root: pathlib.Path) -> int:
    sources = {path.relative_to(root).as_posix(): Source(path) for folder in FOLDERS for path in sorted(root.glob(f"{folder}/**/*.[ch]pp"))}
    headers = {name: source for name, source in sources.items() if name.endswith(".hpp")}
    declared = collections.defaultdict(set)
    for name, header in headers.items():
        for what in header.types | header.functions:
            declared[what].add(name)
    elsewhere = set().union(*(header.other_types | header.members for header in headers.values()))
    only_in = {what: next(iter(names)) for what, names in declared.items() if len(names) == 1 and what not in elsewhere}
    namespaces = {space for source in sources.values() for space in source.namespaces}
    problems, held = [], 0
    for name, source in sources.items():
        reached = reached_from([name, *source.includes], headers)
        for what in sorted(source.named(namespaces) & only_in.keys()):
            held += 1
            if only_in[what] not in reached:
                problems.append(f"{name}: names {what} without including {only_in[what]}")
    print("\n".join(problems) if problems else f"every file includes what it names: {held} names")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
