"""A journal that may not grow any more (limits.journal_mb), and a disk that is full (a small tmpfs, in a mount namespace of its own),
under the real penstockd: new work is refused with 507 and the next step, reading goes on, what was acknowledged is there and is
carried out once there is room, and what was refused can be submitted again."""

import ctypes
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver
from peer import Registry

POLICIES = """apiVersion: penstock/v1
kind: Policy
metadata: {name: plain}
spec:
  model: plain-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
""", """apiVersion: penstock/v1
kind: Policy
metadata: {name: waiting}
spec:
  model: waiting-*
  environment: production
  approvals: [{group: release-managers, count: 1}]
""", """apiVersion: penstock/v1
kind: Policy
metadata: {name: fetched}
spec: {model: fetched-*, environment: production}
""", """apiVersion: penstock/v1
kind: Policy
metadata: {name: evident}
spec: {model: evident-*, environment: production, stages: [{name: programs, gates: [{use: evident}]}]}
"""
EVIDENT = """apiVersion: penstock/v1
kind: Gate
metadata: {name: evident}
spec: {kind: executable, with: {program: evident}}
"""
ASKED_TIMES = 20  # a tenth of a second apart, before a disk is full
# Answers once the disk is full, with more evidence than there is room for.
PROGRAM = """#!/bin/sh
if [ "$1" = --describe ]; then echo '{"protocol": "penstock.gate/v1", "name": "evident"}'; exit 0; fi
while [ ! -e FULL ]; do sleep 0.1; done
printf '{"verdict": "passed", "observed": "a", "needed": "b", "evidence": [{"name": "e", "content": "'
head -c 2000000 /dev/zero | tr '\\0' 'e'
printf '"}]}'
"""


def own_mounts() -> str:
    """Puts this process into a mount namespace of its own, so that nothing stays mounted however it ends. Why not, or "" """
    libc = ctypes.CDLL(None, use_errno=True)
    new_mounts, new_user = 0x00020000, 0x10000000
    user, group = os.getuid(), os.getgid()
    if libc.unshare(new_mounts) != 0:
        if libc.unshare(new_mounts | new_user) != 0:
            return f"no mount namespace can be made here: {os.strerror(ctypes.get_errno())}"
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    made = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True)
    return made.stderr.strip()


def candidate(number: int):
    return {"model": f"plain-{number}", "version": "1", "labels": {"owner": "team", "note": "x" * 1900}}


def fill(expect, daemon, asked_times: int = 1):
    """Submits until one is refused `asked_times` times. Returns what was acknowledged, and the number that was refused.

    The first refusal does not make a disk full: what is written with others in one commit is refused with them, and what the
    log holds finds room in the database, and leaves its own, whenever the daemon has a moment (SQLite, "Write-Ahead Logging", 2.3).
    """
    acknowledged, answer = {}, None
    for number in range(3000):
        for _ in range(asked_times):
            status, headers, answer = daemon.call("POST", "/v1/candidates", candidate(number), "ci")
            if status != 507:
                break
            time.sleep(0.1)
        if status == 201:
            acknowledged[number] = answer["promotions"][0]["id"]
            continue
        expect.expect(status == 507 and headers["content-type"] == "application/problem+json", f"after {number} candidates the next is answered 507",
                      f"{status} {answer}")
        expect.told(str(answer), "journal-full", "no room left", "free space", "limit", "'retryable': True", what="the answer says what is full and what helps")
        return acknowledged, number
    raise SystemExit("3000 candidates, and it was never full")


def while_full(expect, daemon, waiting, refused):
    for _ in range(20):
        status = daemon.call("POST", "/v1/candidates", candidate(refused), "ci")[0]
        expect.expect(status == 507, "it is refused as often as it is asked") if status != 507 else None
    seen = daemon.call("GET", f"/v1/promotions/{waiting}", token="ann")
    expect.expect(seen[0] == 200 and seen[2]["phase"] == "awaiting_approval", "reading goes on", seen)
    status, _, answer = daemon.decide(waiting)
    after = daemon.call("GET", f"/v1/promotions/{waiting}", token="ann")[2]
    approved = status == 200 and after["phase"] == "live"
    untouched = status == 507 and after["phase"] == "awaiting_approval" and not after["approvals"]["given"]
    expect.expect(approved or untouched, "an approval is kept, or refused with 507 and no trace", f"{status} {answer} {after}")
    expect.expect(not daemon.call("GET", f"/v1/promotions?model=plain-{refused}", token="ann")[2]["promotions"], "what was refused has left no trace")
    expect.expect(daemon.call("GET", "/livez")[0] == 200 and daemon.process.poll() is None, "the daemon is alive")
    expect.told(daemon.log(), "journal.db", "no room left", what="the log names the journal's file")


