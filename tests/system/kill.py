"""Kills the real penstockd with SIGKILL at random moments during a burst of candidates, and proves that nothing is lost and
no effect is repeated: every candidate that was acknowledged ends exactly once, and the receiver saw each delivery key under
one webhook-id, so that it could act on it once."""

import argparse
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from daemon import Daemon, Receiver

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: burst}
spec:
  model: burst-*
  environment: production
  stages:
    - {name: one, gates: [{use: described}]}
    - {name: two, gates: [{use: described}]}
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    receiver = Receiver()
    daemon = Daemon(arguments.programs, arguments.work, POLICY, receiver_url=receiver.url)
    second = arguments.work / "gate-definitions/gates/again.yaml"
    second.write_text((arguments.work / "gate-definitions/gates/0.yaml").read_text().replace("name: described", "name: described-again"))
    policy = arguments.work / "gate-definitions/policies/0.yaml"
    policy.write_text(policy.read_text().replace("{name: two, gates: [{use: described}]}", "{name: two, gates: [{use: described-again}]}"))
    daemon.start()

    acknowledged = {}
    lock = threading.Lock()
    pending = [f"burst-{number}" for number in range(arguments.candidates)]
    over = threading.Event()

    def submit_all():
        # A caller that gets no answer does not know, and asks again: the same candidate is the same promotion.
        while not over.is_set():
            with lock:
                if not pending:
                    return
                model = pending.pop()
            try:
                status, _, answer = daemon.submit(model)
            except OSError:
                status = 0
            with lock:
                if status in (200, 201):
                    acknowledged[model] = answer["id"]
                else:
                    pending.insert(0, model)
            time.sleep(chance.uniform(0, 0.05))

    senders = [threading.Thread(target=submit_all) for _ in range(4)]
    for sender in senders:
        sender.start()
    for _ in range(arguments.kills):
        time.sleep(chance.uniform(0.0, 0.12))
        daemon.kill()
        daemon.start()
    for sender in senders:
        sender.join(120)
    over.set()

    failures = []
    deadline = time.monotonic() + 120
    promotions = []
    while time.monotonic() < deadline:
        promotions, cursor = [], ""
        while cursor is not None:
            page = daemon.call("GET", "/v1/promotions?limit=500" + cursor, token="ann")[2]
            promotions += page["promotions"]
            cursor = f"&cursor={page['next']}" if "next" in page else None
        if len(promotions) >= arguments.candidates and all(one["phase"] == "live" for one in promotions):
            break
        time.sleep(0.2)
    by_model = {}
    for one in promotions:
        by_model.setdefault(one["model"], []).append(one)
    for model in (f"burst-{number}" for number in range(arguments.candidates)):
        if model not in acknowledged:
            failures.append(f"{model} was never acknowledged")
        found = by_model.get(model, [])
        if len(found) != 1 or found[0]["phase"] != "live":
            failures.append(f"{model}: {[(one['id'], one['phase'], one.get('reason', '')) for one in found]}")
        elif f"deliver/{found[0]['id']}/serving/1" not in receiver.effects:
            failures.append(f"{model} is live, but its webhook never came")
    for key, ids in receiver.effects.items():
        if len(ids) != 1:
            failures.append(f"{key} came under {len(ids)} webhook-ids")
    if len(receiver.effects) != arguments.candidates:
        failures.append(f"{len(receiver.effects)} delivery keys for {arguments.candidates} candidates")
    if receiver.bad:
        failures.append(f"{len(receiver.bad)} webhooks had a bad signature")
    if daemon.stop() != 0:
        failures.append("penstockd did not stop cleanly")
    print(*failures[:20], sep="\n")
    print(f"{arguments.kills} kills, {arguments.candidates} candidates, {len(failures)} failures (seed {arguments.seed})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
