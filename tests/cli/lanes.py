"""The commands about lanes, and what only people do to promotions, on a daemon that runs: a way back and a waiver, from end to end."""

import datetime
import json
import re

from command import CONFLICT, DENIED, DONE, NOT_ALLOWED, USAGE, Command
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
WAIVER = r"wvr_[0-9A-Z]{26}"


class Story:
    def __init__(self, check, programs, work):
        self.check, self.work = check, work.resolve()
        self.receiver = Receiver()
        self.daemon = Daemon(programs, work, POLICY, receiver_url=self.receiver.url).start()
        self.ci, self.ann, self.bob, self.max = (Command(programs, self.daemon.url, person) for person in ("ci", "ann", "bob", "max"))

    def submitted(self, model: str, version: str = "1", owner: str = "team") -> str:
        document = {"model": model, "version": version, "labels": {"owner": owner} if owner else {}}
        return self.ci("submit", "-", "-o", "json", stdin=json.dumps(document)).json()["promotions"][0]["id"]

    def waiting(self, model: str, version: str = "1", **more) -> dict:
        return self.daemon.wait_for_phase(self.submitted(model, version, **more), {"awaiting_approval"})

    def live(self, model: str, version: str) -> str:
        one = self.waiting(model, version)
        self.daemon.decide(one["id"])
        return self.daemon.wait_for_phase(one["id"], {"live"})["id"]


def going_back(story):
    check, ann, bob, maxi = story.check, story.ann, story.bob, story.max
    lane = ("fraud-back", "production")
    seen = ann("rollback", *lane, "--reason", "it is slow")
    check.expect(seen.code == USAGE and "404" in seen.err, "a lane that was never seen cannot go back: 2", seen)
    first = story.live(lane[0], "1")
    seen = ann("rollback", *lane, "--reason", "it is slow")
    check.expect(seen.code == CONFLICT and "nothing else was live" in seen.err, "nor one in which nothing else was live: 6", seen)
    second = story.live(lane[0], "2")
    between = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    third = story.waiting(lane[0], "3")["id"]

    check.expect(ann("rollback", *lane).code == USAGE and ann("rollback", *lane, "--reason", "").code == USAGE, "a rollback needs a reason: 2")
    seen = maxi("rollback", *lane, "--reason", "it is slow")
    check.expect(seen.code == NOT_ALLOWED and "none of the groups" in seen.err, "and somebody who decides: 4", seen)
    effects = len(story.receiver.effects)
    seen = ann("rollback", *lane, "--reason", "it is slow", "--plan")
    check.expect(seen.code == DONE, "a plan of it is told", seen)
    check.told(seen.out, "fraud-back in production would go back from version 2 to 1; nothing is done yet", f"takes back {second}, decided on by sha256:",
               "delivery serving (webhook)", f"supersedes {third} (version 3, ", "deliveries to fraud-back in production are open", "afterwards held by ann", what="with all that it would do")
    plan = ann("rollback", *lane, "--reason", "it is slow", "--plan", "-o", "json").json()
    check.expect(plan["target"]["version"] == "1" and plan["takes_back"]["id"] == second, "as JSON too", plan)
    check.expect(ann("status", third).out.count("awaiting_approval") and ann("lanes", *lane).out.startswith(f"live: {second}"), "and nothing was done")
    check.expect(len(story.receiver.effects) == effects, "nothing at all")
    seen = ann("rollback", *lane, "--reason", "it is slow", "--digest", "sha256:" + "0" * 64)
    check.expect(seen.code == CONFLICT and "412" in seen.err, "with a digest of something else it is refused: 6", seen)

    seen = ann("rollback", *lane, "--reason", "it is slow", "--digest", plan["takes_back"]["decide_on"])
    check.expect(seen.code == DONE and re.match(r"prm_\w{26}  fraud-back 1 in production", seen.out), "then it is done, and printed", seen)
    back = seen.out.split()[0]
    story.daemon.wait_for_phase(back, {"live"})
    check.expect(story.daemon.wait_for_phase(second, {"rolled_back"}) and story.daemon.wait_for_phase(third, {"superseded"}), "what was live is rolled back")
    check.told(ann("explain", back).out, f"It takes back {second} (rollback: it is slow).", what="and the explanation says what for")
    check.told(ann("status", back).out, f"takes back {second}", "you cannot withdraw: ", what="status too")
    check.told(ann("lanes", *lane).out, f"live: {back}", "held by ann", "going back to version 1: it is slow", what="the lane is held")

    fourth = story.submitted(lane[0], "4")
    check.told(ann("status", fourth).out, "waits for the release of fraud-back in production, which ann holds", what="what comes next waits for the release")
    seen = bob("release", *lane)
    check.expect(seen.code == DONE and seen.out == "fraud-back in production  nobody holds it\n", "release prints the lane", seen)
    story.daemon.wait_for_phase(fourth, {"awaiting_approval"})
    seen = bob("release", *lane)
    check.expect(seen.code == DONE and "nothing changed: nobody holds the lane" in seen.err, "a second one says that nothing changed", seen)

    seen = ann("history", *lane)
    lines = seen.out.splitlines()
    check.expect(seen.code == DONE and [line.split()[4] for line in lines] == [back, second, first], "history tells what was live, newest first", seen)
    check.expect(" - now  1  " in lines[0], "and that the last one still is", seen)
    check.expect([one["version"] for one in ann("history", *lane, "--limit", "2", "-o", "json").json()["history"]] == ["1", "2"], "as JSON too, and limited")
    seen = ann("history", *lane, "--limit", "2")
    more = re.search(r"^more: --cursor (\w+)$", seen.out, re.M)
    check.expect(more and len(seen.out.splitlines()) == 3, "a page tells how to get the next one", seen)
    seen = ann("history", *lane, "--cursor", more[1] if more else "")
    check.expect(seen.code == DONE and [line.split()[4] for line in seen.out.splitlines()] == [first], "which goes on where it ended", seen)
    check.expect(ann("history", *lane, "--cursor", "00").code == USAGE, "a cursor that is none: 2")
    seen = ann("history", *lane, "--at", between)
    check.expect(seen.code == DONE and second in seen.out and len(seen.out.splitlines()) == 1, "with --at what was live then", seen)
    check.expect("nothing was live" in ann("history", *lane, "--at", "2020-01-01T00:00:00Z").out, "or that nothing was")
    check.expect(ann("history", *lane, "--at", "yesterday").code == USAGE, "a time that is none: 2")


