"""A penstockd of the release build, with a hook, a token, policies of no-op gates and webhook receivers."""

import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

SECRET = "a-secret-for-the-benchmarks-only"
TOKEN = "a-token-for-the-benchmarks-only"
DELIVERIES = 20  # of one promotion under the policy `fan`
HUNG = 10

GATES = {
    "no-op": "{kind: candidate-fields, with: {require: [version]}}",
    "asking": "{kind: smoke-test, with: {target: \"http://127.0.0.1:@PORT@\", allow_private: true, "
              "requests: [{name: it, path: /, expect: {status: [200]}}]}}"}


def policy(name: str, gates, deliveries=(), model: str = "") -> str:
    stages = ", ".join(f"{{name: s{i}, gates: [{{name: g{i}, use: {gate}}}]}}" for i, gate in enumerate(gates))
    sends = ", ".join(f"{{name: d{i}, kind: webhook, with: {{receiver: {receiver}}}}}" for i, receiver in enumerate(deliveries))
    return (f"apiVersion: penstock/v1\nkind: Policy\nmetadata: {{name: {name}}}\n"
            f"spec: {{model: \"{model or name + '-*'}\", environment: production, stages: [{stages}], deliver: [{sends}]}}\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Receiver:
    """Takes webhooks on `port` and answers at once; on `hung_port` it takes them and never answers."""

    def __init__(self, build: pathlib.Path):
        self.port, self.hung_port = free_port(), free_port()
        self.process = subprocess.Popen([build / "tests/bench_receive", str(self.port), str(self.hung_port)])

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Daemon:
    """`postgres` is a libpq connection; without it the journal is SQLite's."""

    def __init__(self, build: pathlib.Path, work: pathlib.Path, postgres: str = "", audit: bool = True, receiver: Receiver = None):
        self.build, self.work, self.postgres = build.resolve(), work.resolve(), postgres
        self.port, self.gate_port = free_port(), free_port()
        definitions = self.work / "gate-definitions"
        for folder in (definitions / "gates", definitions / "policies", self.work / "shelf", self.work / "data"):
            folder.mkdir(parents=True)
        for name, spec in GATES.items():
            (definitions / f"gates/{name}.yaml").write_text(
                f"apiVersion: penstock/v1\nkind: Gate\nmetadata: {{name: {name}}}\nspec: {spec}\n".replace("@PORT@", str(self.gate_port)))
        policies = [("four", ["no-op"] * 4), ("asking", ["asking"]), ("filled", ["no-op"])]
        if receiver:
            policies += [("fan", ["no-op"], ["quick"] * DELIVERIES), ("one", ["no-op"], ["quick"])]
            policies += [(f"hung{i}", ["no-op"], [f"hung{i}"]) for i in range(HUNG)]
        for one in policies:
            (definitions / f"policies/{one[0]}.yaml").write_text(policy(*one))
        for name, text in (("secret", SECRET), ("token", TOKEN)):
            (self.work / name).touch(mode=0o600)
            (self.work / name).write_text(text)
        (self.work / "penstock.yaml").write_text(self.settings(audit, receiver))
        self.process = None

    def settings(self, audit: bool, receiver) -> str:
        text = (f"listen: 127.0.0.1:{self.port}\ndata: data\ndefinitions: gate-definitions\n"
                f"services: [{{name: bench, tokens: [{{sha256: {hashlib.sha256(TOKEN.encode()).hexdigest()}}}]}}]\n"
                f"sources: [{{name: shelf, kind: directory, every: 60s, with: {{root: {self.work}/shelf}}}}]\n"
                "hooks: [{name: push, kind: post-receive, secret: {file: secret}, source: shelf}]\n")
        if self.postgres:
            text += "journal: {postgres: {env: PENSTOCK_POSTGRES}, lease: 2s}\n"
        if audit:
            subprocess.run([self.build / "bin/penstock", "audit", "keygen", "--name", "bench.example/audit", "--key", self.work / "audit.key"],
                           check=True, stdout=subprocess.DEVNULL)
            text += "audit: {key: {file: audit.key}}\n"
        if receiver:
            to = [("quick", receiver.port)] + [(f"hung{i}", receiver.hung_port) for i in range(HUNG)]
            text += "endpoints:\n" + "".join(
                f"  - {{name: {name}, kind: webhook, url: \"http://127.0.0.1:{port}/{name}\", secret: {{file: secret}}, allow_private: true}}\n"
                for name, port in to)
        return text

    def start(self) -> float:
        """Seconds from the start of the process until it answers that it is ready."""
        since = time.monotonic()
        with open(self.work / "penstockd.log", "ab") as log:
            self.process = subprocess.Popen([self.build / "bin/penstockd", "--config", self.work / "penstock.yaml"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=os.environ | {"PENSTOCK_POSTGRES": self.postgres})
        while time.monotonic() < since + 120 and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return time.monotonic() - since
            except OSError:
                time.sleep(0.001)
        raise SystemExit("penstockd did not start: " + (self.work / "penstockd.log").read_text()[-2000:])

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, path: str, body=None) -> dict:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", None if body is None else json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            raise SystemExit(f"{path} was answered {refused.code}: {refused.read()[:2000]!r}") from None

    def submit(self, model: str, version: str) -> str:
        return self.call("/v1/candidates", {"model": model, "version": version})["promotions"][0]["id"]

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

    def fill(self, *options):
        subprocess.run([self.build / "tests/bench_fill", *options, *([] if self.postgres else ["--sqlite", self.work / "data/journal.db"])],
                       check=True, timeout=1800, env=os.environ | {"PENSTOCK_POSTGRES": self.postgres})
