"""Two daemons share one PostgreSQL. One is killed in the middle of a burst of candidates, the other one is frozen until it has been
declared dead, and wakes. At the end every candidate is live exactly once, and the receiver saw each delivery under one webhook-id.

Exit status 1 when any of that is not so."""

import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from postgres import Postgres
from serving import SECRET, Serving, signed

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = ("models", "pushed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    def __init__(self, name: str, programs: pathlib.Path, work: pathlib.Path, serving: str, connection: str, lease: str):
        self.name, self.programs, self.connection = name, programs, connection
        self.port, self.log_file, self.settings = free_port(), work / f"{name}.log", work / f"{name}.yaml"
        text = (HERE / "penstock.yaml").read_text()
        for key, value in {"PORT": self.port, "DATA": work / name, "SERVING": serving, "LEASE": lease, "MODELS": work / "models",
                           "PUSHED": work / "pushed", "ANN": hashlib.sha256(b"token-ann").hexdigest(),
                           "CI": hashlib.sha256(b"token-ci").hexdigest()}.items():
            text = text.replace(f"@{key}@", str(value))
        self.settings.write_text(text)
        self.process = None

    def start(self):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", self.programs / "penstockd", "--config", self.settings],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, "PENSTOCK_POSTGRES": self.connection})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.call("GET", "/livez")[0] == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"daemon {self.name} did not start: {self.log_file.read_text()[-2000:]}")

    def send(self, number: int):
        self.process.send_signal(number)

    def call(self, method: str, path: str, body=None, token: str = "", patience: float = 10):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", "Authorization": f"Bearer token-{token}"})
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return answer.status, json.loads(answer.read() or b"null") if "json" in answer.headers.get("Content-Type", "") else None
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def push(self):
        """What a git server sends after a push; the hook nudges the source `pushed`."""
        body = b'{"type":"git.pushed","data":{"changes":[]}}'
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/hooks/push", method="POST", data=body,
                                         headers=signed(body, f"msg_{time.time_ns()}"))
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def logged(self, event: str) -> list:
        lines = (json.loads(line) for line in self.log_file.read_text(errors="replace").splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == event]

    def watched(self, source: str) -> list:
        return [line for line in self.logged("source.watched_here") if line["source"] == source]

    def wait_for_source(self, since: float) -> float:
        while not all(self.watched(source) for source in SOURCES):
            if time.monotonic() - since > 120:
                raise SystemExit(f"daemon {self.name} does not watch the sources")
            time.sleep(0.05)
        return time.monotonic() - since


class Burst:
    """Shows candidates to whichever daemon answers. Whoever gets no answer does not know, and asks again: the same candidate is the
    same promotion."""

    def __init__(self, daemons, candidates: int, seed: int):
        self.daemons, self.chance = daemons, random.Random(seed)
        self.models = [f"fraud-{number}" for number in range(candidates)]
        self.pending, self.acknowledged = list(self.models), set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while True:
            with self.lock:
                if not self.pending:
                    return
                model, daemon = self.pending.pop(), self.chance.choice(self.daemons)
                pause = self.chance.uniform(0, 0.08)
            try:
                status, _ = daemon.call("POST", "/v1/candidates", {"model": model, "version": "1", "labels": {"owner": "team"}}, "ci", 1.5)
            except OSError:
                status = 0
            with self.lock:
                if status in (200, 201):
                    self.acknowledged.add(model)
                else:
                    self.pending.insert(0, model)
            time.sleep(pause)

    def wait_for(self, share: float):
        deadline = time.monotonic() + 120
        while len(self.acknowledged) < share * len(self.models):
            if time.monotonic() > deadline:
                raise SystemExit(f"only {len(self.acknowledged)} of {len(self.models)} candidates were acknowledged")
            time.sleep(0.01)


def declared_dead(by: Daemon, before: int, since: float) -> float:
    """How long it took; the story ends when it takes far too long."""
    while len(by.logged("journal.declared_dead")) <= before:
        if time.monotonic() - since > 120:
            raise SystemExit(f"daemon {by.name} has not declared the other one dead")
        time.sleep(0.05)
    return time.monotonic() - since


def put_model(work: pathlib.Path, version: str, root: str = "models"):
    """A version in a watched folder; the marker comes last."""
    folder = work / root / "fraud-folder" / version
    folder.mkdir(parents=True)
    (folder / "model.txt").write_text(f"weights {version}")
    (folder / "candidate.yaml").write_text("labels: {owner: team}\n")
    (folder / ".complete").touch()


