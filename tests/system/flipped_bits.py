"""One flipped bit in the files of the real penstockd: the journal, its write-ahead log, the audit log. It is refused and named, nothing is
changed, and the newest backup makes the data folder again."""

import json
import pathlib
import random
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: audited}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
PAGE = 4096


def flip(file: pathlib.Path, bit: int):
    """Turns one bit round; returns the bytes as they were."""
    before = file.read_bytes()
    after = bytearray(before)
    after[bit // 8] ^= 1 << bit % 8
    file.write_bytes(after)
    return before


def refused(daemon) -> str:
    """What a daemon that does not start says; empty when it starts."""
    daemon.log_file.write_text("")
    try:
        daemon.start()
    except SystemExit:
        return daemon.log()
    daemon.stop()
    return ""


def in_the_database(check, daemon, chance):
    journal = daemon.work / "data/journal.db"
    pages = journal.stat().st_size // PAGE
    places = [(100, "page 1,"), ((pages // 2) * PAGE + 2000, f"page {pages // 2 + 1},"), (pages * PAGE - 1, f"page {pages},")]
    places += [(place, f"page {place // PAGE + 1},") for place in (chance.randrange(pages * PAGE) for _ in range(5))]
    for place, page in places:
        before = flip(journal, place * 8 + 3)
        damaged = journal.read_bytes()
        said = refused(daemon)
        check.told(said, "journal.db", page, f"bit 3 of byte {place} was flipped", "penstock restore",
                   what=f"a flipped bit in byte {place} is refused, with file, {page} byte, and what to do")
        check.expect(journal.read_bytes() == damaged, "and nothing was changed")
        journal.write_bytes(before)


def in_the_log(check, daemon, chance):
    daemon.start()
    for number in range(5):
        daemon.submit(f"fraud-log-{number}")
    daemon.kill()
    log = daemon.work / "data/journal.db-wal"
    size = log.stat().st_size
    check.expect(size > 10 * PAGE, "a killed daemon leaves a write-ahead log", size)
    whole = log.read_bytes()
    # Up to the last commit: a frame is 24 bytes and a page, behind 32 bytes.
    commits = [at for at in range(32, size - PAGE - 23, PAGE + 24) if whole[at + 4:at + 8] != bytes(4) and whole[at + 8:at + 16] == whole[16:24]]
    for place in [40, 60, commits[-1] + 5, commits[-1] + 300] + [chance.randrange(32, commits[-1] + 24 + PAGE) for _ in range(5)]:
        before = flip(log, place * 8 + 1)
        damaged = log.read_bytes()
        # The log's own sums do not always tell which bit it was.
        check.told(refused(daemon), "journal.db-wal", "was flipped", "penstock restore",
                   what=f"a flipped bit in byte {place} of the log is refused, and named")
        check.expect(log.read_bytes() == damaged, "and nothing was changed")
        log.write_bytes(before)


def in_the_audit_log(check, daemon, chance):
    folder = daemon.work / "data/audit"
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = file.relative_to(folder)
        missed = []
        for _ in range(4):
            bit = chance.randrange(file.stat().st_size * 8)
            before = flip(file, bit)
            seen = subprocess.run([daemon.programs / "penstock", "audit", "verify", folder, "--key", daemon.work / "audit.key.pub"],
                                  capture_output=True, text=True, timeout=120)
            if seen.returncode != 2 or file.name not in seen.stderr:
                missed.append((bit, seen))
            file.write_bytes(before)
        check.expect(not missed, f"every flipped bit in {name} is found and named", missed)


def while_it_runs(check, daemon):
    """The backup reads every page, so it finds what came after the start; then the daemon ends by itself."""
    daemon.log_file.write_text("")
    daemon.start()
    journal = daemon.work / "data/journal.db"
    log = (daemon.work / "data/journal.db-wal").read_bytes()
    newer = {int.from_bytes(log[at:at + 4], "big") for at in range(32, len(log) - 23, PAGE + 24)}
    with open(journal, "r+b") as file:
        for page in range(2, journal.stat().st_size // PAGE + 1):
            if page in newer:
                continue
            file.seek(page * PAGE - 1)
            byte = file.read(1)[0]
            file.seek(page * PAGE - 1)
            file.write(bytes([byte ^ 4]))
    try:
        status, _, answer = daemon.call("POST", "/v1/backups", {}, "ann")
        check.expect(status >= 500, "no backup is made of it", f"{status} {answer}")
        check.told(str(answer), "journal-damaged", "bit 2 of byte", what="the answer names the damage")
    except OSError:
        pass  # something else has read a page before
    check.expect(daemon.process.wait(30) == 1, "the daemon ends by itself")
    check.told(daemon.log(), "journal.closed", "bit 2 of byte", "penstock restore", what="and its log says why")
    check.told(refused(daemon), "bit 2 of byte", "more pages", what="it does not start on it again")


def story(check, programs, work):
    receiver = Receiver()
    chance = random.Random(7)
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url)
    subprocess.run([daemon.programs / "penstock", "audit", "keygen", "--name", "example.com/audit", "--key", daemon.work / "audit.key"],
                   check=True, capture_output=True)
    settings = daemon.work / "penstock.yaml"
    settings.write_text(settings.read_text() + "audit: {key: {file: audit.key}}\n")
    daemon.start()
    first = daemon.open_promotion("fraud-eu")
    daemon.wait_for_phase(first, {"live"})
    backup = daemon.call("POST", "/v1/backups", {}, "ann")[2]["folder"]
    for number in range(5):
        daemon.wait_for_phase(daemon.open_promotion(f"fraud-{number}"), {"live"})
    check.expect(daemon.stop() == 0, "it stops cleanly")

    in_the_database(check, daemon, chance)
    in_the_audit_log(check, daemon, chance)
    in_the_log(check, daemon, chance)
    check.expect(refused(daemon) == "", "with every bit as it was, it starts")
    while_it_runs(check, daemon)

    data = daemon.work / "data"
    kept = daemon.work / "kept"
    shutil.copytree(backup, kept)
    data.rename(daemon.work / "damaged")
    restored = subprocess.run([daemon.programs / "penstock", "restore", kept, data], capture_output=True, text=True, timeout=120)
    check.expect(restored.returncode == 0, "the newest backup makes the data folder again", restored)
    daemon.log_file.write_text("")
    daemon.start()
    seen = daemon.call("GET", f"/v1/promotions/{first}", token="ann")[2]
    check.expect(seen.get("phase") == "live", "and what was live then is live", json.dumps(seen))
    check.expect(daemon.stop() == 0, "it stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
