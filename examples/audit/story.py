"""A model version is promoted, its dossier is written, the daemon is stopped, and the dossier is verified with the public key alone.
Then one byte is flipped in one file after another, and each time the verification says in which.

Exit status 1 when any of that is not so."""

import argparse
import base64
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
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from serving import SECRET, Serving

HERE = pathlib.Path(__file__).resolve().parent
# SubjectPublicKeyInfo of an Ed25519 key, up to its 32 bytes (RFC 8410).
ED25519_DER = bytes.fromhex("302a300506032b6570032100")
GOOD, NOT_GOOD = 0, 2


class Story:
    def __init__(self, programs: pathlib.Path, work: pathlib.Path, serving: Serving, chance: random.Random):
        self.programs, self.work, self.serving, self.chance = programs, work, serving, chance
        self.failures = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.daemon = None

    def expect(self, condition, what: str, seen=""):
        if not condition:
            self.failures.append(f"{what}: {str(seen)[:2000]}")
            print(f"NOT SO: {self.failures[-1]}", flush=True)

    def penstock(self, *arguments, person: str = ""):
        """The command line; without a person it has neither address nor token."""
        environment = {"PATH": os.environ["PATH"]}
        if person:
            environment.update(PENSTOCK_URL=f"http://127.0.0.1:{self.port}", PENSTOCK_TOKEN=f"token-{person}")
        return subprocess.run([self.programs / "penstock", *map(str, arguments)], capture_output=True, text=True, timeout=120, env=environment)

    def start(self):
        text = (HERE / "penstock.yaml").read_text()
        for key, value in {"PORT": self.port, "SERVING": self.serving.url, "MODELS": self.work / "models",
                           "ANN": hashlib.sha256(b"token-ann").hexdigest(), "BOB": hashlib.sha256(b"token-bob").hexdigest()}.items():
            text = text.replace(f"@{key}@", str(value))
        (self.work / "penstock.yaml").write_text(text)
        with open(self.work / "penstockd.log", "ab") as log:
            self.daemon = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", self.programs / "penstockd", "--config", self.work / "penstock.yaml"],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(600):
            try:
                if self.daemon.poll() is None and urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=5).status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"penstockd did not start: {(self.work / 'penstockd.log').read_text()[-2000:]}")

    def promotions(self) -> list:
        return json.loads(self.penstock("status", "-o", "json", person="ann").stdout)["promotions"]

    def wait_for(self, phase: str) -> dict:
        for _ in range(600):
            found = self.promotions()
            if found and found[0]["phase"] == phase:
                return json.loads(self.penstock("status", found[0]["id"], "-o", "json", person="ann").stdout)
            time.sleep(0.1)
        raise SystemExit(f"no promotion is {phase}: {found}; see {self.work / 'penstockd.log'}")

    # The chapters.

    def promote(self) -> str:
        folder = self.work / "models/fraud-eu/7"
        folder.mkdir(parents=True)
        (folder / "weights.txt").write_text("amount 0.31\nage -0.02\n")
        (folder / "candidate.yaml").write_text("labels: {owner: team-fraud}\nmetrics: {auc: 0.91}\nauthors: [mia@example.com]\n")
        (folder / ".complete").touch()
        seen = self.wait_for("awaiting_approval")
        early = self.penstock("dossier", seen["id"], "--out", self.work / "early", person="ann")
        self.expect(early.returncode != GOOD and "awaiting_approval" in early.stderr, "before the decision there is no dossier", early)
        for person in ("ann", "bob"):
            done = self.penstock("approve", seen["id"], "--digest", seen["decide_on"], "--note", f"seen by {person}", person=person)
            self.expect(done.returncode == GOOD, f"{person} approves", done)
        self.wait_for("live")
        self.expect((self.serving.good, self.serving.bad) == (1, 0), "one signed webhook was delivered", vars(self.serving))
        print(f"fraud-eu 7 was scanned, approved by ann and bob, and is live: {seen['id']}")
        return seen["id"]

    def write(self, promotion: str) -> pathlib.Path:
        folder = self.work / "dossier"
        written = self.penstock("dossier", promotion, "--out", folder, person="ann")
        self.expect(written.returncode == GOOD, "the dossier is written", written)
        again = self.penstock("dossier", promotion, "--out", folder, person="ann")
        self.expect(again.returncode == NOT_GOOD and "something already" in again.stderr, "and nothing is written over", again)
        self.daemon.send_signal(signal.SIGTERM)
        self.expect(self.daemon.wait(60) == 0, "the daemon stops")
        files = [file for file in folder.rglob("*") if file.is_file()]
        print(f"its dossier is written, {len(files)} files, and the daemon is stopped; read {folder / 'index.html'}")
        return folder

    def verify(self, folder: pathlib.Path):
        return self.penstock("dossier", "verify", folder, "--key", self.work / "audit.key.pub")

    def openssl_verifies(self, envelope: dict) -> bool:
        """The signature of a DSSE envelope, with nothing of Penstock."""
        payload = base64.b64decode(envelope["payload"])
        kind = envelope["payloadType"]
        signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
        key = base64.b64decode((self.work / "audit.key.pub").read_text().split("+", 2)[2])[1:]
        for name, content in {"key.der": ED25519_DER + key, "signed": signed, "signature": base64.b64decode(envelope["signatures"][0]["sig"])}.items():
            (self.work / name).write_bytes(content)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", self.work / "key.der", "-rawin",
                               "-in", self.work / "signed", "-sigfile", self.work / "signature"], capture_output=True).returncode == 0

    def look_without_penstock(self, folder: pathlib.Path):
        envelope = json.loads((folder / "attestation.json").read_text())
        self.expect(self.openssl_verifies(envelope), "openssl verifies the attestation's signature")
        statement = json.loads(base64.b64decode(envelope["payload"]))
        predicate = statement["predicate"]
        self.expect(statement["predicateType"] == "https://slsa.dev/verification_summary/v1" and predicate["verificationResult"] == "PASSED",
                    "it is a SLSA verification summary that says PASSED", statement)
        for member, file in ((predicate["policy"]["digest"], "policy.json"), (statement["subject"][-1]["digest"], "candidate.json")):
            self.expect(hashlib.sha256((folder / file).read_bytes()).hexdigest() == member["sha256"], f"sha256sum of {file} is what was signed", member)
        index = json.loads((folder / "dossier.json").read_text())
        evidence = [one["path"] for one in index["files"] if one["path"].startswith("evidence/")]
        self.expect(evidence and all(hashlib.sha256((folder / path).read_bytes()).hexdigest() == path.split("/")[1] for path in evidence),
                    "each document of evidence is named by its SHA-256", evidence)
        bom = json.loads((folder / "bom.cdx.json").read_text())
        self.expect((bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6"), "there is a CycloneDX document", bom)
        page = (folder / "index.html").read_text()
        self.expect("<script" not in page and "http://" not in page and "seen by bob" in page, "the page is one file without scripts")
        print(f"openssl and sha256sum agree: {predicate['verificationResult']} at {predicate['timeVerified']}, {len(evidence)} documents of evidence")

    def flip(self, folder: pathlib.Path):
        """One byte in every file, one after another."""
        told = {}
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            content = file.read_bytes()
            place = self.chance.randrange(len(content))
            file.write_bytes(content[:place] + bytes([content[place] ^ 1 << self.chance.randrange(8)]) + content[place + 1:])
            found = self.verify(folder)
            name = str(file.relative_to(folder))
            self.expect(found.returncode == NOT_GOOD and any(line.startswith(name + ":") for line in found.stderr.splitlines()),
                        f"byte {place} of {name} is found", found)
            told[name] = found.stderr.splitlines()
            file.write_bytes(content)
        print(f"one byte was flipped in each of {len(told)} files, and each time the file was named:")
        for name in ("events.jsonl", "statement.json"):
            print(*("  " + line for line in told[name]), sep="\n")
        (folder / "more.txt").write_text("x")
        found = self.verify(folder)
        self.expect(found.returncode == NOT_GOOD and "more.txt: is no file of this dossier" in found.stderr, "a file that was added is found", found)
        (folder / "more.txt").unlink()

    def tell(self):
        made = self.penstock("audit", "keygen", "--name", "penstock.example.com/audit", "--key", self.work / "audit.key")
        self.expect(made.returncode == GOOD, "a key is made", made)
        self.start()
        folder = self.write(self.promote())
        good = self.verify(folder)
        self.expect(good.returncode == GOOD, "the dossier verifies without the daemon", good)
        print(good.stdout.strip())
        self.look_without_penstock(folder)
        self.flip(folder)
        other = self.penstock("audit", "keygen", "--name", "penstock.example.com/audit", "--key", self.work / "other.key")
        wrong = self.penstock("dossier", "verify", folder, "--key", self.work / "other.key.pub")
        self.expect(other.returncode == GOOD and wrong.returncode == NOT_GOOD, "another key verifies nothing", wrong)
        self.expect(self.verify(folder).returncode == GOOD, "and with every byte back in its place it verifies again")
        log = self.penstock("audit", "verify", self.work / "data/audit", "--key", self.work / "audit.key.pub")
        self.expect(log.returncode == GOOD, "the log and its attestations verify too", log)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copytree(HERE / "gate-definitions", work / "gate-definitions")
    (work / "models").mkdir()
    (work / "secret").touch(mode=0o600)
    (work / "secret").write_text(SECRET)
    story = Story(arguments.programs.resolve(), work, Serving(), random.Random(arguments.seed))
    try:
        story.tell()
    finally:
        if story.daemon is not None and story.daemon.poll() is None:
            story.daemon.kill()
            story.daemon.wait()
    print(f"{len(story.failures)} failures (seed {arguments.seed}; everything is in {work})" if story.failures else
          f"promoted, written, stopped, verified, flipped, found: everything is in {work}")
    return 1 if story.failures else 0


if __name__ == "__main__":
    sys.exit(main())
