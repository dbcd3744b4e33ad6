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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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
    def __init__(self, programs: pathlib.Path, work: pathlib.Path, policy: str, receiver_url: str = "http://127.0.0.1:9/none"):
        self.programs, self.work = programs.resolve(), work.resolve()
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in ("gate-definitions/gates", "gate-definitions/policies"):
            (self.work / folder).mkdir(parents=True)
        (self.work / "gate-definitions/gates/described.yaml").write_text(GATE)
        (self.work / "gate-definitions/policies/policy.yaml").write_text(policy)
        secret = self.work / "secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        people = "".join(
            f"  - {{name: {name}, groups: [{group}], tokens: [{{sha256: {hashlib.sha256(f'token-{name}'.encode()).hexdigest()}}}]}}\n"
            for name, group in (("ann", "release-managers"), ("bob", "release-managers"), ("max", "guests")))
        (self.work / "penstock.yaml").write_text(
            f"listen: 127.0.0.1:{self.port}\ndata: data\ndefinitions: gate-definitions\npeople:\n{people}"
            f"services:\n  - {{name: ci, tokens: [{{sha256: {hashlib.sha256(b'token-ci').hexdigest()}}}]}}\n"
            f"endpoints:\n  - {{name: receiver, kind: webhook, url: \"{receiver_url}\", secret: {{file: secret}}, allow_private: true}}\n"
            "hooks:\n  - {name: ann, kind: approvals, secret: {file: secret}, approver: ann}\n")
        self.process = None

    def start(self):
        log = open(self.work / "penstockd.log", "ab")
        self.process = subprocess.Popen([self.programs / "penstockd", "--config", self.work / "penstock.yaml"], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if self.call("GET", "/livez")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise SystemExit("penstockd did not start: " + (self.work / "penstockd.log").read_text()[-2000:])

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

    def submit(self, model: str, version: str = "1", owner: str = "team"):
        return self.call("POST", "/v1/candidates", {"model": model, "version": version, "labels": {"owner": owner} if owner else {}}, "ci")

    def wait_for_phase(self, promotion: str, phases, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = self.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]
            if seen["phase"] in phases:
                return seen
            time.sleep(0.05)
        raise SystemExit(f"{promotion} is {seen['phase']}, not {phases}")
