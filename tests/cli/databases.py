"""Backups of a daemon whose journal is in PostgreSQL, and daemons that change from one journal to the other by them."""

import hashlib
import json
import pathlib
import shutil
import sys

from backups import POLICY
from command import DONE, USAGE, Command
from checklist import main
from daemon import Daemon, Receiver

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/two-daemons"))
from postgres import Postgres  # noqa: E402

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: evident}
spec: {kind: executable, with: {program: evident.sh}}
"""
EVIDENCE = "what a gate has seen"
DIGEST = hashlib.sha256(EVIDENCE.encode()).hexdigest()
PROGRAM = f"""#!/bin/sh
if [ "$1" = --describe ]; then echo '{{"protocol": "penstock.gate/v1", "name": "evident"}}'; exit 0; fi
cat >/dev/null
echo '{{"verdict": "passed", "observed": "a", "needed": "b", "evidence": [{{"name": "e", "content": "{EVIDENCE}"}}]}}'
"""


def story(check, programs, work):
    server = Postgres()
    try:
        tell(check, programs, work, server)
    finally:
        server.stop()


def tell(check, programs, work, server):
    receiver = Receiver()
    daemon = Daemon(programs, work, POLICY.replace("{use: described}", "{use: described}, {use: evident}"), receiver_url=receiver.url, gates=[GATE])
    program = daemon.work / "gate-definitions/evident.sh"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    ann, ci = (Command(programs, daemon.url, person) for person in ("ann", "ci"))
    connection = daemon.work / "connection"
    connection.touch(mode=0o600)
    connection.write_text(server.connection + "\n")
    settings = daemon.work / "penstock.yaml"
    on_sqlite = settings.read_text()

    def start_on(schema: str):
        """In the schema of PostgreSQL; in SQLite without one."""
        settings.write_text(on_sqlite + (f"journal: {{postgres: {{file: connection}}, schema: {schema}, lease: 1s}}\n" if schema else ""))
        daemon.start()

    def live(version: str) -> str:
        document = json.dumps({"model": "fraud-eu", "version": version, "labels": {"owner": "team"}})
        one = ci("submit", "-", "-o", "json", stdin=document).json()["promotions"][0]["id"]
        return daemon.wait_for_phase(one, {"live"})["id"]

    def back_up() -> str:
        """Kept outside of the data folder, which goes."""
        folder = ann("backup", "-o", "json").json()["folder"]
        kept = daemon.work / pathlib.Path(folder).name
        shutil.copytree(folder, kept)
        return str(kept)

    def restore(backup: str, *options):
        return ann("restore", backup, str(daemon.work / "data"), *options)

    def goes_on(lived, lost, effects: int, what: str):
        check.expect(ann("status", lived, "-o", "json").json()["phase"] == "live", f"{what}: what was live then is live")
        check.expect(ann("status", lost).code == USAGE, f"{what}: what came after it is not known")
        check.expect(len(receiver.effects) == effects, f"{what}: nothing is delivered again", receiver.effects)

    into = ("--postgres", str(connection), "--schema")
    start_on("one")
    first = live("1")
    backup = back_up()
    second = live("2")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")
    shutil.rmtree(daemon.work / "data")
    seen = restore(backup, *into, "one")
    check.expect(seen.code == USAGE and "daemons have worked on this schema" in seen.err and not (daemon.work / "data").exists(),
                 "a schema in use is not restored into: 2, and nothing is left", seen)
    check.expect(str(server.folder) in seen.err and "password" not in seen.err, "it is named", seen)

    crowded = daemon.work / "crowded"
    shutil.copytree(backup, crowded)
    manifest = json.loads((crowded / "MANIFEST.json").read_text())
    manifest["files"][".unfinished-restore"] = "sha256:" + hashlib.sha256(b"").hexdigest()
    (crowded / "MANIFEST.json").write_text(json.dumps(manifest))
    (crowded / ".unfinished-restore").touch()
    seen = restore(str(crowded), *into, "two")
    check.expect(seen.code == USAGE and "come into the data folder meanwhile" in seen.err and not (daemon.work / "data").exists(),
                 "where the data folder cannot take its part, nothing is left", seen)
    seen = restore(backup, *into, "two")
    check.expect(seen.code == DONE and not (daemon.work / "data/journal.db").exists(),
                 "into the schema, which has nothing of that, it is restored", seen)
    start_on("two")
    goes_on(first, second, 2, "in PostgreSQL")
    third = live("3")
    later = back_up()
    lost = live("4")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")

    shutil.rmtree(daemon.work / "data")
    check.expect(restore(later).code == DONE, "without a database it becomes a file")
    start_on("")
    goes_on(third, lost, 4, "in SQLite")
    fifth = live("5")
    from_file = back_up()
    lost = live("6")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")

    shutil.rmtree(daemon.work / "data")
    check.expect(restore(from_file, *into, "three").code == DONE, "a file becomes a schema")
    shutil.rmtree(daemon.work / "data/store")  # as another daemon on that schema has none of it
    start_on("three")
    status, _, text = daemon.call("GET", f"/v1/evidence/sha256:{DIGEST}", token="ann")
    check.expect(status == 200 and text == EVIDENCE, "the evidence is in the schema too", f"{status} {text}")
    check.expect((pathlib.Path(back_up()) / "store/blobs" / DIGEST[:2] / DIGEST).read_text() == EVIDENCE, "and in backups of whoever works on it")
    goes_on(fifth, lost, 6, "back in PostgreSQL")
    history = ann("history", "fraud-eu", "production", "-o", "json").json()["history"]
    check.expect([span["version"] for span in history] == ["5", "3", "1"], "the lane's history is the one that was carried along", history)
    live("7")
    check.expect(daemon.stop() == 0, "the daemon stops cleanly")


if __name__ == "__main__":
    main(story, __doc__)
