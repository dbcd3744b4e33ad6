"""The commands that talk to a daemon, on one that runs: what they print, as text and as JSON, and how they end."""

import json
import re
import signal
import subprocess
import time

from command import CONFLICT, DENIED, DONE, PENDING, USAGE, Command
from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
AUTOMATIC = """apiVersion: penstock/v1
kind: Policy
metadata: {name: automatic}
spec:
  model: "*"
  environment: staging
  stages: [{name: checks, gates: [{use: described}]}]
"""
BROKEN = """apiVersion: penstock/v1
kind: Policy
metadata: {name: broken}
spec:
  model: broken-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  deliver: [{kind: webhook, with: {receiver: refusing}}]
"""


class Story:
    def __init__(self, check, programs, work):
        self.check, self.work = check, work.resolve()
        # Private, and not allowed to be: the first try is refused, which holds the promotion.
        refusing = "{name: refusing, kind: webhook, url: \"http://127.0.0.1:9/\", secret: {file: secret}}"
        self.daemon = Daemon(programs, work, POLICY, AUTOMATIC, BROKEN, receiver_url=Receiver().url, endpoints=[refusing]).start()
        self.ci, self.ann, self.bob = (Command(programs, self.daemon.url, person) for person in ("ci", "ann", "bob"))

    def candidate(self, model: str, version: str = "1", owner: str = "team"):
        file = self.work / f"{model}-{version}.json"
        file.write_text(json.dumps({"model": model, "version": version, "labels": {"owner": owner} if owner else {}}))
        return file

    def submitted(self, model: str, environment: str = "production", **more) -> str:
        lines = self.ci("submit", self.candidate(model, **more)).out.splitlines()
        return next(line.split()[0] for line in lines if f" in {environment}  " in line)

    def waiting(self, model: str, phase: str = "awaiting_approval", **more) -> dict:
        return self.daemon.wait_for_phase(self.submitted(model, **more), {phase})


def submitting(story):
    check, ci = story.check, story.ci
    file = story.candidate("fraud-eu")
    seen = ci("submit", file)
    check.expect(seen.code == DONE and re.search(r"^submitted sha256:[0-9a-f]{64}$", seen.out, re.M), "submit prints the candidate that it made", seen)
    check.expect(len(re.findall(r"^  prm_\w{26}  fraud-eu 1 in (?:production|staging)", seen.out, re.M)) == 2, "and its promotions, one for each lane", seen)
    again = ci("submit", "-", stdin=file.read_text())
    check.expect(again.code == DONE and again.out.startswith("known already: sha256:"), "from stdin too; the same again makes nothing", again)
    as_json = ci("submit", file, "-o", "json").json()
    check.expect(as_json and as_json["id"] in seen.out, "as JSON it is what the daemon answered", as_json)
    seen = ci("submit", story.candidate("plain"), "--wait", "--timeout", "30s")
    check.expect(seen.code == DONE and seen.out.rstrip().splitlines()[-1].endswith("in staging  live"), "--wait follows it until it is live", seen)
    seen = ci("submit", story.candidate("fraud-both"), "--wait", "--timeout", "1s", "-o", "json")
    phases = {one["environment"]: one["phase"] for one in (seen.json() or {"promotions": []})["promotions"]}
    check.expect(seen.code == PENDING and phases == {"staging": "live", "production": "awaiting_approval"},
                 "--wait -o json prints one document for all lanes, and ends with 5 when one waits for a person", seen)
    seen = ci("submit", story.candidate("plain", "2", owner=""), "--wait")
    check.expect(seen.code == DENIED and "labels.owner" in seen.out, "--wait ends with 3 when a gate says no, and prints why", seen)
    seen = ci("submit", story.candidate("plain"), "--again", "-o", "json")
    check.expect(seen.code == DONE, "--again is taken where it is live", seen)