def check(daemons, serving: Serving, burst: Burst, versions: list) -> list:
    failures = []
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        promotions = daemons[0].call("GET", "/v1/promotions?limit=500", token="ann")[1]["promotions"]
        here = [one for one in promotions if one["model"] != "fraud-folder"]
        found = [one["version"] for one in promotions if one["model"] == "fraud-folder"]
        if len(here) >= len(burst.models) and len(found) >= len(versions) and all(one["phase"] in ("live", "replaced") for one in promotions):
            break
        time.sleep(0.2)
    if daemons[1].call("GET", "/v1/promotions?limit=500", token="ann")[1]["promotions"] != promotions:
        failures.append("the two daemons show different promotions")
    if sorted(found) != sorted(versions):
        failures.append(f"the source showed {versions}, promoted were {found}")
    by_model = {}
    for one in promotions:
        by_model.setdefault(one["model"], []).append(one)
    for model in burst.models:
        found = by_model.get(model, [])
        if model not in burst.acknowledged:
            failures.append(f"{model} was never acknowledged")
        if len(found) != 1 or found[0]["phase"] != "live":
            failures.append(f"{model} is not live once: {[(one['id'], one['phase'], one.get('reason', '')) for one in found]}")
        elif f"deliver/{found[0]['id']}/serving/1" not in serving.ids:
            failures.append(f"{model} is live, but its webhook never came")
    failures += [f"{key} came under {len(ids)} webhook-ids" for key, ids in serving.ids.items() if len(ids) != 1]
    if len(serving.ids) != len(burst.models) + len(versions):
        failures.append(f"{len(serving.ids)} delivery keys for {len(burst.models) + len(versions)} candidates")
    if serving.bad:
        failures.append(f"{serving.bad} webhooks had a bad signature")
    return failures


def tell(daemons, postgres: Postgres, serving: Serving, work: pathlib.Path, arguments) -> list:
    one, two = daemons
    one.start()
    one.wait_for_source(time.monotonic())
    two.start()
    put_model(work, "1")
    print("two daemons share one PostgreSQL; a burst of candidates begins")
    burst = Burst(daemons, arguments.candidates, arguments.seed)
    failures = []

    burst.wait_for(0.25)
    one.send(signal.SIGKILL)
    died = time.monotonic()
    one.process.wait()
    put_model(work, "2")
    took = declared_dead(two, 0, died)
    entry = two.logged("journal.declared_dead")[-1]
    print(f"daemon one was killed: two declared it dead after {took:.1f} s and freed {entry['claims_freed']} of its claims")
    if took > arguments.within:
        failures.append(f"it took {took:.1f} s until two took over; promised are {arguments.within} s")
    # The version that came meanwhile is seen before anybody else could.
    took = two.wait_for_source(died)
    print(f"daemon two watches the source since {took:.1f} s after that")
    if took > arguments.within:
        failures.append(f"it took {took:.1f} s until two watched the source; promised are {arguments.within} s")
    one.start()

    burst.wait_for(0.6)
    known = len(one.logged("journal.declared_dead"))
    two.send(signal.SIGSTOP)
    stood_still = time.monotonic()
    put_model(work, "3")
    took = declared_dead(one, known, stood_still)
    entry = one.logged("journal.declared_dead")[-1]
    print(f"daemon two was frozen: one declared it dead after {took:.1f} s and freed {entry['claims_freed']} of its claims")
    time.sleep(1)
    two.send(signal.SIGCONT)
    status = two.process.wait(30)
    print(f"daemon two woke, was refused by the database, and ended by itself with status {status}")
    if status != 75:
        failures.append(f"the daemon that woke ended with status {status}, not 75")
    two.start()

    burst.wait_for(1)
    put_model(work, "4")
    # One watches both sources since two was frozen. The hook comes to the other one.
    put_model(work, "5", root="pushed")
    two.push()
    print("a push was told to daemon two, of a source that daemon one watches, and would look at within an hour")
    failures += check(daemons, serving, burst, ["1", "2", "3", "4", "5"])
    for source in SOURCES:
        watched = [len(daemon.watched(source)) for daemon in daemons]
        if watched != [2, 1]:
            failures.append(f"one has taken up {source} {watched[0]} times instead of twice, two {watched[1]} times instead of once")
    refused = postgres.sql("SELECT count(*) FROM penstock.events") != postgres.sql("SELECT newest_seq FROM penstock.counters")
    if refused:
        failures.append("the event log has a gap")
    for daemon in daemons:
        daemon.send(signal.SIGTERM)
    if [daemon.process.wait(60) for daemon in daemons] != [0, 0]:
        failures.append("a daemon did not stop cleanly")
    left = postgres.sql("SELECT count(*) FROM penstock.daemons WHERE ended_at IS NULL")
    if left != "0":
        failures.append(f"{left} daemons are still in force after they stopped")
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--lease", default="2s", help="a daemon that is silent for longer is declared dead")
    parser.add_argument("--within", type=float, default=5.0, help="seconds until the other daemon has taken over: a lease and one sign of life")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copytree(HERE / "gate-definitions", work / "gate-definitions")
    (work / "models").mkdir()
    (work / "pushed").mkdir()
    (work / "secret").touch(mode=0o600)
    (work / "secret").write_text(SECRET)
    postgres = Postgres()
    serving = Serving()
    daemons = [Daemon(name, arguments.programs.resolve(), work, serving.url, postgres.connection, arguments.lease) for name in ("one", "two")]
    try:
        failures = tell(daemons, postgres, serving, work, arguments)
    finally:
        for daemon in daemons:
            if daemon.process is not None and daemon.process.poll() is None:
                daemon.send(signal.SIGKILL)
                daemon.process.wait()
        postgres.stop()
    print(*failures[:20], sep="\n", end="\n" if failures else "")
    print(f"{arguments.candidates} candidates, one kill, one freeze: " +
          (f"{len(failures)} failures (seed {arguments.seed}; logs in {work})" if failures else
           "each is live exactly once, and each delivery key came under one webhook-id"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
