"""Policies as changes, on a daemon that runs: what a version would meet, what another policy would have decided, and what is not loaded yet."""

import json
import signal

from command import CONFLICT, DONE, NOT_ALLOWED, UNREACHABLE, USAGE, Command
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
GATE = """---
apiVersion: penstock/v1
kind: Gate
metadata: {name: described}
spec: {kind: candidate-fields, with: {require: [labels.owner, labels.team]}}
"""
FRAMEWORK = """apiVersion: penstock/v1
kind: Framework
metadata: {name: house-rules, version: "1.0"}
spec:
  title: Rules of the house
  owner: The house
  source: https://example.com/rules
  read: "2026-11-21"
  clauses: [{id: R1, title: Somebody agrees, evidence: [{fact: approvals, shows: who agreed}]}]
"""


class Story:
    def __init__(self, check, programs, work):
        self.check, self.work = check, work.resolve()
        self.receiver = Receiver()
        self.daemon = Daemon(programs, work, POLICY, receiver_url=self.receiver.url).start()
        self.ci, self.ann, self.nobody = (Command(programs, self.daemon.url, person) for person in ("ci", "ann", ""))
        self.definitions = self.daemon.work / "gate-definitions"

    def submitted(self, model: str, version: str = "1", owner: str = "team") -> str:
        document = {"model": model, "version": version, "labels": {"owner": owner} if owner else {}}
        return self.ci("submit", "-", "-o", "json", stdin=json.dumps(document)).json()["promotions"][0]["id"]

    def live(self, model: str, version: str) -> str:
        one = self.daemon.wait_for_phase(self.submitted(model, version), {"awaiting_approval"})
        self.daemon.decide(one["id"])
        return self.daemon.wait_for_phase(one["id"], {"live"})["id"]

    def file(self, name: str, text: str):
        path = self.work / name
        path.write_text(text)
        return path


def planning(story):
    check, ann = story.check, story.ann
    lane = ("fraud-plan", "production")
    seen = ann("plan", *lane, "1")
    check.expect(seen.code == DONE, "a version that was never seen can be planned", seen)
    check.told(seen.out, "fraud-plan 1 into production, under the policy fraud-production; nothing is done", "version 1 was never seen",
               "gate described (stage checks)", "approval release-managers: 1, not by the submitter or the author", "delivery serving (webhook)",
               "deliveries to fraud-plan in production are open", what="with what it would meet")
    check.expect(ann("lanes", "-o", "json").json()["lanes"] == [], "and nothing is done")
    one = story.daemon.wait_for_phase(story.submitted(lane[0]), {"awaiting_approval"})
    stop = ann("stop", "--reason", "incident 12", "-o", "json").json()["id"]
    seen = ann("plan", *lane, "1")
    check.told(seen.out, f"candidate {one['candidate']}", "nothing would be opened: this candidate is awaiting_approval here already",
               "not by the submitter (ci)", "stopped by ann", what="of one that was seen it tells who submitted it, and what stands in the way")
    seen = ann("plan", *lane, "2")
    check.told(seen.out, f"waits for its turn after {one['id']} (version 1, awaiting_approval)", what="another one waits for its turn")
    check.expect(ann("lift", stop).code == DONE, "the stop is lifted")
    document = story.ci("plan", *lane, "2", "-o", "json").json()
    check.expect(document and document["phase"] == "queued" and document["window"]["open"], "as JSON too, for services as well", document)
    check.expect(ann("plan", "fraud-plan", "nowhere", "1").code == USAGE, "a lane that no policy covers: 2")
    check.expect(story.nobody("plan", *lane, "1").code == NOT_ALLOWED, "without a token: 4")
    check.expect(ann("plan", *lane).code == USAGE, "without a version: 2")


def simulating(story):
    check, ann = story.check, story.ann
    first = story.live("fraud-sim", "1")
    rejected = story.submitted("fraud-sim", "2", owner="")
    story.daemon.wait_for_phase(rejected, {"rejected"})
    same = story.file("same.yaml", POLICY.replace("fraud-*", "fraud-sim"))
    seen = story.ci("simulate", same)
    check.expect(seen.code == DONE and not seen.err, "the policy in force can be simulated", seen)
    check.told(seen.out, "fraud-production on the last 2 promotions of fraud-sim in production: 2 the same, 0 different, 0 cannot be told",
               what="and ends everything as it ended")
    two = story.file("two.yaml", POLICY.replace("release-managers}", "release-managers, count: 2}"))
    seen = ann("simulate", two, "--last", "50")
    check.told(seen.out, "would have ended differently:", f"{first}  fraud-sim 1  was delivered, would be awaiting_approval: it would have waited for more: "
               "1 of 2 approvals by release-managers are there", what="another one tells which would have ended differently, and why")
    check.expect(rejected not in seen.out, "and not the others", seen)
    asking = story.file("asking.yaml", POLICY + GATE)
    seen = ann("simulate", asking)
    check.told(seen.out, "cannot be told:", f"{first}  fraud-sim 1  was delivered: `described` was asked with other settings",
               what="what a gate was never asked is told, and does not pass")
    document = ann("simulate", asking, "-o", "json").json()
    check.expect(document and document["untold"] == 2 and document["same"] == 0, "as JSON too", document)
    gate = story.file("gate.yaml", GATE)
    seen = ann("simulate", same, gate)
    check.told(seen.out, "2 cannot be told", what="gates may stand in files of their own")
    check.expect("1 the same" in ann("simulate", same, "--last", "1").out, "--last is how many")

    wrong = story.file("wrong.yaml", POLICY.replace("use: described", "use: descirbed"))
    seen = ann("simulate", wrong)
    check.expect(seen.code == USAGE and not seen.out, "a file with a problem: 2", seen)
    check.told(seen.err, f"{wrong}:7:41: error: spec.stages[0].gates[0].use: no gate is named `descirbed`, did you mean `described`?",
               what="told as lint tells it")
    both = story.file("both.yaml", POLICY + "---\n" + POLICY.replace("fraud-production", "fraud-staging").replace("environment: production", "environment: staging"))
    check.expect(ann("simulate", both).code == USAGE, "of several policies one must be named: 2")
    check.expect(ann("simulate", both, "--policy", "fraud-production").code == DONE, "and is")
    check.expect(ann("simulate", story.work / "nowhere.yaml").code == USAGE, "a file that is not there: 2")
    (story.work / "bytes.yaml").write_bytes(b"\xff\xfe")
    check.expect(ann("simulate", story.work / "bytes.yaml").code == USAGE, "one that is no text: 2")
    check.expect(ann("simulate", same, "--last", "10001").code == USAGE, "more than 10 000: 2")
    check.expect(story.nobody("simulate", same).code == NOT_ALLOWED, "without a token: 4")
    check.expect(ann("lint", story.definitions, "--against", story.daemon.url).code == DONE, "nothing of all this came into force")


