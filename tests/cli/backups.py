"""A backup of a daemon that works, and a daemon on what was made of it."""

import json
import shutil

from command import DONE, NOT_ALLOWED, USAGE, Command
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


def story(check, programs, work):
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY, receiver_url=receiver.url).start()
    ann, ci = (Command(programs, daemon.url, person) for person in ("ann", "ci"))

    def live(version: str) -> str:
        document = json.dumps({"model": "fraud-eu", "version": version, "labels": {"owner": "team"}})
        one = ci("submit", "-", "-o", "json", stdin=document).json()["promotions"][0]["id"]
        return daemon.wait_for_phase(one, {"live"})["id"]

    first = live("1")
    check.expect(ci("backup").code == NOT_ALLOWED, "a service makes no backup: 4")
    seen = ann("backup", "-o", "json")
    check.expect(seen.code == DONE and seen.json()["events"] > 0, "a person does", seen)
    backup = seen.json()["folder"]
    second = live("2")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")

    seen = ann("restore", backup, str(daemon.work / "data"))
    check.expect(seen.code == USAGE and "not empty" in seen.err, "nothing is restored over what is there: 2", seen)
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

    (copy / "journal.db").write_bytes(b"x" + (copy / "journal.db").read_bytes()[1:])
    seen = ann("restore", str(copy), str(daemon.work / "again"))
    check.expect(seen.code == USAGE and "journal.db" in seen.err and not (daemon.work / "again").exists(), "one changed byte: 2, with the file's name", seen)


if __name__ == "__main__":
    main(story, __doc__)
