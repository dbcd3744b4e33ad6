"""Calls the real `penstock`, and holds every call to what all of them owe: no token in its arguments or its output."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# B3 of the command line's documentation: `penstock --help` tells them.
DONE, UNEXPECTED, USAGE, DENIED, NOT_ALLOWED, PENDING, CONFLICT, UNREACHABLE = range(8)


class Command:
    """`person` is one of the people of tests/system/daemon.py; their tokens go by the environment alone."""

    def __init__(self, programs: pathlib.Path, url: str = "", person: str = "", **environment):
        self.program = programs.resolve() / "penstock"
        self.environment = {"PATH": os.environ["PATH"], **environment}
        if url:
            self.environment["PENSTOCK_URL"] = url
        if person:
            self.environment["PENSTOCK_TOKEN"] = f"token-{person}"

    def __call__(self, *arguments, stdin: str = "", seconds: float = 60) -> "Outcome":
        words = [str(word) for word in arguments]
        done = subprocess.run([self.program, *words], input=stdin, capture_output=True, text=True, timeout=seconds, env=self.environment)
        return self.held(Outcome(words, done.returncode, done.stdout, done.stderr))

    def start(self, *arguments) -> subprocess.Popen:
        return subprocess.Popen([self.program, *(str(word) for word in arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=self.environment)

    def at_a_terminal(self, *arguments, typed: str, seconds: float = 60) -> "Outcome":
        """As a person at a terminal, who types `typed`."""
        words = [str(word) for word in arguments]
        keyboard, terminal = os.openpty()
        try:
            os.write(keyboard, typed.encode())
            done = subprocess.run([self.program, *words], stdin=terminal, capture_output=True, text=True, timeout=seconds, env=self.environment)
        finally:
            os.close(keyboard)
            os.close(terminal)
        return self.held(Outcome(words, done.returncode, done.stdout, done.stderr))

    def held(self, outcome: "Outcome") -> "Outcome":
        token = self.environment.get("PENSTOCK_TOKEN", "")
        for text in (*outcome.arguments, outcome.out, outcome.err):
            if token and token in text:
                raise SystemExit(f"penstock {' '.join(outcome.arguments)} shows the token: {text[:500]}")
        return outcome


class Outcome:
    def __init__(self, arguments, code: int, out: str, err: str):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def json(self):
        """The document on stdout, which must be exactly one; None when it is not."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None

    def __str__(self):
        return f"penstock {' '.join(self.arguments)}: exit status {self.code}\nstdout: {self.out}\nstderr: {self.err}"