def showing(story):
    check, ann = story.check, story.ann
    promotion = story.waiting("fraud-show")["id"]
    seen = ann("status", promotion)
    check.told(seen.out, f"{promotion}  fraud-show 1 in production  awaiting_approval", "waits for 0 of 1 approvals by release-managers [", "] until 20",
               "decide on sha256:", "checks / described: passed", "approval release-managers: 0 of 1", what="status shows the phase, the wait, what to decide on, the gates")
    check.expect(ann("status", promotion, "-o", "json").json()["id"] == promotion, "as JSON it is the promotion")
    listed = ann("status", "--model", "fraud-show", "--environment", "production", "--phase", "awaiting_approval")
    check.expect(listed.code == DONE and [line.split()[0] for line in listed.out.splitlines()] == [promotion], "status without an id lists, filtered", listed)
    check.expect([one["id"] for one in ann("status", "--model", "fraud-show", "--environment", "production", "-o", "json").json()["promotions"]] == [promotion],
                 "as JSON too")
    check.expect(len(ann("status", "--limit", "2").out.splitlines()) == 2, "--limit limits")
    check.expect(ann("status", "--model", "fraud-none").out == "", "a list of nothing is empty")
    seen = ann("explain", promotion)
    check.told(seen.out, "fraud-show 1", "described passed", "release-managers 0 of 1", what="explain says in words why it is where it is")
    explained = ann("explain", promotion, "-o", "json").json()
    check.expect(explained and explained["promotion"] == promotion and explained["tree"]["met"] is False, "as JSON it is the whole explanation", explained)
    seen = ann("explain", promotion, "--tree")
    check.told(seen.out, "needed next: 1 more approval by release-managers until 20", "[ ] version 1 is live in fraud-show in production",
               "    [x] gate described (", "one more of release-managers approves: not given", f"how: penstock approve {promotion} --digest sha256:",
               what="--tree shows every condition, met or not, and who can change it and how")
    check.told(ann("status", promotion).out, "deliveries to fraud-show in production are open: no window and no stop closes them", what="status says when deliveries open and close")
    seen = ann("lanes")
    check.expect(seen.code == DONE and "fraud-show in production" in seen.out.splitlines(), "lanes lists the lanes", seen)
    check.expect({"model": "fraud-show", "environment": "production"}.items() <= next(
        (one for one in ann("lanes", "-o", "json").json()["lanes"] if one["model"] == "fraud-show" and one["environment"] == "production"), {}).items(), "as JSON too")
    seen = ann("lanes", "fraud-show", "production")
    check.told(seen.out, "live: nothing", f"under_way: {promotion}", "deliveries to fraud-show in production are open", what="lanes with a model and an environment shows what is in it")
    check.expect(ann("lanes", "fraud-show", "production", "-o", "json").json()["under_way"]["id"] == promotion, "as JSON too")


