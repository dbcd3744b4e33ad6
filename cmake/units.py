"""Divides source files into units: files that are compiled as one.

    cmake/units.py AT_MOST FOLDER APART...    reads lines TARGET;FILE;FILE..., writes FOLDER/TARGET/*.cpp, prints what CMake is to do

AT_MOST files come together; those of APART only with one another.

Reading Asio, JSON and the standard library and instantiating their templates takes the compiler far longer than our own code does, so
files that are compiled as one cost little more than one of them. What is internal to a file (in its unnamed namespace, and its aliases)
must then not meet what another file of the unit means by that name. So two files come together only when

- neither declares an internal name that the other declares too, unless both are the same alias,
- no internal function or type of one has the name of what the other calls or names without qualification, and
- no internal constant or alias of one has the name of a variable in the other, which would shadow it.

A unit of one file is that file. A file that begins to declare a name of its neighbour's is told by the compiler; running cmake again
divides the files anew.
"""

import pathlib
import re
import sys

UNNAMED, END = re.compile(r"namespace \{"), re.compile(r"\}  // namespace$")
TYPE = re.compile(r"(?:struct|class|enum class|union) (\w+)")
ALIAS = re.compile(r"(?:using|namespace) (\w+) = (.*);")
USING = re.compile(r"using (?!namespace )([\w:, ]+);")
VARIABLE = re.compile(r"(?:[\w:<>,&*\s]|\[\[\w+\]\])*?[\s&*>](\w+)(?:\[[^\]]*\])*(?: =|\{|;|\(\")")
FUNCTION = re.compile(r"[^=;{]*?[\s&*>](\w+)\((?!\")")
# Wherever a variable, a parameter or a structured binding may be declared.
DECLARED = re.compile(r"(?<!return)[\w>&*\]]\s+[&*]*(\w+)\s*(?=[=,;){(\[]|:(?!:))|\[([\w, ]+)\]")
# Functions that are called and types that are named; the types of this project begin with a capital letter.
NAMED = re.compile(r"(?<![\w.:>])(\w+(?=\()|[A-Z]\w*)")


class File:
    """A source file.

    internal    the names that are internal to it, each with what it stands for (an alias) or with the file
    shadowed    those of them that a variable could shadow
    variables   the names of all its variables, and some others
    named       the names of the functions and types that it uses without qualification, its own among them
    """

    def __init__(self, path: str):
        with open(path, encoding="utf-8") as file:
            lines = [re.sub(r"//(?! namespace).*", "", line.rstrip("\n")) for line in file]
        text = "\n".join(lines)
        self.path, self.internal, self.shadowed = path, {}, set()
        self.variables = {name for one, several in DECLARED.findall(text) for name in [one, *several.split(", ")]}
        self.named = set(NAMED.findall(text))
        inside = False
        # clang-format begins what a namespace holds in the first column, and nothing else but the namespaces' ends.
        for line in lines:
            if UNNAMED.match(line):
                inside = True
            elif END.match(line):
                inside = False
            elif alias := ALIAS.match(line):
                self.internal[alias.group(1)] = alias.group(2)
                self.shadowed.add(alias.group(1))
            elif using := USING.match(line):
                for meant in using.group(1).split(", "):
                    name = meant.split("::")[-1]
                    self.internal[name] = meant
                    self.shadowed.add(name)
            elif inside and re.match(r"[\w\[:]", line) and not line.startswith(("using ", "template ", "namespace ", "static_assert")):
                if found := TYPE.match(line) or FUNCTION.match(line):
                    self.internal[found.group(1)] = path
                elif found := VARIABLE.match(line):
                    self.internal[found.group(1)] = path
                    self.shadowed.add(found.group(1))

    def troubles(self, other: "File") -> bool:
        """Whether a name that is internal to this file means something else in the other."""
        if any(self.internal[name] != other.internal[name] for name in self.internal.keys() & other.internal.keys()):
            return True
        own = self.internal.keys() - other.internal.keys()
        return bool(own & self.shadowed & other.variables or (own - self.shadowed) & other.named)

    def may_stand_with(self, other: "File") -> bool:
        return not self.troubles(other) and not other.troubles(self)


def units_of(files, at_most: int):
    units = []
    for file in files:
        fits = (unit for unit in units if len(unit) < at_most and all(file.may_stand_with(other) for other in unit))
        unit = next(fits, None)
        if unit is None:
            units.append([file])
        else:
            unit.append(file)
    return units


def text_of(unit) -> str:
    """What stands for the files of the unit."""
    return "".join(f'#include "{file.path}"\n' for file in unit)


def written(folder: pathlib.Path, unit):
    """The file that stands for the unit. One that says the same already is left as it is, with its time stamp."""
    if len(unit) == 1:
        return unit[0].path
    path = folder / pathlib.Path(unit[0].path).name
    text = text_of(unit)
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return str(path)


def main() -> None:
    at_most, folder, apart = int(sys.argv[1]), pathlib.Path(sys.argv[2]), set(sys.argv[3:])
    for line in sys.stdin.read().splitlines():
        target, *paths = line.split(";")
        files = [File(path) for path in paths]
        units = units_of([file for file in files if file.path not in apart], at_most) + units_of([file for file in files if file.path in apart], at_most)
        print(f"set_property(TARGET {target} PROPERTY SOURCES {' '.join(written(folder / target, unit) for unit in units)})")


if __name__ == "__main__":
    main()