def holding(story):
    check, ann, bob = story.check, story.ann, story.bob
    lane = ("fraud-hold", "production")
    story.waiting(lane[0], "1")
    check.expect(ann("pin", *lane).code == USAGE and ann("pin", *lane, "--reason", "").code == USAGE, "pin needs a reason: 2")
    seen = ann("pin", *lane, "--reason", "audit")
    check.expect(seen.code == DONE and re.match(r"fraud-hold in production  held by ann since \S+: audit\n$", seen.out), "pin prints who holds the lane", seen)
    seen = bob("pin", *lane, "--reason", "mine", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["pin"]["by"] == "ann" and "holds the lane already" in seen.json()["ignored"], "a second one changes nothing, and says so", seen)
    check.expect(story.ci("pin", *lane, "--reason", "x").code == NOT_ALLOWED, "a service holds nothing: 4")


def waiving(story):
    check, ann, bob, maxi = story.check, story.ann, story.bob, story.max
    lane = ("fraud-waive", "production")
    rejected = story.submitted(lane[0], "1", owner="")
    story.daemon.wait_for_phase(rejected, {"rejected"})
    ask = ("waiver", "ask", *lane, "described", "--reason", "the owner is on leave", "--control", "the team lead answers")
    check.expect(ann(*ask, "--for", "24h").code == USAGE, "a waiver is for a candidate or for versions: 2 without either")
    check.expect(ann(*ask, "--versions", "2*", "--candidate", "sha256:" + "0" * 64, "--for", "24h").code == USAGE, "or with both")
    check.expect(ann(*ask, "--versions", "2*").code == USAGE, "and ends: 2")
    seen = ann("waiver", "ask", *lane, "descibed", "--reason", "x", "--control", "y", "--versions", "2*", "--for", "24h")
    check.expect(seen.code == USAGE and "the gates are described" in seen.err, "a gate that nobody asks: 2, with those that are", seen)
    seen = ann(*ask, "--versions", "2*", "--for", "100d")
    check.expect(seen.code == USAGE and "90d" in seen.err, "at most 90 days: 2", seen)
    seen = ann(*ask, "--versions", "2*", "--for", "24h")
    check.expect(seen.code == DONE and re.match(WAIVER + "  gate described, versions 2\\*  asked by ann, not granted yet", seen.out), "ask prints the waiver", seen)
    waiver = seen.out.split()[0]
    for person, why in ((ann, "asked for this waiver"), (maxi, "none of the groups")):
        seen = person("waiver", "grant", *lane, waiver)
        check.expect(seen.code == NOT_ALLOWED and why in seen.err, f"it is not granted by one who {why}: 4", seen)
    check.expect(bob("waiver", "grant", *lane, "wvr_none").code == USAGE, "a waiver that is none: 2")
    seen = bob("waiver", "grant", *lane, waiver)
    check.expect(seen.code == DONE and "granted by bob" in seen.out, "somebody else grants it", seen)
    check.expect(ann("waiver", "list", *lane).out == seen.out and ann("waiver", "list", *lane, "-o", "json").json()["waivers"][0]["id"] == waiver, "list shows it")

    one = story.waiting(lane[0], "2", owner="")
    seen = ann("explain", one["id"])
    check.told(seen.out, "described waived by bob until", "(the owner is on leave): observed", "labels.owner", what="a gate that is not passed lets it go on")
    story.daemon.decide(one["id"])
    story.daemon.wait_for_phase(one["id"], {"live"})
    two = story.waiting(lane[0], "2.1", owner="")
    seen = ann("waiver", "revoke", *lane, waiver, "--reason", "the owner is back")
    check.expect(seen.code == DONE and seen.out.startswith(f"revoked {waiver}"), "revoke prints what is no more", seen)
    story.daemon.wait_for_phase(two["id"], {"rejected"})
    check.expect(ann("waiver", "list", *lane).out == "", "and the gate counts again")
    check.told(ann("explain", one["id"]).out, "described waived by bob until", what="what went live by it still says so")
    check.expect(ann("watch", two["id"]).code == DENIED, "the other one was rejected: 3")


