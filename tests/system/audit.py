"""The audit log of the real penstockd: what it holds, that it verifies offline, survives kills, and that a change is found and refused."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: audited}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""


def entries(daemon) -> list[dict]:
    rows = daemon.call("GET", "/v1/audit/entries?limit=500", token="ci")[2]["entries"]
    return [json.loads(row["entry"]) for row in rows]


def story(check, programs, work):
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url)
    penstock = daemon.programs / "penstock"
    key, log = daemon.work / "audit.key", daemon.work / "data/audit"

    def run(*arguments):
        return subprocess.run([penstock, *map(str, arguments)], capture_output=True, text=True, timeout=120)

    made = run("audit", "keygen", "--name", "example.com/audit", "--key", key)
    check.expect(made.returncode == 0 and made.stdout == (daemon.work / "audit.key.pub").read_text(), "a pair of keys is made", made)
    check.expect(key.stat().st_mode & 0o777 == 0o600 and "PRIVATE" not in made.stdout, "only its owner can read the private one")
    again = run("audit", "keygen", "--name", "example.com/audit", "--key", key)
    check.expect(again.returncode == 2 and "never overwritten" in again.stderr, "a key is never overwritten", again)

    def verify(*more, folder=log):
        return run("audit", "verify", folder, "--key", daemon.work / "audit.key.pub", *more)

    settings = daemon.work / "penstock.yaml"
    settings.write_text(settings.read_text() + "audit: {key: {file: audit.key}}\n")
    daemon.start()
    daemon.call("GET", "/v1/promotions", token="nobody")
    forged = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1," + "A" * 43 + "="}
    status = daemon.call("POST", "/hooks/ann", {"type": "approval.given"}, headers=forged)[0]
    check.expect(status == 401, "an approval that ann has not signed is refused", status)
    promotion = daemon.submit("fraud-eu")[2]["promotions"][0]["id"]
    seen = daemon.wait_for_phase(promotion, {"awaiting_approval"})
    match = {"If-Match": f"\"{seen['decide_on']}\""}
    daemon.call("POST", f"/v1/promotions/{promotion}/decisions", {"decision": "approve", "note": "words of ann"}, "ann", match)
    daemon.wait_for_phase(promotion, {"live"})
    daemon.call("POST", "/v1/lanes/fraud-eu/production/pin", {"reason": "incident"}, "ann")

    told = entries(daemon)
    kinds = {(entry["kind"], entry["what"]) for entry in told}
    wanted = {("configuration", "started"), ("login", "login_failed"), ("decision", "candidate_seen"), ("decision", "check_reported"),
              ("decision", "approval_given"), ("decision", "delivery_confirmed"), ("override", "pin_set")}
    check.expect(wanted <= kinds, "start, failed login, decisions and overrides are entries", kinds)
    approval = next(entry for entry in told if entry["what"] == "approval_given")
    check.expect(approval["who"] == "ann" and "findings" in approval and "policy" in approval and "words" not in json.dumps(told),
                 "an approval's entry has who and digests, and no words", approval)
    started = next(entry for entry in told if entry["what"] == "started")
    check.expect(started["settings"] == "sha256:" + hashlib.sha256(settings.read_bytes()).hexdigest(), "the start names the settings by digest", started)

    published = time.monotonic()
    while time.monotonic() - published < 10 and f"\n{len(told)}\n" not in daemon.call("GET", "/v1/audit/checkpoint", token="ci")[2]:
        time.sleep(0.01)
    check.expect(time.monotonic() - published < 2, "they are published shortly afterwards")
    proof = daemon.call("GET", f"/v1/audit/entries/{len(told) - 1}/proof", token="ci")
    check.expect(proof[0] == 200 and proof[2]["size"] >= len(told), "the newest entry has its proof", proof)
    good = verify()
    check.expect(good.returncode == 0 and "good" in good.stdout, "the files verify while the daemon works", good)
    kept = daemon.work / "kept"
    kept.write_bytes((log / "checkpoint").read_bytes())

    # Killed in the middle of a burst, again and again.
    for burst in range(5):
        for number in range(30):
            daemon.submit(f"fraud-{burst}-{number}")
        daemon.kill()
        broken = verify()
        check.expect(broken.returncode == 0 or "crashed there" in broken.stderr, "after a kill the files verify", broken)
        daemon.start()
    daemon.call("GET", "/v1/promotions", token="nobody")
    daemon.call("POST", "/hooks/ann", {"type": "approval.given"}, headers=forged)
    check.expect(daemon.stop() == 0, "it stops cleanly")
    good = json.loads(verify("-o", "json", "--checkpoint", kept).stdout)
    check.expect(good["good"] and good["entries"] == good["size"] > 150, "afterwards everything is published and good", good)
    last = (log / "tile/entries").rglob("*")
    bundles = sorted((file for file in last if file.is_file()), key=lambda file: file.stat().st_mtime)
    newest_entries = bundles[-1].read_bytes()
    check.expect(b'"what":"stopped"' in newest_entries, "the stop is the last entry")
    failed = [json.loads(text) for text in re.findall(rb'\{[^{}]*"what":"login_failed"[^{}]*\}', newest_entries)]
    check.expect(failed[-1]["count"] == 1 and failed[-1]["reason"] == "bad-signature",
                 "failed logins, forged hooks among them, are told before it, also those within the last seconds", failed)

    for folder, what in ((daemon.work / "nowhere", "No such file"), (daemon.work, "there is no log")):
        seen = verify(folder=folder)
        check.expect(seen.returncode == 2 and what in seen.stderr and str(folder) in seen.stderr and "NOT GOOD" not in seen.stdout + seen.stderr,
                     "a folder without a log is told, and nothing is said of a log", seen)
    forged = log / "\x1b[2J\x1b[Hgood: 7 entries"
    forged.write_text("")
    seen = verify()
    check.expect(seen.returncode == 0 and "\x1b" not in seen.stdout and "\\x1b[2J" in seen.stdout, "a file's name writes nothing on a terminal", seen)
    check.expect("\x1b" not in verify("-o", "json").stdout, "not as JSON either")
    forged.unlink()

    for file in [log / "checkpoint", bundles[-1], log / "checkpoints"]:
        bytes_before = file.read_bytes()
        flipped = bytearray(bytes_before)
        flipped[len(flipped) // 2] ^= 1
        file.write_bytes(flipped)
        found = verify()
        check.expect(found.returncode == 2 and file.name in found.stderr, f"a flipped bit in {file.name} is found and named", found)
        file.write_bytes(bytes_before)
    newest, bundle = (log / "checkpoint").read_bytes(), bundles[-1].read_bytes()
    (log / "checkpoint").write_bytes(kept.read_bytes())
    check.expect("cut short" in verify().stderr, "an old checkpoint in the place of the newest one is found")
    try:
        daemon.start()
        check.expect(False, "and the daemon does not go on from it")
    except SystemExit:
        check.expect("cut short" in daemon.log(), "and the daemon does not go on from it, and says why")
    (log / "checkpoint").write_bytes(newest)
    (daemon.work / "data/journal.db").unlink()
    for suffix in ("-wal", "-shm"):
        (daemon.work / f"data/journal.db{suffix}").unlink(missing_ok=True)
    try:
        daemon.start()
        check.expect(False, "files without their journal are refused")
    except SystemExit:
        check.expect("the journal 0" in daemon.log(), "files without their journal are refused, and why", daemon.log()[-600:])
    check.expect((log / "checkpoint").read_bytes() == newest and bundles[-1].read_bytes() == bundle, "and nothing was changed")
    private = key.read_text().strip().split("+", 4)[4]  # base64 has a + of its own
    check.expect(private not in daemon.log(), "the key is in no log")


if __name__ == "__main__":
    main(story, __doc__)