def comparing(story):
    check, ann = story.check, story.ann
    url = story.daemon.url
    seen = ann("lint", story.definitions, "--against", url)
    check.expect(seen.code == DONE and "the daemon has loaded the same" in seen.out, "what is loaded differs in nothing", seen)
    seen = ann("lint", story.daemon.work / "penstock.yaml", "--against", url)
    check.expect(seen.code == DONE, "by way of the settings too", seen)
    policy = story.definitions / "policies/0.yaml"
    policy.write_text(POLICY.replace("  approvals:", "  queue_for: 2d\n  approvals:"))
    (story.definitions / "policies/1.yaml").write_text(POLICY.replace("fraud-production", "credit").replace("fraud-*", "credit"))
    framework = story.definitions / "frameworks/house.yaml"
    framework.parent.mkdir()
    framework.write_text(FRAMEWORK)
    gate = story.definitions / "gates/0.yaml"
    gate.write_text(gate.read_text().replace("labels.owner]", "labels.owner, labels.team]"))
    seen = ann("lint", story.definitions, "--against", url)
    check.expect(seen.code == CONFLICT, "a difference: 6", seen)
    check.told(seen.out, "policy credit: is not loaded", "policy fraud-production: is loaded as it was", "  queue_for: 30d -> 2d",
               "gate described: is loaded as it was", '  with.require: ["labels.owner"] -> ["labels.owner","labels.team"]',
               "framework house-rules 1.0: is not loaded", what="is told in words")
    document = ann("lint", story.definitions, "--against", url, "-o", "json").json()
    check.expect(document and document["good"] and document["against"]["policies"]["added"] == ["credit"]
                 and {"field": "queue_for", "before": "30d", "after": "2d"} in document["against"]["policies"]["changed"][0]["fields"], "as JSON too", document)
    before = len(story.daemon.logged("definitions.reloaded"))
    story.daemon.process.send_signal(signal.SIGHUP)
    check.within(30, lambda: len(story.daemon.logged("definitions.reloaded")) > before, "a reload")
    fields = [entry["fields"] for entry in story.daemon.logged("definitions.changed", policy="fraud-production")]
    check.expect(fields and "queue_for: 30d -> 2d" in fields[-1], "logs the same words", fields)
    check.expect(ann("lint", story.definitions, "--against", url).code == DONE, "after which nothing differs")
    told = [one["document"]["clauses"][0]["id"] for one in story.daemon.call("GET", "/v1/definitions", token="ann")[2]["frameworks"]]
    check.expect(told == ["R1"], "and the framework is served with its clauses", told)
    framework.write_text(FRAMEWORK.replace("who agreed", "who said so"))
    seen = ann("lint", story.definitions, "--against", url)
    check.told(seen.out, "framework house-rules 1.0: is loaded as it was", "  clauses[R1].evidence[1].shows: who agreed -> who said so",
               what="a clause that changed is told")
    framework.write_text(FRAMEWORK)
    policy.unlink()
    seen = ann("lint", story.definitions, "--against", url)
    check.expect(seen.code == CONFLICT and "policy fraud-production: is loaded, and is not here" in seen.out, "what is gone is told", seen)
    policy.write_text(POLICY.replace("use: described", "use: descirbed"))
    seen = ann("lint", story.definitions, "--against", url)
    check.expect(seen.code == USAGE and "did you mean" in seen.err and not seen.out, "what has problems is not compared: 2", seen)
    policy.write_text(POLICY)
    check.expect(story.nobody("lint", story.definitions, "--against", url).code == NOT_ALLOWED, "without a token: 4")
    check.expect(ann("lint", story.definitions, "--against", "http://127.0.0.1:9").code == UNREACHABLE, "where nobody answers: 7")
    check.expect(ann("lint", story.definitions, "--against", "nowhere").code == USAGE, "no address: 2")
    check.expect(ann("lint", story.definitions, story.definitions, "--against", url).code == USAGE, "two folders at once: 2")


def story(check, programs, work):
    told = Story(check, programs, work)
    for part in (planning, simulating, comparing):
        part(told)
    check.expect(told.daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
