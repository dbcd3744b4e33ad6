"""Settings and gate definitions that are wrong: penstockd does not start, `penstock lint` ends with 2, and both tell every problem with
file, line and column, and never a secret."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checklist import main
from daemon import Daemon

POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: good}
spec:
  model: fraud-*
  environment: production
  stages: [{name: checks, gates: [{use: described}]}]
  approvals: [{group: release-managers, count: 2}]
  deliver: [{name: serving, kind: webhook, with: {receiver: receiver}}]
"""
SETTINGS = "penstock.yaml"
POLICY_FILE = "gate-definitions/policies/0.yaml"
GATE_FILE = "gate-definitions/gates/0.yaml"

# What is wrong, in which file, by which change (old, new; no old: appended), and what of it must be told where.
# `LINE` in the place stands for the line on which the new text begins.
CASES = [
    ("a bracket that is not closed", SETTINGS, ("limits: {}", "limits: {"), "", []),
    ("a tab as indentation", SETTINGS, ("", "\tworkers: /bin\n"), "LINE:", []),
    ("an unknown key", SETTINGS, ("limits: {}", "limts: {}"), "LINE:1", ["unknown key `limts`", "did you mean `limits`?"]),
    ("an unknown key inside a list", SETTINGS, ("", "data_roots: {}\nsources:\n  - {name: s, knd: directory}\n"), "LINE+2:15",
     ["unknown key `knd`", "did you mean `kind`?"]),
    ("a key that stands twice", SETTINGS, ("", "listen: 127.0.0.1:1\n"), "LINE:1", ["listen"]),
    ("a word where a number is needed", SETTINGS, ("limits: {}", "limits: {connections: many}"), "LINE:23", ["limits.connections", "`many`"]),
    ("a number out of bounds", SETTINGS, ("limits: {}", "limits: {gates_at_once: 0}"), "LINE:25", ["at least 1"]),
    ("a hook without a secret", SETTINGS, (", secret: {file: secret}, approver: ann", ", approver: ann"), "LINE:", ["missing key `secret`"]),
    ("a secret file that is not there", SETTINGS, ("secret: {file: secret}, approver", "secret: {file: gone}, approver"), "LINE:",
     ["gone cannot be read: No such file"]),
    ("a secret file that others can read", SETTINGS, ("secret: {file: secret}, approver", "secret: {file: open}, approver"), "LINE:",
     ["open can be read by others: chmod 600 it"]),
    ("a secret that is not set", SETTINGS, ("secret: {file: secret}, approver", "secret: {env: PENSTOCK_NOT_SET}, approver"), "LINE:",
     ["the environment variable PENSTOCK_NOT_SET is not set"]),
    ("a secret in clear", SETTINGS, ("secret: {file: secret}, approver", "secret: hunter2-hunter2-hunter2, approver"), "LINE:", ["{file: PATH}"]),
    ("a token in clear", SETTINGS, ("name: ci, tokens: [{sha256: ", "name: ci, tokens: [{sha256: hunter2-hunter2-hunter2"), "LINE:", ["64"]),
    ("a token instead of its digest", SETTINGS, ("name: ci, tokens: [{", "name: ci, tokens: [hunter2-hunter2-hunter2, {"), "LINE:", ["expected a mapping (Token), found a text"]),
    ("a secret as a variable's name", SETTINGS, ("secret: {file: secret}, approver", "secret: {env: ghp_hunter2}, approver"), "LINE:", ["`env`", "REGISTRY_TOKEN"]),
    ("a secret as a file's path", SETTINGS, ("secret: {file: secret}, approver", "secret: {file: \"host=db password=hunter2\"}, approver"), "LINE:",
     ["`file`", "cannot be read"]),
    ("a source of a kind that is not there", SETTINGS, ("", "sources:\n  - {name: s, kind: mlfow}\n"), "LINE+1:", ["`mlfow`", "mlflow"]),
    ("a source whose endpoint is not there", SETTINGS, ("", "sources:\n  - {name: s, kind: mlflow, with: {endpoint: nowhere}}\n"), "LINE+1:", ["nowhere"]),
    ("a source with an unknown key of its kind", SETTINGS, ("", "sources:\n  - {name: s, kind: git, with: {url: \"https://example.com/a\", brnches: [main]}}\n"),
     "LINE+1:", ["unknown key `brnches`", "did you mean `branches`?"]),
    ("a git source with its password in the url", SETTINGS, ("", "sources:\n  - {name: s, kind: git, with: {url: \"https://u:hunter2@example.com/a\"}}\n"),
     "LINE+1:", ["sources[0]"]),
    ("an approver who is nobody", SETTINGS, ("approver: ann", "approver: anne"), "LINE:", ["did you mean `ann`?"]),
    ("two documents", SETTINGS, ("", "---\nlisten: a\n"), "", ["2 YAML documents"]),
    ("bytes that are not UTF-8", SETTINGS, ("limits: {}", b"limits: {} # \xff\xfe"), "LINE:", []),
    ("a document as deep as a well", SETTINGS, ("limits: {}", "limits: " + "[" * 100_000), "", []),
    ("a bomb of aliases", SETTINGS, ("", "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12))), "", []),
    ("two megabytes", SETTINGS, ("", "# " + "x" * (2 << 20) + "\n"), "", []),
    ("an empty file", SETTINGS, (None, ""), "", []),
    ("a policy with an unknown key", POLICY_FILE, ("  stages:", "  stagess:"), "LINE:3", ["unknown key `stagess`", "did you mean `stages`?"]),
    ("a policy that stands on an unknown gate", POLICY_FILE, ("use: described", "use: descrbed"), "LINE:", ["`descrbed`", "described"]),
    ("a policy for a group of nobody", POLICY_FILE, ("release-managers", "release-mangers"), "LINE:", ["release-mangers", "release-managers"]),
    ("a policy that asks more people than there are", POLICY_FILE, ("count: 2", "count: 3"), "LINE:", ["which has 2 people"]),
    ("a policy that delivers to a receiver that is not there", POLICY_FILE, ("receiver: receiver", "receiver: receivr"), "LINE:", ["receivr"]),
    ("a policy with a key twice", POLICY_FILE, ("", "  environment: staging\n"), "LINE:3", ["environment"]),
    ("a gate of a kind that is not there", GATE_FILE, ("candidate-fields", "candidate-feilds"), "LINE:", ["candidate-feilds", "candidate-fields"]),
    ("a gate with an unknown key of its kind", GATE_FILE, ("require:", "requires:"), "LINE:", ["unknown key `requires`", "did you mean `require`?"]),
    ("a gate that is no YAML", GATE_FILE, (None, "kind: [Gate\n"), "", []),
]


def story(expect, programs, work):
    daemon = Daemon(programs, work, POLICY)
    good = {name: (daemon.work / name).read_bytes() for name in (SETTINGS, POLICY_FILE, GATE_FILE)}
    (daemon.work / "open").write_text("a secret that anybody can read")
    (daemon.work / "open").chmod(0o644)
    settings = daemon.work / SETTINGS

    def start():
        return subprocess.run([daemon.programs / "penstockd", "--config", settings], capture_output=True, text=True, timeout=60)

    def lint(*more):
        return subprocess.run([daemon.programs / "penstock", "lint", settings, *more], capture_output=True, text=True, timeout=60)

    clean = lint()
    expect.expect(clean.returncode == 0, "good settings and definitions are good", clean.stderr)
    for what, file, (old, new), place, words in CASES:
        path = daemon.work / file
        text, new = good[file], new if isinstance(new, bytes) else new.encode()
        if old is None:
            at, changed = 0, new
        elif old == "":
            at, changed = len(text), text + new
        else:
            at = text.index(old.encode())
            changed = text.replace(old.encode(), new, 1)
        path.write_bytes(changed)
        line = text[:at].count(b"\n") + 1
        if place.startswith("LINE+"):
            more, _, column = place[5:].partition(":")
            place = f"{line + int(more)}:{column}"
        started, linted = start(), lint()
        expect.expect(started.returncode == 2 and linted.returncode == 2, f"{what}: penstockd and lint end with 2",
                      f"{started.returncode} {linted.returncode} {started.stderr}")
        wanted = f"{path}:{place.replace('LINE', str(line))}"
        mine = [one for one in started.stderr.splitlines() if one.startswith(wanted) and "warning:" not in one]
        expect.expect(mine, f"{what}: told at {file}:{place.replace('LINE', str(line)) or '(any place)'}", started.stderr)
        expect.told("\n".join(mine), *words, what=f"{what}: the message says what is wrong and what helps")
        expect.expect(linted.stderr == started.stderr, f"{what}: lint tells the same", linted.stderr)
        expect.expect("hunter2" not in started.stderr and len(started.stderr) < 20_000, f"{what}: no secret is shown, and it is short", started.stderr)
        path.write_bytes(good[file])
    expect.expect(not (daemon.work / "data").exists(), "none of them made a journal")

    # Everything at once, with several wrong things in one file.
    settings.write_text(good[SETTINGS].decode().replace("limits: {}", "limts: {}").replace("approver: ann", "aprover: ann").replace("secret: {file: secret}, allow", "allow"))
    started = start().stderr
    expect.told(started, "`limts`", "`aprover`", "missing", what="all problems of a file are told at once")
    answer = json.loads(lint("-o", "json").stdout)
    expect.expect(not answer["good"] and len(answer["problems"]) >= 3, "lint -o json lists them", answer)
    settings.write_bytes(good[SETTINGS])

    missing = subprocess.run([daemon.programs / "penstockd", "--config", daemon.work / "nowhere.yaml"], capture_output=True, text=True, timeout=60)
    expect.told(missing.stderr, "nowhere.yaml", "cannot be read", "--config", what="a settings file that is not there is named")
    folder = subprocess.run([daemon.programs / "penstockd", "--config", daemon.work], capture_output=True, text=True, timeout=60)
    expect.expect(missing.returncode == 2 and folder.returncode == 2 and str(daemon.work) in folder.stderr, "and so is one that is a folder", folder.stderr)

    # Put right, it starts; a second one on the same address is told why it cannot.
    daemon.start()
    settings.write_text(good[SETTINGS].decode().replace("data: data\n", "data: other\n"))
    second = start()
    expect.told(second.stderr, f"127.0.0.1 port {daemon.port}", what="an address that is taken is named")
    expect.expect(second.returncode == 1, "and the second daemon ends with 1", second.stderr)
    daemon.stop()


if __name__ == "__main__":
    main(story, __doc__)
