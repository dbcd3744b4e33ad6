"""Broken glass and delegations from the command line, on a daemon that runs."""

import json
import re

from command import CONFLICT, DONE, NOT_ALLOWED, USAGE, Command
from checklist import main
from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud-production}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers, count: 2}]
  windows: [{allow: "2020-01-01 - 2020-01-02", reason: closed for the year}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
  break_glass: {group: release-managers, skip: [approvals, windows], reviewers: guests}
"""


class Story:
    def __init__(self, check, programs, work):
        self.check = check
        self.receiver = Receiver()
        self.daemon = Daemon(programs, work, POLICY, POLICY.replace("fraud", "cards"), receiver_url=self.receiver.url).start()
        self.ci, self.ann, self.bob, self.max = (Command(programs, self.daemon.url, person) for person in ("ci", "ann", "bob", "max"))

    def waiting(self, model: str, version: str = "1") -> dict:
        document = json.dumps({"model": model, "version": version, "labels": {"owner": "team"}})
        one = self.ci("submit", "-", "-o", "json", stdin=document).json()["promotions"][0]["id"]
        return self.daemon.wait_for_phase(one, {"awaiting_approval"})


def breaking(story):
    check, ann, bob, maxi = story.check, story.ann, story.bob, story.max
    lane = ("fraud-eu", "production")
    one = story.waiting(lane[0])
    words = ("break-glass", one["id"], "--digest", one["decide_on"])
    check.expect(ann(*words).code == USAGE, "breaking the glass needs a reason: 2")
    seen = maxi(*words, "--note", "please")
    check.expect(seen.code == NOT_ALLOWED and "not in release-managers" in seen.err, "and somebody whom the policy names: 4", seen)
    seen = ann(*words, "--note", "all cards are refused", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["phase"] == "awaiting_approval", "one person alone changes nothing", seen)
    check.expect(bob(*words, "--note", "I see it too").code == DONE, "a second one does")
    live = story.daemon.wait_for_phase(one["id"], {"live"})
    check.expect(live["break_glass"]["skipped"] == ["approvals", "windows"], "it says what it went without", live)
    document = json.dumps({"model": lane[0], "version": "2", "labels": {"owner": "team"}})
    story.ci("submit", "-", stdin=document)
    check.told(ann("lanes", *lane).out, f"takes up nothing until guests reviews the broken glass of {one['id']}", what="the lane owes a review")
    check.expect(ann("review", *lane, "--text", "it was right").code == NOT_ALLOWED, "nobody reviews what they broke: 4")
    seen = maxi("review", *lane, "--text", "it was right")
    check.expect(seen.code == DONE and "no review is owed" in seen.out, "somebody else does", seen)
    check.expect("under_way: nothing" not in ann("lanes", *lane).out, "and the lane goes on")


def standing_in(story):
    check, ann, bob, maxi = story.check, story.ann, story.bob, story.max
    check.expect(maxi("delegation", "list").out == "nobody stands in for anybody\n", "nobody stands in for anybody at first")
    check.expect(ann("delegation", "give", "max", "--reason", "on leave").code == USAGE, "a delegation ends: 2 without an end")
    check.expect(ann("delegation", "give", "max", "--reason", "on leave", "--for", "100d").code == USAGE, "within 90 days: 2")
    check.expect(story.ci("delegation", "give", "max", "--reason", "x", "--for", "1d").code == NOT_ALLOWED, "a service hands on nothing: 4")
    seen = ann("delegation", "give", "max", "--group", "release-managers", "--reason", "on leave", "--for", "2d")
    check.expect(seen.code == DONE and re.match(r"dlg_[0-9A-Z]{26}  max stands in for ann in release-managers until \S+: on leave\n$", seen.out), "give prints it", seen)
    check.expect(bob("delegation", "list").out == seen.out, "everybody sees it")
    delegation = seen.out.split()[0]
    one = story.waiting("cards-eu")
    words = ("approve", one["id"], "--digest", one["decide_on"])
    check.expect(maxi(*words, "--on-behalf-of", "bob").code == NOT_ALLOWED, "for whom one does not stand in one approves nothing: 4")
    seen = maxi(*words, "-o", "json")
    check.expect(seen.code == DONE and seen.json()["approvals"]["given"][0]["on_behalf_of"] == "ann", "the stand-in approves", seen)
    seen = ann(*words)
    check.expect(seen.code == CONFLICT and "max has approved for ann already" in seen.err, "a vote counts once: 6", seen)
    check.expect(bob("delegation", "end", delegation).code == NOT_ALLOWED, "it is ended by one of the two: 4 for others")
    check.expect(maxi("delegation", "end", delegation).out == "nobody stands in for anybody\n", "and by both of them")
    check.expect(maxi("delegation", "end", delegation).code == USAGE, "once")


def story(check, programs, work):
    told = Story(check, programs, work)
    for part in (breaking, standing_in):
        part(told)
    check.expect(told.daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
