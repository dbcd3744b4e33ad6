"""A backup of a daemon that works, and a daemon on what was made of it."""

import hashlib
import http.server
import json
import pathlib
import shutil
import signal
import subprocess
import threading
import time

from command import DONE, USAGE, Command
from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""


class Slow(http.server.BaseHTTPRequestHandler):
    """A daemon with much to back up: longer than any other answer is waited for."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(33)
        body = json.dumps({"id": "bkp_1", "folder": "/far/away/bkp_1", "events": 1, "files": 2, "bytes": 3}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def begin_slow_one(programs):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Command(programs, f"http://127.0.0.1:{server.server_address[1]}", "ann").start("backup")


def refused(check, penstock, backup, work):
    """Wrong use of `restore`: nothing is made, and no password is repeated."""
    target = work / "refused"
    empty = work / "empty"
    empty.write_text("\n")
    password = "hunter2-of-nobody"
    for options, part in ((["--schema", "other"], "--postgres"), (["--postgres", ""], "cannot be read"), (["--postgres", empty], "is empty"),
                          (["--postgres", f"host=db user=ann password={password}"], "a FILE that holds the connection was expected"),
                          (["--postgres", f"postgres://ann:{password}@db/penstock"], "a FILE that holds the connection was expected")):
        seen = penstock("restore", backup, target, *options)
        check.expect(seen.code == USAGE and part in seen.err and password not in seen.err + seen.out and not target.exists(),
                     f"{options[0]} {'' if password in str(options[1]) else options[1]}: 2, and nothing is restored", seen)
    target.touch()
    seen = penstock("restore", backup, target)
    check.expect(seen.code == USAGE and "no folder" in seen.err and target.is_file(), "a file is no data folder, and stays: 2", seen)


def killed(check, programs, penstock, backup, work):
    """A restore that is killed when it has the journal, and not yet all of the store."""
    copy = work / "large"
    shutil.copytree(backup, copy)
    size, piece = 256 << 20, bytes(1 << 20)
    digest = hashlib.sha256()
    for _ in range(size // len(piece)):
        digest.update(piece)
    blob = copy / "store/blobs" / digest.hexdigest()[:2] / digest.hexdigest()
    blob.parent.mkdir(parents=True, exist_ok=True)
    with open(blob, "wb") as file:
        file.truncate(size)
    manifest = json.loads((copy / "MANIFEST.json").read_text())
    manifest["store"]["blobs"].append("sha256:" + digest.hexdigest())
    (copy / "MANIFEST.json").write_text(json.dumps(manifest))
    data = work / "cut-off"
    process = penstock.start("restore", copy, data)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if any((folder / "journal.db").exists() for folder in (data, data / ".unfinished-restore")):
            break
        time.sleep(0.001)
    process.kill()
    check.expect(process.wait() == -signal.SIGKILL and not (data / "journal.db").exists(), "a restore that is killed leaves nothing that a daemon takes for whole",
                 sorted(data.iterdir()) if data.exists() else process.communicate())
    left = sorted(data.rglob("*"))
    beside = Daemon(programs, work / "beside", POLICY, data=str(data))
    started = subprocess.run([beside.programs / "penstockd", "--config", beside.work / "penstock.yaml"], capture_output=True, text=True, timeout=60)
    check.expect(started.returncode == 1 and "a restore has not ended here" in started.stderr and sorted(data.rglob("*")) == left,
                 "a daemon does not start there, and changes nothing", started)
    seen = penstock("restore", copy, work / "whole")
    check.expect(seen.code == DONE and (work / "whole/store" / blob.relative_to(copy / "store")).stat().st_size == size, "in another folder it is restored", seen)
    for folder in (copy, data, work / "whole"):
        shutil.rmtree(folder, ignore_errors=True)


def story(check, programs, work):
    slow = begin_slow_one(programs)
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url).start()
    ann, ci = (Command(programs, daemon.url, person) for person in ("ann", "ci"))

    def live(version: str) -> str:
        document = json.dumps({"model": "fraud-eu", "version": version, "labels": {"owner": "team"}})
        one = ci("submit", "-", "-o", "json", stdin=document).json()["promotions"][0]["id"]
        return daemon.wait_for_phase(one, {"live"})["id"]

    first = live("1")
    seen = ann("backup", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["events"] > 0, "a person makes a backup", seen)
    seen = ci("backup", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["events"] > 0, "and a service does, at night", seen)
    backup = seen.json()["folder"]
    check.expect(pathlib.Path(backup).stat().st_mode & 0o777 == 0o700, "which nobody else can look into")
    second = live("2")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")

    seen = ann("restore", backup, str(daemon.work / "data"))
    check.expect(seen.code == USAGE and "not empty" in seen.err, "nothing is restored over what is there: 2", seen)
    refused(check, ann, backup, daemon.work)
    killed(check, programs, ann, backup, daemon.work)
    copy = daemon.work / "elsewhere"
    shutil.copytree(backup, copy)
    shutil.rmtree(daemon.work / "data")
    seen = ann("restore", str(copy), str(daemon.work / "data"))
    check.expect(seen.code == DONE and "every one is what it was" in seen.out, "the data folder is made again", seen)
    daemon.start()
    check.expect(ann("status", first, "-o", "json").json()["phase"] == "live", "what was live then is live")
    check.expect(ann("status", second).code == USAGE, "and what came after it is not known")
    third = live("3")
    check.expect(len(receiver.effects) == 3, "what was delivered is not delivered again", receiver.effects)
    check.expect(ann("history", "fraud-eu", "production").out.count(third) == 1, "and the lane goes on")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")

    manifest = json.loads((copy / "MANIFEST.json").read_text())
    (copy / "MANIFEST.json").write_text(json.dumps({**manifest, "backup": 1, "documents": []}))
    seen = ann("restore", str(copy), str(daemon.work / "former"))
    check.expect(seen.code == DONE and "cannot be told" in seen.out, "of an earlier backup it says that nobody can tell what is missing", seen)
    (copy / "journal.db").write_bytes(b"x" + (copy / "journal.db").read_bytes()[1:])
    seen = ann("restore", str(copy), str(daemon.work / "again"))
    check.expect(seen.code == USAGE and "journal.db" in seen.err and not (daemon.work / "again").exists(), "one changed byte: 2, with the file's name", seen)

    out, error = slow.communicate(timeout=120)
    check.expect(slow.returncode == DONE and "/far/away/bkp_1" in out, "a backup that takes long is waited for", out + error)


if __name__ == "__main__":
    main(story, __doc__)
