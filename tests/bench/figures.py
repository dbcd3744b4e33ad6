"""Measures a penstockd of the release build on loopback: one JSON line per figure, with what is aimed at beside it.

Every figure is the median of several rounds against one daemon, which stays up between them; the load generator shares the
machine's cores with it. `fdatasync_p50_ms` tells what the disk itself takes.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROUNDS = 5
SECRET = "a-secret-for-the-benchmarks-only"
TOKEN = "a-token-for-the-benchmarks-only"
AIMS = {"ingest_per_s": (">=", 20000, "1/s"), "ingest_p99_ms": ("<=", 10, "ms"), "first_gate_p50_ms": ("<=", 1, "ms"),
        "promotion_p50_ms": ("<=", 1.6, "ms"), "promotions_per_s": (">=", 6400, "1/s"), "idle_rss_mb": ("<=", 25, "MB"),
        "restart_1m_s": ("<=", 0.5, "s"), "simulate_10k_s": ("<=", 2, "s")}

NO_OP_GATE = "apiVersion: penstock/v1\nkind: Gate\nmetadata: {name: no-op}\nspec: {kind: candidate-fields, with: {require: [version]}}\n"
ASKING_GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: asking}
spec: {kind: smoke-test, with: {target: "http://127.0.0.1:@PORT@", allow_private: true, requests: [{name: it, path: /, expect: {status: [200]}}]}}
"""


