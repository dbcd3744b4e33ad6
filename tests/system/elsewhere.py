"""The audit log of the real penstockd kept elsewhere: a folder, a bare git repository, one behind HTTP, and a witness. What a policy
wants acknowledged waits for each of them, through kills, and every copy verifies by itself."""

import base64
import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {{name: {name}}}
spec:
  model: {name}-*
  environment: production
  stages: [{{name: checks, gates: [{{use: described}}]}}]
  deliver: [{{name: serving, kind: webhook, with: {{receiver: receiver}}}}]
  audit: {{acknowledged_by: [{by}]}}
"""


class Witness:
    """A tlog-witness that believes whatever goes on from the size it has seen; proofs are verified in tests/audit."""

    def __init__(self, work: pathlib.Path):
        self.key, self.size, self.away = work / "witness.pem", 0, False
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True, capture_output=True)
        public = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout[-32:]
        self.name = "witness.example.com/w1"
        self.id = hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4]
        self.text = f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([4]) + public).decode()}"
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = witness.take(body) if self.path == "/w/add-checkpoint" and not witness.away else (503, "")
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/w"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: str):
        head, note = body.split("\n\n", 1)
        text = note.split("\n\n")[0] + "\n"
        if int(head.split("\n")[0].split(" ")[1]) != self.size:
            return 409, f"{self.size}\n"
        self.size, now = int(text.split("\n")[1]), int(time.time())
        message = self.key.with_suffix(".message")
        message.write_text(f"cosignature/v1\ntime {now}\n{text}")
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", message], check=True, capture_output=True).stdout
        return 200, f"— {self.name} {base64.b64encode(self.id + now.to_bytes(8, 'big') + signature).decode()}\n"


class GitServer:
    """`git http-backend` behind HTTP, which takes pushes from whoever knows the password."""

    def __init__(self, folder: pathlib.Path):
        subprocess.run(["git", "init", "--quiet", "--bare", folder / "hub.git"], check=True)
        subprocess.run(["git", "-C", folder / "hub.git", "config", "http.receivepack", "true"], check=True)
        subprocess.run(["git", "-C", folder / "hub.git", "config", "receive.denyNonFastForwards", "true"], check=True)
        self.refused = 0
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                while self.headers.get("Transfer-Encoding") == "chunked":
                    piece = self.rfile.read(int(self.rfile.readline(), 16))
                    self.rfile.readline()
                    if not piece:
                        break
                    body += piece
                if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"penstock:push-password").decode():
                    server.refused += 1
                    return self.send(401, [("WWW-Authenticate", "Basic realm=git")], b"")
                path, _, query = self.path.partition("?")
                made = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env={
                    **os.environ, "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                    "REMOTE_USER": "penstock", "REMOTE_ADDR": "127.0.0.1"}).stdout
                head, _, content = made.partition(b"\r\n\r\n")
                headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
                status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
                self.send(status, [pair for pair in headers if pair[0] != "Status"], content)

            def send(self, status, headers, content):
                self.send_response(status)
                for name, value in [*headers, ("Content-Length", str(len(content)))]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hub.git"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def story(check, programs, work):
    receiver = Receiver()
    everybody = "vault, history, hub, w1"
    daemon = Daemon(programs, work, POLICY.format(name="audited", by=everybody), POLICY.format(name="cosigned", by="w1"),
                    receiver_url=receiver.url)
    vault, history = daemon.work / "vault", daemon.work / "history.git"
    hub, witness = GitServer(daemon.work), Witness(daemon.work)
    subprocess.run(["git", "init", "--quiet", "--bare", history], check=True)
    key = daemon.work / "audit.key"

    def run(*arguments):
        return subprocess.run([daemon.programs / "penstock", *map(str, arguments)], capture_output=True, text=True, timeout=120)

    run("audit", "keygen", "--name", "example.com/audit", "--key", key)
    password = daemon.work / "password"
    password.touch(mode=0o600)
    password.write_text("push-password")
    settings = daemon.work / "penstock.yaml"
    plain = settings.read_text()
    settings.write_text(plain + f"""audit:
  key: {{file: audit.key}}
  sinks:
    - {{name: vault, kind: file, folder: vault}}
    - {{name: history, kind: git, repository: history.git}}
    - {{name: hub, kind: git, repository: "{hub.url}", allow_private: true, basic_auth: {{user: penstock, password: {{file: password}}}}}}
  witnesses: [{{name: w1, key: "{witness.text}", url: "{witness.url}", allow_private: true}}]