def with_room_again(expect, daemon, receiver, acknowledged, waiting, refused):
    for promotion in acknowledged.values():
        daemon.wait_for_phase(promotion, {"live"})
    expect.expect(True, f"all {len(acknowledged)} that were acknowledged are live")
    keys = {f"deliver/{promotion}/serving/1" for promotion in acknowledged.values()}
    expect.expect(set(receiver.effects) == keys and all(len(ids) == 1 for ids in receiver.effects.values()) and not receiver.bad,
                  "each was delivered, under one webhook-id", f"{len(receiver.effects)} of {len(keys)}")
    expect.expect(daemon.call("POST", "/v1/candidates", candidate(refused), "ci")[0] == 201, "what was refused is taken now")
    if daemon.call("GET", f"/v1/promotions/{waiting}", token="ann")[2]["phase"] == "awaiting_approval":
        expect.expect(daemon.decide(waiting)[0] == 200, "and so is the approval")
    daemon.wait_for_phase(waiting, {"live"})


def full_journal(expect, programs, work):
    receiver = Receiver()
    daemon = Daemon(programs, work, *POLICIES[:2], receiver_url=receiver.url, limits="{journal_mb: 2}").start()
    waiting = daemon.open_promotion("waiting-model")
    acknowledged, refused = fill(expect, daemon)
    while_full(expect, daemon, waiting, refused)
    expect.expect(daemon.stop() == 0, "it stops cleanly although its journal is full")
    settings = daemon.work / "penstock.yaml"
    settings.write_text(settings.read_text().replace("journal_mb: 2", "journal_mb: 200"))
    daemon.start()
    with_room_again(expect, daemon, receiver, acknowledged, waiting, refused)
    expect.expect(daemon.stop() == 0, "it stops cleanly")


def full_disk(expect, programs, work):
    receiver, registry = Receiver(), Registry()
    daemon = Daemon(programs, work, *POLICIES, receiver_url=receiver.url, gates=[EVIDENT],
                    endpoints=[f"{{name: registry, kind: mlflow, url: \"{registry.url}\", allow_private: true}}"],
                    sources=["{name: registry, kind: mlflow, every: 1s, with: {endpoint: registry}}"])
    program = daemon.work / "gate-definitions/evident"
    full = daemon.work / "full"
    program.write_text(PROGRAM.replace("FULL", str(full)))
    program.chmod(0o755)
    disk = daemon.work / "data"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "none", disk], check=True)
    daemon.start()
    waiting = daemon.open_promotion("waiting-model")
    registry.register("fetched-before", "1")
    first = wait_for_promotion(expect, daemon, "fetched-before", "a version of the registry is fetched")
    daemon.wait_for_phase(first, {"live"})

    evident = daemon.open_promotion("evident-model")
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            pass
    acknowledged, refused = fill(expect, daemon, ASKED_TIMES)
    full.touch()
    registry.register("fetched-meanwhile", "1")
    while_full(expect, daemon, waiting, refused)
    expect.within(10, lambda: any("fetched-meanwhile" in entry["problem"] for entry in daemon.logged("source.problem")),
                  "a version that cannot be fetched is told in the log")
    entries = [entry["problem"] for entry in daemon.logged("source.problem") if "fetched-meanwhile" in entry["problem"]]
    expect.told(entries[-1] if entries else "", "No space left on device", what="with the full disk as its reason")

    # A short event may still find room where 2 MB of evidence did not.
    expect.within(10, lambda: daemon.logged("outbox.not_journalled", key=f"check/{evident}/evident/1")
                  or daemon.call("GET", f"/v1/promotions/{evident}", token="ann")[2]["phase"] == "held",
                  "a gate whose evidence finds no room is held, or will be once that can be journalled")
    filler.unlink()
    status = 0
    deadline = time.monotonic() + 10
    while status != 201 and time.monotonic() < deadline:
        status = daemon.call("POST", "/v1/candidates", candidate(100_000), "ci")[0]
        time.sleep(0.1)
    if status == 201:
        acknowledged[100_000] = daemon.call("GET", "/v1/promotions?model=plain-100000", token="ann")[2]["promotions"][0]["id"]
    else:
        # The disk failed in the middle of a commit: that asks for a restart, and says so.
        expect.told(daemon.log(), "then restart penstockd", what="the log asks for a restart")
        daemon.stop()
        daemon.start()
    with_room_again(expect, daemon, receiver, acknowledged, waiting, refused)
    seen = daemon.wait_for_phase(evident, {"held"})
    expect.told(seen["wait"]["what"], "evident errored", "No space left on device", what="the gate whose evidence found no room is held, and says so")
    expect.expect(daemon.retry(evident)[0] == 200, "a person retries")
    daemon.wait_for_phase(evident, {"live"})
    second = wait_for_promotion(expect, daemon, "fetched-meanwhile", "what could not be fetched is fetched")
    daemon.wait_for_phase(second, {"live"})
    expect.expect(daemon.stop() == 0, "it stops cleanly")


def wait_for_promotion(expect, daemon, model: str, what: str) -> str:
    def found():
        return daemon.call("GET", f"/v1/promotions?model={model}", token="ann")[2]["promotions"]

    expect.within(25, found, what)
    return found()[0]["id"]


def story(expect, programs, work):
    why_not = own_mounts()
    full_journal(expect, programs, work / "journal")
    if why_not:
        print(f"SKIPPED: the full disk, because {why_not}")
    else:
        full_disk(expect, programs, work / "disk")


if __name__ == "__main__":
    main(story, __doc__)
