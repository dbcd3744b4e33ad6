"""The processes of the story, known by files below <work>/run, so that a later call can end what `--keep` left running.

Called as a program (`processes.py --stop <work>`) it ends them. Only processes that the story started are touched: a
process id that belongs to somebody else by now is told apart by when it began.
"""

import os
import pathlib
import signal
import sys
import time

PATIENCE_SECONDS = 10


def stat_of(pid: int):
    """(state, process group, start time in clock ticks) of a process, or None: proc(5)."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return fields[0], int(fields[2]), int(fields[19])


def members(group: int):
    """The processes of a group that have not ended."""
    found = []
    for entry in os.listdir("/proc"):
        stat = stat_of(int(entry)) if entry.isdigit() else None
        if stat is not None and stat[1] == group and stat[0] not in "ZX":
            found.append(int(entry))
    return found


def note(work: pathlib.Path, name: str, pid: int):
    """Remembers a process that leads a group of its own."""
    (work / "run").mkdir(exist_ok=True)
    stat = stat_of(pid)
    (work / "run" / f"{name}.pid").write_text(f"{pid} {stat[2] if stat else 0}\n")


def stop_group(group: int):
    """Ends a process group: asks, waits, insists."""
    for name in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, name)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while members(group) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not members(group):
            return


def stop_noted(work: pathlib.Path):
    """Ends what is noted below `work`, the newest first. Returns the names of those that were running."""
    stopped = []
    files = sorted((work / "run").glob("*.pid"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files:
        try:
            pid, began = (int(word) for word in file.read_text().split())
        except ValueError:
            print(f"{file} holds no process id: nothing is stopped for it", file=sys.stderr)
            continue
        stat = stat_of(pid)
        # While any process of the group lives, its number is given to nobody else: a leader that is gone is no danger.
        if (stat is None or stat[2] == began) and members(pid):
            stop_group(pid)
            stopped.append(file.stem)
        file.unlink()
    return stopped


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--stop":
        raise SystemExit("usage: processes.py --stop WORK_FOLDER")
    ended = stop_noted(pathlib.Path(sys.argv[2]).resolve())
    print(f"stopped: {', '.join(ended)}" if ended else "nothing was running")
