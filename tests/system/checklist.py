"""What a system test expects, one line each, and how it is started: --programs, the folder of penstockd, and --work, emptied first."""

import argparse
import pathlib
import sys
import time


class Checklist:
    def __init__(self):
        self.failed = 0

    def expect(self, condition, what: str, seen=""):
        print(("ok    " if condition else "FAIL  ") + what + ("" if condition or not seen else f"\n      seen: {str(seen)[:3000]}"), flush=True)
        if not condition:
            self.failed += 1

    def told(self, text, *parts: str, what: str):
        """A message that people read holds every one of the parts."""
        text = str(text)
        missing = [part for part in parts if part not in text]
        self.expect(not missing, what, f"{missing} not in: {text[-3000:]}")

    def within(self, seconds: float, holds, what: str):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if holds():
                return self.expect(True, what)
            time.sleep(0.05)
        return self.expect(False, what, f"not within {seconds:.0f} s")


def run(story, description: str) -> int:
    """Calls story(checklist, programs, work); the exit status of the test."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    checklist = Checklist()
    started = time.monotonic()
    story(checklist, arguments.programs, arguments.work)
    print(f"{checklist.failed} failures, {time.monotonic() - started:.0f} s")
    return 1 if checklist.failed else 0


def main(story, description: str):
    sys.exit(run(story, description))