""")
    daemon.start()

    def phase(promotion):
        return daemon.call("GET", f"/v1/promotions/{promotion}", token="ann")[2]["phase"]

    def submit(model):
        return daemon.submit(model)[2]["promotions"][0]["id"]

    def explained(promotion):
        return daemon.call("GET", f"/v1/promotions/{promotion}/explanation", token="ann")[2]

    def acknowledgers():
        return {one["name"]: one for one in daemon.call("GET", "/readyz", token="ann")[2].get("acknowledgers", [])}

    # One of the four is away: its folder is not there.
    first = submit("audited-1")
    daemon.wait_for_phase(first, {"awaiting_window"})
    check.within(20, lambda: all(acknowledgers()[name]["entries"] > 0 for name in ("history", "hub", "w1")), "three of four acknowledge")
    check.expect(phase(first) == "awaiting_window" and not receiver.effects, "nothing is delivered while the vault is away")
    told = explained(first)
    check.expect("vault, history, hub and w1" in told["paragraph"], "the explanation says who is waited for", told["paragraph"])
    tree = json.dumps(told["tree"])
    check.expect("the sink's folder is not there" in tree, "and what keeps the vault from it", tree)
    check.expect(acknowledgers()["vault"]["problem"] == "audit-failed" and "failing_since" in acknowledgers()["vault"], "so does /readyz", acknowledgers())
    wanted = ('penstock_audit_acknowledger_problem{by="vault"} 1', 'penstock_audit_acknowledger_problem{by="history"} 0')
    check.within(20, lambda: all(line in daemon.metrics() for line in wanted), "and the metrics, which are told now and then")

    # Killed while it waits, and with it goes what it knew of the others.
    daemon.kill()
    daemon.start()
    check.within(20, lambda: acknowledgers()["history"]["entries"] > 0 and acknowledgers()["w1"]["entries"] > 0, "after a kill the others are asked again")
    time.sleep(1)
    check.expect(phase(first) == "awaiting_window" and not receiver.effects, "after a kill it still waits for the vault")
    vault.mkdir()
    daemon.wait_for_phase(first, {"live"})
    check.expect(len(receiver.effects) == 1, "once the vault is there, it is delivered", receiver.effects)
    kept = daemon.call("GET", f"/v1/promotions/{first}", token="ann")[2]["acknowledgement"]
    check.expect(kept["entries"] > 0 and kept["by"] == ["vault", "history", "hub", "w1"], "it says how many entries they had", kept)

    # A witness that is away holds up those alone whose policy names it, and what is known of it is that it is away.
    witness.away = True
    waiting = submit("cosigned-1")
    daemon.wait_for_phase(waiting, {"awaiting_window"})
    check.within(20, lambda: "problem" in acknowledgers()["w1"], "a witness that answers 503 is told of")
    check.expect(acknowledgers()["w1"]["problem"] == "witness-refused", "and how", acknowledgers()["w1"])
    check.expect(phase(waiting) == "awaiting_window", "its promotion waits")
    witness.away = False
    daemon.wait_for_phase(waiting, {"live"})

    # Killed in the middle of a burst, again and again: nothing is delivered twice or lost, and nobody's copy is broken.
    promotions = []
    for burst in range(4):
        for number in range(10):
            promotions.append(submit(f"audited-{burst}-{number}"))
        time.sleep(0.3 * burst)
        daemon.kill()
        daemon.start()
    for promotion in promotions:
        daemon.wait_for_phase(promotion, {"live"}, 120)
    check.expect(len(receiver.effects) == len(promotions) + 2 and all(len(ids) == 1 for ids in receiver.effects.values()) and not receiver.bad,
                 "each of them is delivered once", {name: ids for name, ids in receiver.effects.items() if len(ids) != 1})
    check.expect(daemon.stop() == 0, "it stops cleanly")

    checkpoint = daemon.work / "data/audit/checkpoint"
    size = int(checkpoint.read_text().split("\n")[1])
    for name, repository in (("history", history), ("hub", daemon.work / "hub.git")):
        subprocess.run(["git", "clone", "--quiet", "--branch", "audit", repository, daemon.work / name], check=True, capture_output=True)
        subprocess.run(["rm", "-rf", daemon.work / name / ".git"], check=True)
        authors = subprocess.run(["git", "-C", repository, "log", "--format=%an", "audit"], capture_output=True, text=True).stdout.split()
        check.expect(len(authors) > 3 and set(authors) == {"Penstock"}, f"{name} has commits by Penstock alone", authors)
    for name in ("vault", "history", "hub", "data/audit"):
        good = run("audit", "verify", daemon.work / name, "--key", daemon.work / "audit.key.pub", "-o", "json")
        report = json.loads(good.stdout or "{}")
        check.expect(report.get("good") and report["size"] == size, f"{name} has everything and verifies by itself", good)
    cosigned = run("audit", "verify", daemon.work / "data/audit", "--key", daemon.work / "audit.key.pub", "--witness", witness.text)
    check.expect(cosigned.returncode == 0 and "cosigned by witness.example.com/w1" in cosigned.stdout, "the log is cosigned", cosigned)
    (daemon.work / "stranger").mkdir()
    stranger = Witness(daemon.work / "stranger")
    missing = run("audit", "verify", daemon.work / "data/audit", "--key", daemon.work / "audit.key.pub", "--witness", stranger.text)
    check.expect(missing.returncode == 2 and "not cosigned" in missing.stderr, "and not by a stranger of the same name", missing)
    check.expect("push-password" not in daemon.log(), "no secret is in the log")

    # A copy that says something else is refused, and told.
    (vault / "checkpoint").write_text((vault / "checkpoint").read_text().replace("example.com", "exbmple.com"))
    daemon.start()
    check.within(20, lambda: acknowledgers()["vault"].get("problem") == "audit-differs", "a sink that was tampered with is told of")
    daemon.stop()
    settings.write_text(plain)
    (daemon.work / "gate-definitions/policies/1.yaml").unlink()
    try:
        daemon.start()
        check.expect(False, "a policy that names sinks which the settings do not have is refused")
    except SystemExit:
        check.expect("the audit log has no sink or witness" in daemon.log(), "a policy that names sinks which the settings do not have is refused")


if __name__ == "__main__":
    main(story, __doc__)
