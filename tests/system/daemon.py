"""Starts and stops the real penstockd on loopback, and talks to it: shared by the system tests. Standard library only."""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

SECRET = "system-test-secret-of-a-good-length"

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: described}
spec: {kind: candidate-fields, with: {require: [labels.owner]}}
"""


def listed(key: str, items) -> str:
    return f"{key}:\n" + "".join(f"  - {item}\n" for item in items) if items else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ReceiverServer(http.server.ThreadingHTTPServer):
    """A daemon that is killed cuts its connections: that is what such a test is about, and no error of the receiver."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Receiver:
    """Takes webhooks, verifies them, and counts the effect of each delivery key once per webhook-id."""

    def __init__(self):
        self.effects = {}
        self.bad = []
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.take(self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ReceiverServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body) -> int:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        with self.lock:
            if not hmac.compare_digest(wanted, headers["webhook-signature"]):
                self.bad.append(headers["webhook-id"])
                return 401
            key = json.loads(body)["data"]["key"]
            self.effects.setdefault(key, set()).add(headers["webhook-id"])
        return 204


class Daemon:
    """`policies` and `gates` are YAML documents; `endpoints`, `sources` and `hooks` are lists of flow mappings, `limits` is one."""

    def __init__(self, programs: pathlib.Path, work: pathlib.Path, *policies: str, receiver_url: str = "http://127.0.0.1:9/none",
                 gates=(), endpoints=(), sources=(), hooks=(), limits: str = "{}", data: str = "data"):
        self.programs, self.work = programs.resolve(), work.resolve()
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in ("gate-definitions/gates", "gate-definitions/policies"):
            (self.work / folder).mkdir(parents=True)
        for number, gate in enumerate((GATE, *gates)):
            (self.work / f"gate-definitions/gates/{number}.yaml").write_text(gate)
        for number, policy in enumerate(policies):
            (self.work / f"gate-definitions/policies/{number}.yaml").write_text(policy)
        secret = self.work / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        people = "".join(
            f"  - {{name: {name}, groups: [{group}], tokens: [{{sha256: {hashlib.sha256(f'token-{name}'.encode()).hexdigest()}}}]}}\n"
            for name, group in (("ann", "release-managers"), ("bob", "release-managers"), ("max", "guests")))
        receiver = f"{{name: receiver, kind: webhook, url: \"{receiver_url}\", secret: {{file: secret}}, allow_private: true}}"
        approvals = "{name: ann, kind: approvals, secret: {file: secret}, approver: ann}"
        (self.work / "penstock.yaml").write_text(
            f"listen: 127.0.0.1:{self.port}\ndata: {data}\ndefinitions: gate-definitions\nlimits: {limits}\npeople:\n{people}"
            f"services:\n  - {{name: ci, tokens: [{{sha256: {hashlib.sha256(b'token-ci').hexdigest()}}}]}}\n"
            + listed("endpoints", [receiver, *endpoints]) + listed("sources", sources) + listed("hooks", [approvals, *hooks]))
        self.process = None
        self.log_file = self.work / "penstockd.log"

    def start(self):
        # It ends with the test, also when ctest kills that.
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", self.programs / "penstockd", "--config",
                                             self.work / "penstock.yaml"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if self.call("GET", "/livez")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise SystemExit("penstockd did not start: " + self.log()[-2000:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def call(self, method: str, path: str, body=None, token="", headers=None):
        """Returns status, headers and the JSON of the answer (or its text)."""
        data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
        sent = {"Content-Type": "application/json"} if data is not None else {}
        if token:
            sent["Authorization"] = f"Bearer token-{token}"
        request = urllib.request.Request(self.url + path, data=data, method=method, headers={**sent, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, got, text = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, got, text = error.code, error.headers, error.read()
        try:
            return status, got, json.loads(text)
        except ValueError:
            return status, got, text.decode(errors="replace")

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def logged(self, event: str, **fields):
        """The log's entries of this event that carry these fields."""
        entries = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [entry for entry in entries if entry["event"] == event and all(entry.get(key) == value for key, value in fields.items())]

    def metrics(self) -> str:
        return self.call("GET", "/metrics")[2]

    def submit(self, model: str, version: str = "1", owner: str = "team"):
        return self.call("POST", "/v1/candidates", {"model": model, "version": version, "labels": {"owner": owner} if owner else {}}, "ci")

    def wait_for_phase(self, promotion: str, phases, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = self.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
            if seen["phase"] in phases:
                return seen
            if seen.get("ended"):
                break
            time.sleep(0.05)
        raise SystemExit(f"{promotion} is {seen['phase']}, not {phases}: {seen.get('reason', '')} {seen.get('wait', '')}")

    def open_promotion(self, model: str, version: str = "1", **more) -> str:
        """Submits a candidate that is new, and returns its promotion."""
        document = {"model": model, "version": version, "labels": {"owner": "team"}, **more}
        status, _, answer = self.call("POST", "/v1/candidates", document, "ci")
        if status != 201:
            raise SystemExit(f"{model} {version} was answered {status}: {answer}")
        return answer["promotions"][0]["id"]

    def decide(self, promotion: str, person: str = "ann", decision: str = "approve"):
        seen = self.call("GET", f"/v1/promotions/{promotion}", token=person)[2]
        return self.call("POST", f"/v1/promotions/{promotion}/decisions", {"decision": decision, "note": "seen"}, person,
                         {"If-Match": f"\"{seen['decide_on']}\""})

    def retry(self, promotion: str, person: str = "ann"):
        return self.call("POST", f"/v1/promotions/{promotion}/retry", {}, person)
