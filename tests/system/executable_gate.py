"""Gate programs that crash, print garbage, never end or write gigabytes, one of each, under the real penstockd: each holds its promotion
and says why, none takes the daemon's memory or leaves a process behind, and a retry goes on once the program is mended."""

import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: gate-NAME}
spec: {kind: executable, with: {program: PROGRAM}}
"""

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: NAME}
spec:
  model: NAME-*
  environment: production
  stages: [{name: programs, gates: [{use: gate-NAME, deadline: DEADLINE}]}]
"""

# A program that is asked for its description tells it; what it does when it is asked about a candidate follows.
DESCRIBED = """#!/bin/sh
if [ "$1" = --describe ]; then echo '{"protocol": "penstock.gate/v1", "name": "NAME"}'; exit 0; fi
"""
ANSWER = """cat > /dev/null
echo '{"verdict": "passed", "observed": "all is well", "needed": "that all is well"}'
"""

# What it does, and what of it a person must be able to read.
PROGRAMS = {
    "crash": ("kill -SEGV $$\n", "signal 11"),
    "status": ("echo 'cannot open the model: no such file' >&2\nexit 3\n", "exit status 3", "cannot open the model: no such file"),
    "garbage": ("echo 'verdict: passed, I think'\n", "not one JSON document"),
    "bytes": ("head -c 100000 /dev/urandom\n", "not one JSON document"),
    "nothing": ("exit 0\n", "0 bytes that are not one JSON document"),
    "shape": ("echo '{\"verdict\": \"ok\", \"observed\": 1}'\n", "verdict"),
    "unknown-key": (ANSWER.replace("\"needed\"", "\"neded\""), "neded", "did you mean `needed`"),
    "list": ("echo '[\"passed\"]'\n", "expected a mapping"),
    "claims-errored": (ANSWER.replace("passed", "errored"), "passed, failed or inconclusive"),
    "claims-waived": (ANSWER.replace("passed", "waived"), "passed, failed or inconclusive"),
    "two-answers": (ANSWER + ANSWER, "not one JSON document"),
    "nested": ("head -c 8000000 /dev/zero | tr '\\0' '['\nhead -c 8000000 /dev/zero | tr '\\0' ']'\n", "nested more than 64 deep"),
    "wide": ("printf '{\"evidence\": [0'\nhead -c 16000000 /dev/zero | sed 's/\\x00\\x00/,1/g'\necho ']}'\n", "more than 100000 values"),
    "twice": ("echo '{\"verdict\": \"failed\", \"verdict\": \"passed\", \"observed\": \"a\", \"needed\": \"b\"}'\n", "`verdict` stands twice"),
    "stdout-flood": ("exec cat /dev/zero\n", "wrote more than 16777216 bytes", "was killed"),
    "stderr-flood": ("exec cat /dev/zero >&2\n", "did not end within"),
    "both-flood": ("cat /dev/zero >&2 &\nexec cat /dev/zero\n", "wrote more than 16777216 bytes"),
    "passes-then-crashes": (ANSWER + "kill -SEGV $$\n", "signal 11"),
    # The shell and the process it started both refuse to be asked politely.
    "endless": ("trap '' TERM\nsleep 600 & echo $! > PIDS/grandchild\necho $$ > PIDS/child\nwait\nwait\n", "did not end within"),
    # The program is gone at once; what it left behind holds its stdout open.
    "left-behind": ("sleep 600 & echo $! > PIDS/left\nexit 0\n", "0 bytes that are not one JSON document"),
}
# What ends only when its deadline is over. All others get long enough for a machine that is busy with the floods among them.
WAITED_FOR = {"stderr-flood", "endless"}
WAITED_S = 16


def policy_of(name: str, deadline: str = "") -> str:
    return POLICY.replace("NAME", name).replace("DEADLINE", deadline or (f"{WAITED_S}s" if name in WAITED_FOR else "50s"))


