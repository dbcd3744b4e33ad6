"""`penstock dossier`: what it writes, where it refuses to, and what `verify` says without the daemon."""

import json
import os
import shutil

from command import DONE, USAGE, Command
from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}, {use: program}]}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
PROGRAM = """apiVersion: penstock/v1
kind: Gate
metadata: {name: program}
spec: {kind: executable, with: {program: program.sh}}
"""
# A gate whose words are markup.
ANSWER = """#!/bin/sh
if [ "$1" = --describe ]; then
  echo '{"protocol": "penstock.gate/v1", "name": "program", "description": "Finds markup."}'
  exit
fi
cat >/dev/null
cat <<'END'
{"verdict": "passed", "observed": "<img src=x onerror=alert(1)>", "needed": "nothing",
 "evidence": [{"name": "look <b>.html", "media_type": "text/html", "content": "<b>\u00e9"}]}
END
"""


def paths_of(folder) -> set:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def story(check, programs, work):
    daemon = Daemon(programs, work, POLICY, receiver_url=Receiver().url, gates=[PROGRAM])
    program = daemon.work / "gate-definitions/program.sh"
    program.write_text(ANSWER)
    program.chmod(0o755)
    work = daemon.work
    offline = Command(programs)
    ann = Command(programs, daemon.url, "ann")
    key = work / "audit.key"
    offline("audit", "keygen", "--name", "example.com/audit", "--key", key)

    daemon.start()
    without = daemon.open_promotion("fraud-old")
    daemon.wait_for_phase(without, {"live"})
    seen = ann("dossier", without, "--out", work / "none")
    check.expect(seen.code == USAGE and "`audit.key`" in seen.err and not (work / "none").exists(), "without a key there is no dossier, and the setting is named", seen)
    daemon.stop()

    settings = work / "penstock.yaml"
    settings.write_text(settings.read_text() + "audit: {key: {file: audit.key}}\n")
    daemon.start()
    check.within(10, lambda: (work / f"data/audit/attestations/{without}.json").exists(), "what was decided before there was a key is attested as soon as there is")
    promotion = daemon.open_promotion("fraud-eu")
    daemon.wait_for_phase(promotion, {"live"})
    check.within(10, lambda: (work / f"data/audit/attestations/{promotion}.json").exists(), "a promotion is attested without being asked for")
    rejected = daemon.submit("fraud-us", owner="")[2]["promotions"][0]["id"]
    daemon.call("GET", f"/v1/promotions/{rejected}?wait=20s", token="ann")

    folder = work / "dossier"
    seen = ann("dossier", promotion, "--out", folder)
    check.expect(seen.code == DONE and "files" in seen.out and not seen.err, "a dossier is written", seen)
    wanted = {"dossier.json", "statement.json", "attestation.json", "promotion.json", "candidate.json", "policy.json", "events.jsonl", "findings.json",
              "approvals.json", "waivers.json", "explanation.json", "bom.cdx.json", "index.html", "audit/checkpoint", "audit/proofs.json", "audit/key.pub"}
    evidence = {path for path in paths_of(folder) if path.startswith("evidence/")}
    check.expect(wanted <= paths_of(folder) and len(evidence) == 1, "with every file", paths_of(folder))
    check.expect((folder / evidence.pop()).read_text() == "<b>\u00e9", "and the evidence's own bytes")
    page = (folder / "index.html").read_text()
    check.expect("<img" not in page and "&lt;img src=x" in page and "look &lt;b&gt;.html" in page, "the page shows what a gate said as text")
    everything = b"".join((folder / path).read_bytes() for path in paths_of(folder))
    private = key.read_text().strip().split("+", 4)[4].encode()
    secrets = (b"token-ann", b"system-test-secret", private)
    check.expect(not any(secret in everything for secret in secrets), "and no secret is in any file")

    for place, what in {folder: "a folder that has something", folder / "index.html": "a file"}.items():
        seen = ann("dossier", promotion, "--out", place)
        check.expect(seen.code == USAGE and "something already" in seen.err, f"{what} is not written into", seen)
    (work / "empty").mkdir()
    seen = ann("dossier", rejected, "--out", work / "empty", "-o", "json")
    check.expect(seen.code == DONE and (seen.json() or {}).get("files") == len(paths_of(work / "empty")), "an empty one is; the answer as JSON counts the files", seen)
    check.expect(ann("dossier", "prm_none", "--out", work / "none").code == USAGE, "an unknown promotion is told")
    for words in (["dossier"], ["dossier", promotion], ["dossier", "--out", "x"], ["dossier", "verify", folder], ["dossier", "verify", "--key", key]):
        check.expect(ann(*words).code == USAGE, f"`penstock {' '.join(map(str, words))}` is wrong use")
    check.expect(daemon.stop() == 0, "the daemon stops")

    def verify(of, *more):
        return offline("dossier", "verify", of, "--key", work / "audit.key.pub", *more)

    seen = verify(folder)
    check.expect(seen.code == DONE and f"good: {promotion} PASSED" in seen.out, "it verifies without the daemon", seen)
    seen = verify(work / "empty", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["result"] == "FAILED" and seen.json()["phase"] == "rejected", "so does that of a rejected one, as JSON", seen)
    moved = work / "moved"
    shutil.copytree(folder, moved)
    text = (moved / "events.jsonl").read_text()
    (moved / "events.jsonl").write_text(text.replace("nothing", "notHing"))
    seen = verify(moved, "-o", "json")
    places = [fault["where"] for fault in (seen.json() or {"faults": []})["faults"]]
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "nothing" in one)
    check.expect(seen.code == USAGE and f"events.jsonl, line {line}" in places, "the line of a changed event is named", seen)
    shutil.rmtree(moved)
    shutil.copytree(work / "empty", moved)
    shutil.copy(folder / "promotion.json", moved / "promotion.json")
    check.told(verify(moved).err, "promotion.json: was changed", "needed sha256:", what="a file of another dossier is found")
    # Names and texts that would clear the terminal, turn the direction of what follows, and say that all is well.
    hostile = work / "hostile"
    shutil.copytree(folder, hostile)
    (hostile / "zz\n\x1b[2J\x1b[Hgood: prm_X PASSED\u202e\u009b8m").write_text("x")
    named = verify(hostile)
    (hostile / "statement.json").write_text(json.dumps({"payload": "", "payloadType": "\n\x1b[2Jgood: prm_X\u202e", "signatures": []}))
    typed = verify(hostile)
    for seen in (named, typed):
        harmless = not any(mark in seen.err for mark in ("\x1b", "\u202e", "\u009b")) and not any(line.startswith("good") for line in seen.err.splitlines())
        check.expect(seen.code == USAGE and harmless and "\\x0a\\x1b[2J" in seen.err, "what the files are named and say is shown as text", seen)
    os.symlink("/etc/hostname", moved / "link")
    check.told(verify(moved).err, "link: is a link", what="and so is a link")
    seen = offline("dossier", "verify", folder, "--key", key)
    check.expect(seen.code == USAGE and "private key" in seen.err and private.decode() not in seen.err, "a private key in the place of the public one is refused", seen)
    check.expect(offline("dossier", "verify", work / "nowhere", "--key", work / "audit.key.pub").code == USAGE, "a folder that is not there is not good")
    index = json.loads((folder / "dossier.json").read_text())
    check.expect(index["promotion"] == promotion and index["is_whole"], "the list names the promotion", index)


if __name__ == "__main__":
    main(story, __doc__)