def policy(model: str, gates) -> str:
    stages = ", ".join(f"{{name: s{i}, gates: [{{name: g{i}, use: {gate}}}]}}" for i, gate in enumerate(gates))
    return (f"apiVersion: penstock/v1\nkind: Policy\nmetadata: {{name: {model}}}\n"
            f"spec: {{model: \"{model}-*\", environment: production, stages: [{stages}]}}\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """A penstockd in `work`, with a hook, a token, and policies of four no-op gates and of one gate that calls back."""

    def __init__(self, build: pathlib.Path, work: pathlib.Path):
        self.build, self.work = build.resolve(), work.resolve()
        self.port, self.gate_port = free_port(), free_port()
        definitions = self.work / "gate-definitions"
        for folder in (definitions / "gates", definitions / "policies", self.work / "shelf", self.work / "data"):
            folder.mkdir(parents=True)
        (definitions / "gates/no-op.yaml").write_text(NO_OP_GATE)
        (definitions / "gates/asking.yaml").write_text(ASKING_GATE.replace("@PORT@", str(self.gate_port)))
        (definitions / "policies/four.yaml").write_text(policy("four", ["no-op"] * 4))
        (definitions / "policies/asking.yaml").write_text(policy("asking", ["asking"]))
        (definitions / "policies/filled.yaml").write_text(policy("filled", ["no-op"]))
        for name, text in (("secret", SECRET), ("token", TOKEN)):
            (self.work / name).touch(mode=0o600)
            (self.work / name).write_text(text)
        (self.work / "penstock.yaml").write_text(
            f"listen: 127.0.0.1:{self.port}\ndata: data\ndefinitions: gate-definitions\n"
            f"services: [{{name: bench, tokens: [{{sha256: {hashlib.sha256(TOKEN.encode()).hexdigest()}}}]}}]\n"
            f"sources: [{{name: shelf, kind: directory, every: 60s, with: {{root: {self.work}/shelf}}}}]\n"
            "hooks: [{name: push, kind: post-receive, secret: {file: secret}, source: shelf}]\n")
        self.process = None

    def start(self) -> float:
        """Seconds from the start of the process until it answers that it is ready."""
        since = time.monotonic()
        with open(self.work / "penstockd.log", "ab") as log:
            self.process = subprocess.Popen([self.build / "bin/penstockd", "--config", self.work / "penstock.yaml"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.monotonic() < since + 60 and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return time.monotonic() - since
            except OSError:
                time.sleep(0.001)
        raise SystemExit("penstockd did not start: " + (self.work / "penstockd.log").read_text()[-2000:])

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise SystemExit("no VmRSS")

    def load(self, kind: str, *options) -> dict:
        called = subprocess.run([self.build / "tests/bench_load", kind, "--port", str(self.port), "--token", self.work / "token", *options],
                                capture_output=True, text=True, timeout=300)
        if called.returncode != 0:
            raise SystemExit(f"the load {kind} was not answered as it should be: {called.stdout} {called.stderr}")
        return json.loads(called.stdout)


def report(figure: str, values, digits: int = 3):
    value = round(statistics.median(values), digits)
    line = {"figure": figure, "value": value}
    if figure in AIMS:
        word, bound, unit = AIMS[figure]
        line |= {"unit": unit, "aim": f"{word} {bound}", "met": value >= bound if word == ">=" else value <= bound}
    else:
        line |= {"unit": "us" if "_us_" in figure else "ms", "aim": None, "met": None}
    line |= {"lowest": round(min(values), digits), "highest": round(max(values), digits)}
    print(json.dumps(line), flush=True)


def measure_disk(work: pathlib.Path):
    took = []
    with open(work / "disk", "wb", buffering=0) as file:
        for _ in range(2000):
            file.write(b"p" * 4096)
            since = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - since) * 1000)
    return [statistics.median(took[i::ROUNDS]) for i in range(ROUNDS)]


def measure_restart(build: pathlib.Path, work: pathlib.Path):
    daemon = Daemon(build, work)
    subprocess.run([build / "tests/bench_fill", daemon.work / "data/journal.db", "1000000"], check=True, timeout=900)
    took = []
    for _ in range(ROUNDS):
        took.append(daemon.start())
        daemon.process.kill()
        daemon.process.wait()
    return took


def measure_simulation(build: pathlib.Path, work: pathlib.Path):
    """`penstock simulate` from its start to its end, on 10 000 promotions whose every answer is told again."""
    daemon = Daemon(build, work)
    subprocess.run([build / "tests/bench_fill", daemon.work / "data/journal.db", "10000"], check=True, timeout=900)
    daemon.start()
    gates = ", ".join(f"{{name: {name}, gates: [{{name: {name}, use: no-op}}]}}" for name in ("one", "two", "three", "four"))
    tried = daemon.work / "tried.yaml"
    tried.write_text("apiVersion: penstock/v1\nkind: Policy\nmetadata: {name: filled}\n"
                     f"spec: {{model: \"filled-*\", environment: production, stages: [{gates}]}}\n")
    environment = {"PENSTOCK_URL": f"http://127.0.0.1:{daemon.port}", "PENSTOCK_TOKEN_FILE": str(daemon.work / "token")}
    took = []
    for _ in range(ROUNDS):
        since = time.monotonic()
        called = subprocess.run([build / "bin/penstock", "simulate", tried, "--last", "10000", "-o", "json"], env=environment,
                                capture_output=True, text=True, timeout=300)
        took.append(time.monotonic() - since)
        told = json.loads(called.stdout) if called.returncode == 0 else {}
        if told.get("same") != 10000:
            raise SystemExit(f"the simulation did not tell that 10 000 end the same: {called.stdout[:2000]} {called.stderr}")
    daemon.stop()
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("figures", nargs="*", help="only these")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    work = build / "bench"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()

    def wanted(*figures):
        return not arguments.figures or any(figure in arguments.figures for figure in figures)

    if wanted("fdatasync_p50_ms"):
        report("fdatasync_p50_ms", measure_disk(work))
    daemon = Daemon(build, work / "daemon")
    daemon.start()
    if wanted("idle_rss_mb"):
        time.sleep(2)
        report("idle_rss_mb", [daemon.rss_mb()], 1)
    if wanted("first_gate_p50_ms"):
        rounds = [daemon.load("first-gate", "--listen", str(daemon.gate_port), "--model", "asking-1", "--count", "300") for _ in range(ROUNDS)]
        report("first_gate_p50_ms", [one["p50_ms"] for one in rounds])
    if wanted("promotion_p50_ms"):
        rounds = [daemon.load("promotions", "--model", "four", "--count", "500") for _ in range(ROUNDS)]
        report("promotion_p50_ms", [one["p50_ms"] for one in rounds])
    if wanted("promotions_per_s", "cpu_us_per_promotion"):
        rounds, cpu = [], []
        for _ in range(ROUNDS):
            before = daemon.cpu_seconds()
            rounds.append(daemon.load("promotions", "--model", "four", "--connections", "64", "--count", "10000"))
            cpu.append((daemon.cpu_seconds() - before) / 10000 * 1e6)
        report("promotions_per_s", [one["per_s"] for one in rounds], 0)
        report("cpu_us_per_promotion", cpu, 1)
    if wanted("ingest_per_s", "ingest_p99_ms"):
        rounds = [daemon.load("ingest", "--hook", "push", "--secret", daemon.work / "secret", "--connections", "64", "--count", "60000")
                  for _ in range(ROUNDS)]
        report("ingest_per_s", [one["per_s"] for one in rounds], 0)
        report("ingest_p99_ms", [one["p99_ms"] for one in rounds])
    daemon.stop()
    if wanted("restart_1m_s"):
        report("restart_1m_s", measure_restart(build, work / "restart"))
    if wanted("simulate_10k_s"):
        report("simulate_10k_s", measure_simulation(build, work / "simulate"))
    shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