def deciding(story):
    check, ann, bob = story.check, story.ann, story.bob
    one = story.waiting("fraud-veto")
    digest = ("--digest", one["decide_on"])
    seen = ann("status", one["id"])
    check.told(seen.out, "you can approve, reject, veto, withdraw", "you cannot take-back: ann has given no approval", what="status says what one may do, and why not")
    seen = story.max("status", one["id"])
    check.told(seen.out, "you can withdraw", "you cannot approve: max is in none of the groups", what="and says it to each")
    check.expect(ann("veto", one["id"], *digest).code == USAGE, "veto needs a note: 2")
    seen = ann("veto", one["id"], *digest, "--note", "it leaks")
    check.expect(seen.code == DONE and "vetoed by ann: it leaks" in seen.out, "veto prints the end", seen)
    seen = bob("retry", one["id"])
    check.expect(seen.code == CONFLICT and "vetoed here by ann" in seen.err and "it leaks" in seen.err, "what was vetoed is not retried: 6, and why", seen)
    check.told(ann("lanes", "fraud-veto", "production").out, "vetoed: sha256:", "by ann", "it leaks", what="the lane remembers it")
    two = story.waiting("fraud-veto", "2")
    seen = ann("take-back", two["id"], "--digest", two["decide_on"])
    check.expect(seen.code == CONFLICT, "nothing was given that could be taken back: 6", seen)
    seen = ann("approve", two["id"], "--digest", two["decide_on"], "--condition", "only with 10 % of the traffic")
    check.expect(seen.code == DONE, "approve takes a condition", seen)
    story.daemon.wait_for_phase(two["id"], {"live"})
    check.told(ann("explain", two["id"]).out, "ann has approved on a condition: only with 10 % of the traffic;", what="which is explained")
    check.expect(ann("reject", two["id"], "--digest", two["decide_on"], "--note", "x", "--condition", "y").code == USAGE, "reject takes none: 2")


def stopping(story):
    check, ann, bob = story.check, story.ann, story.bob
    check.expect(ann("stop").code == USAGE, "a stop needs a reason: 2")
    check.expect(story.ci("stop", "--reason", "no").code == NOT_ALLOWED, "a service stops nothing: 4")
    seen = ann("stop", "--model", "fraud-stop", "--reason", "incident 12", "-o", "json")
    check.expect(seen.code == DONE, "a person does", seen)
    identity = seen.json()["id"]
    check.told(bob("stops").out, identity, "fraud-stop in *", "by ann", "incident 12", what="everybody sees it")
    one = story.waiting("fraud-stop")
    story.daemon.decide(one["id"])
    story.daemon.wait_for_phase(one["id"], {"awaiting_window"})
    check.told(bob("explain", one["id"]).out, "stopped by ann: incident 12", what="what is ready waits for it, and says why")
    check.expect(story.live("fraud-goes", "1"), "other models go on")
    seen = bob("lift", identity)
    check.expect(seen.code == DONE and "nothing is stopped" in seen.out, "anybody lifts it", seen)
    check.expect(bob("lift", identity).code == USAGE, "and only once")
    story.daemon.wait_for_phase(one["id"], {"live"})


def story(check, programs, work):
    told = Story(check, programs, work)
    for part in (stopping, going_back, holding, waiving, deciding):
        part(told)
    check.expect(told.daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