def deciding(story):
    check, ann, bob = story.check, story.ann, story.bob
    one = story.waiting("fraud-decide")
    seen = ann("approve", one["id"])
    check.expect(seen.code == USAGE and "--digest is needed" in seen.err, "approve asks for --digest when nobody sits at a terminal", seen)
    seen = ann("approve", one["id"], "--digest", "sha256:" + "0" * 64)
    check.expect(seen.code == CONFLICT and "412" in seen.err, "a stale digest is refused with 6", seen)
    check.expect(story.daemon.call("GET", f"/v1/promotions/{one['id']}", token="ann")[2]["phase"] == "awaiting_approval", "and decides nothing")
    seen = ann("approve", one["id"], "--digest", one["decide_on"], "--note", "seen")
    check.expect(seen.code == DONE and seen.out.startswith(one["id"]), "approve prints what became of it", seen)
    story.daemon.wait_for_phase(one["id"], {"live"})
    seen = bob("approve", one["id"], "--digest", one["decide_on"])
    check.expect(seen.code == CONFLICT and "awaiting approval" in seen.err, "what is live cannot be approved: 6", seen)
    two = story.waiting("fraud-decide", version="2")
    seen = bob("reject", two["id"], "--digest", two["decide_on"], "--note", "too slow on the canary", "-o", "json")
    check.expect(seen.code == DONE and (seen.json() or {}).get("phase") == "rejected", "reject prints the end, as JSON too", seen)
    check.told(ann("explain", two["id"]).out, "bob", "too slow on the canary", what="and the reason is explained to everybody")
    three = story.waiting("fraud-decide", version="3")
    seen = ann("withdraw", three["id"], "--reason", "submitted by mistake")
    check.expect(seen.code == DONE and "withdrawn" in seen.out and "submitted by mistake" in seen.out, "withdraw prints the end and why", seen)
    seen = ann("withdraw", three["id"], "--reason", "again", "-o", "json")
    check.expect(seen.code in (DONE, CONFLICT) and (seen.code == CONFLICT or seen.json()), "withdrawing it again is no crash", seen)
    four = story.waiting("fraud-decide", version="4")
    seen = ann.at_a_terminal("approve", four["id"], typed="no\n")
    check.expect(seen.code == USAGE and four["decide_on"] in seen.err and "approve this? Type yes: " in seen.err and not seen.out,
                 "at a terminal approve shows what is decided on, and does nothing without a yes", seen)
    check.expect(story.daemon.call("GET", f"/v1/promotions/{four['id']}", token="ann")[2]["phase"] == "awaiting_approval", "nothing at all")
    seen = ann.at_a_terminal("approve", four["id"], typed="yes\n")
    check.expect(seen.code == DONE and seen.out.startswith(four["id"]), "with a yes it approves what was shown", seen)
    held = story.waiting("broken-hook", "held")
    seen = ann("retry", held["id"])
    check.expect(seen.code == DONE and seen.out.startswith(held["id"]), "retry prints what is retried", seen)
    story.daemon.wait_for_phase(held["id"], {"held"})
    seen = ann("status", held["id"])
    check.told(seen.out, "delivery webhook: refused", "next: ", what="status of what is held says what was refused and what to do next")
    check.expect(ann("retry", held["id"], "-o", "json").json()["id"] == held["id"], "as JSON too")


def watching(story):
    check, ann = story.check, story.ann
    one = story.waiting("fraud-watch")
    seen = ann("watch", one["id"])
    check.expect(seen.code == PENDING and "awaiting_approval" in seen.out, "watch ends with 5 when a person is needed", seen)
    seen = ann("watch", one["id"], "--through", "--timeout", "1s", "-o", "json")
    check.expect(seen.code == PENDING and seen.json()["phase"] == "awaiting_approval", "and with 5 when --timeout is over", seen)
    following = ann.start("watch", one["id"], "--through", "--timeout", "60s")
    check.expect("awaiting_approval" in following.stdout.readline(), "watch --through shows that a person is awaited, and goes on")
    story.daemon.kill()
    time.sleep(0.5)
    story.daemon.start()
    story.daemon.decide(one["id"])
    out, err = following.communicate(timeout=60)
    check.expect(following.returncode == DONE and out.rstrip().splitlines()[-1].endswith("in production  live"),
                 "watch --through outlasts a restart of the daemon, and ends with 0 when it is live", (out, err))
    check.told(err, "waiting for it", what="and says meanwhile that the daemon is away")
    seen = ann("watch", one["id"], "-o", "json")
    check.expect(seen.code == DONE and seen.json()["phase"] == "live" and "in production  live" in seen.err, "as JSON the document is on stdout, the progress on stderr", seen)
    two = story.waiting("fraud-watch", version="2")
    following = ann.start("watch", two["id"], "--through")
    time.sleep(0.3)
    following.send_signal(signal.SIGINT)
    check.expect(following.wait(10) == -signal.SIGINT, "Ctrl-C ends it as a signal does, which a shell shows as 130")
    story.daemon.decide(two["id"], "bob", "reject")
    seen = ann("watch", two["id"])
    check.expect(seen.code == DENIED and "rejected" in seen.out, "watch ends with 3 when it was rejected", seen)
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(story.daemon.process.pid)], capture_output=True, text=True).stdout
    check.expect("token-" not in shown, "the daemon's arguments hold no token either")


def story(check, programs, work):
    told = Story(check, programs, work)
    for part in (submitting, showing, deciding, watching):
        part(told)
    check.expect(told.daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