def is_running(pid: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def largest_memory_mb(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise SystemExit("no VmHWM")


def story(expect, programs, work):
    patient = policy_of("endless", "1h").replace("name: endless", "name: patient").replace("endless-*", "patient-*")
    daemon = Daemon(programs, work, *(policy_of(name) for name in PROGRAMS), patient,
                    gates=[GATE.replace("NAME", name).replace("PROGRAM", f"programs/{name}") for name in PROGRAMS])
    folder = daemon.work / "gate-definitions/programs"
    pids = daemon.work / "pids"
    folder.mkdir()
    pids.mkdir()

    def write(name, body):
        # Replaced as a whole: a file that is being executed cannot be written to.
        new = folder / f".{name}"
        new.write_text((DESCRIBED + body).replace("NAME", name).replace("PIDS", str(pids)))
        new.chmod(0o755)
        os.replace(new, folder / name)

    for name, (body, *_) in PROGRAMS.items():
        write(name, body)
    daemon.start()
    before = largest_memory_mb(daemon.process.pid)
    open_promotions = {name: daemon.open_promotion(f"{name}-model") for name in PROGRAMS}
    slowest = 0.0
    for _ in range(20):
        asked = time.monotonic()
        daemon.call("GET", "/livez")
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.1)
    # How soon depends on who else is busy on this machine; what waited for a program would come only when that is given up.
    expect.expect(slowest < WAITED_S / 4, "meanwhile /livez answers, and waits for no program", f"{slowest:.1f} s")

    for name, promotion in open_promotions.items():
        seen = daemon.wait_for_phase(promotion, {"held"})
        explanation = daemon.call("GET", f"/v1/promotions/{promotion}/explanation", token="ann")[2]["paragraph"]
        expect.told(explanation, f"gate-{name} errored", *PROGRAMS[name][1:], what=f"{name}: held, and the explanation says why")
        finding = seen["checks"][0]["finding"]
        expect.expect(finding["source"] == str(folder / name) and finding["next"], f"{name}: the finding names the program and the next step", finding)
        expect.expect(seen["wait"]["who"] and seen["wait"]["until"], f"{name}: it says who can go on, and until when")
    for name in ("child", "grandchild", "left"):
        expect.within(5, lambda pid=int((pids / name).read_text()): not is_running(pid), f"no process is left behind: the {name}")
    # Four answers of up to 16 MiB at once; built as JSON values, one of them alone would take half a gigabyte.
    took = largest_memory_mb(daemon.process.pid) - before
    print(f"      {took} MiB more than before")
    expect.expect(took < 150, "the daemon's memory stays small", f"{took} MiB more than before")
    scratch = [path for path in (daemon.work / "data").rglob("*") if path.is_file() and path.stat().st_size > 32 << 20]
    expect.expect(not scratch, "nothing large is left on the disk", scratch)

    for name, promotion in open_promotions.items():
        write(name, ANSWER)
        expect.expect(daemon.retry(promotion)[0] == 200, f"{name}: mended, and a person retries")
    for name, promotion in open_promotions.items():
        seen = daemon.wait_for_phase(promotion, {"live"})
        expect.expect([check["attempt"] for check in seen["checks"]] == [1, 2], f"{name}: live by its second attempt")

    # Told to stop while a gate has an hour left.
    for left in pids.iterdir():
        left.unlink()
    write("endless", PROGRAMS["endless"][0])
    promotion = daemon.open_promotion("patient-model")
    expect.within(10, (pids / "child").exists, "a gate that does not end has begun")
    asked = time.monotonic()
    expect.expect(daemon.stop() == 0 and time.monotonic() - asked < 30, "it stops all the same", f"{time.monotonic() - asked:.0f} s")
    for name in ("child", "grandchild"):
        expect.within(5, lambda pid=int((pids / name).read_text()): not is_running(pid), f"the gate's processes end with it: the {name}")
    write("endless", ANSWER)
    daemon.start()
    seen = daemon.wait_for_phase(promotion, {"live"})
    expect.expect([check["attempt"] for check in seen["checks"]] == [1], "after the restart the same check is carried out again")
    expect.expect(daemon.stop() == 0, "it stops cleanly")

    (folder / "status").write_text("#!/bin/sh\nexit 9\n")
    refused = subprocess.run([daemon.programs / "penstockd", "--config", daemon.work / "penstock.yaml"], capture_output=True, text=True, timeout=60)
    expect.told(refused.stderr, "gate-status", "exit status 9", str(folder / "status"), what="a program that cannot describe itself is refused at the start")
    expect.expect(refused.returncode == 1, "with exit status 1", refused.returncode)


if __name__ == "__main__":
    main(story, __doc__)
