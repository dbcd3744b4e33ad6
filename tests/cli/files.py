"""The commands that work on files alone: lint, schema, audit keygen, and what `penstock` says of wrong use."""

import json
import pathlib
import re
import shutil
import subprocess

from command import DONE, ROOT, USAGE, Command
from checklist import main

GATE = """apiVersion: penstock/v1
kind: Gate
metadata: {name: described}
spec: {kind: candidate-fields, with: {require: [labels.owner]}}
"""
POLICY = """apiVersion: penstock/v1
kind: Policy
metadata: {name: fraud}
spec:
  model: fraud
  environment: production
  stages: [{name: all, gates: [{use: described}]}]
  approvals: [{group: release-managers}]
  deliver:
    - {kind: webhook, with: {receiver: serving}}
"""
SETTINGS = """data: data
definitions: definitions
people: [{name: ann, groups: [release-managers]}]
endpoints:
  - {name: serving, kind: webhook, url: "https://serving.example", secret: {file: serving.key}}
"""
SECRET = "a-secret-that-nobody-shall-see-printed"


def write(folder: pathlib.Path, gate=GATE, policy=POLICY, settings=SETTINGS):
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in {"definitions/gates/g.yaml": gate, "definitions/policies/p.yaml": policy, "penstock.yaml": settings}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    key = folder / "serving.key"
    key.write_text(SECRET)
    key.chmod(0o600)


def lint(check, penstock, work):
    definitions, settings = work / "definitions", work / "penstock.yaml"
    write(work)
    seen = penstock("lint", definitions, settings)
    check.expect(seen.code == DONE and not seen.err, "good files have exit status 0 and nothing on stderr", seen)
    check.told(seen.out, "good, 1 gates and 1 policies", what="and are told as good")
    seen = penstock("lint", "-o", "json", definitions, settings)
    check.expect(seen.json() == {"good": True, "problems": []}, "the same as JSON", seen)

    write(work, policy=POLICY.replace("use: described", "use: descirbed").replace("stages:", "stagess:"))
    seen = penstock("lint", definitions)
    check.expect(seen.code == USAGE and not seen.out, "a problem has exit status 2", seen)
    check.told(seen.err, f"{definitions}/policies/p.yaml:7:3: error: spec: unknown key `stagess`, did you mean `stages`?",
               what="and is told with file, line, column and what was meant")
    write(work, policy=POLICY.replace("use: described", "use: descirbed"), gate=GATE.replace("require: [", "requier: ["))
    seen = penstock("lint", "-o", "json", definitions)
    places = [(pathlib.Path(one["file"]).name, one["line"], one["column"], one["severity"]) for one in (seen.json() or {"problems": []})["problems"]]
    check.expect(seen.code == USAGE and places == [("g.yaml", 3, 18, "warning"), ("g.yaml", 4, 39, "error"), ("p.yaml", 7, 38, "error")],
                 "all problems of all files come as JSON, each with its place", seen)

    write(work, policy=POLICY.replace("receiver: serving", "receiver: servnig"))
    seen = penstock("lint", definitions)
    check.expect(seen.code == DONE, "a folder alone does not know the endpoints", seen)
    seen = penstock("lint", settings)
    check.expect(seen.code == USAGE, "the settings do", seen)
    check.told(seen.err, f"{definitions}/policies/p.yaml:10:40: error: spec.deliver[0].with.receiver: there is no endpoint `servnig`, did you mean "
               "`serving`?", what="and tell an unknown receiver with its place")
    for check_only in (["--check"], []):
        daemon = subprocess.run([penstock.program.parent / "penstockd", "--config", settings, *check_only], capture_output=True, text=True, timeout=30)
        check.expect(daemon.returncode == USAGE and daemon.stderr == seen.err, f"penstockd {' '.join(check_only)} refuses to start, in the same words", daemon)
    as_json = penstock("lint", "-o", "json", settings).json() or {"problems": [{}]}
    check.expect(as_json["problems"][0].get("line") == 10, "as JSON too", as_json)
    write(work, settings=SETTINGS.replace("people:", "poeple:"))
    seen = penstock("lint", settings)
    check.expect(seen.code == USAGE and f"{settings}:3:1: error: unknown key `poeple`, did you mean `people`?" in seen.err,
                 "problems of the settings have their place", seen)
    write(work, settings=SETTINGS.replace("serving.key", "missing.key"))
    seen = penstock("lint", settings)
    check.expect(seen.code == USAGE and "missing.key" in seen.err and SECRET not in seen.err, "a secret that is not there is named, not shown", seen)
    for what, text in {"half a document": "apiVersion: [", "no text": "\x00\xff\n"}.items():
        write(work)
        (definitions / "gates/g.yaml").write_bytes(text.encode("latin-1"))
        seen = penstock("lint", definitions)
        check.expect(seen.code == USAGE and "gates/g.yaml:" in seen.err, f"{what} is a problem of that file", seen)
    seen = penstock("lint", work / "nowhere")
    check.expect(seen.code == USAGE and "nowhere" in seen.err, "what is not there is a problem", seen)


def is_schema(schema, where="#") -> list:
    """What is against draft-07 in the parts of it that Penstock writes."""
    known = {"$schema", "title", "description", "default", "type", "properties", "additionalProperties", "required", "items", "enum", "const",
             "allOf", "oneOf", "anyOf", "not", "if", "then", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern",
             "minProperties", "maxProperties"}
    wrong = [f"{where}: {key} is no keyword" for key in set(schema) - known]
    types = {"object", "array", "string", "integer", "number", "boolean", "null"}
    given = schema.get("type", [])
    wrong += [f"{where}: no type {one}" for one in ([given] if isinstance(given, str) else given) if one not in types]
    wrong += [f"{where}: {key} counts no whole number" for key in ("minLength", "maxLength", "minItems", "maxItems")
              if key in schema and (not isinstance(schema[key], int) or schema[key] < 0)]
    wrong += [f"{where}: {name} is required but not declared" for name in schema.get("required", [])
              if "properties" in schema and "if" not in where and "then" not in where and name not in schema["properties"]]
    if "enum" in schema and (not schema["enum"] or len(set(map(str, schema["enum"]))) != len(schema["enum"])):
        wrong.append(f"{where}: an enum has values, each once")
    if "pattern" in schema:
        re.compile(schema["pattern"])
    for name, inside in schema.get("properties", {}).items():
        wrong += is_schema(inside, f"{where}/properties/{name}")
    for key in ("items", "additionalProperties", "if", "then", "not"):
        if isinstance(schema.get(key), dict):
            wrong += is_schema(schema[key], f"{where}/{key}")
    for key in ("allOf", "oneOf", "anyOf"):
        for number, inside in enumerate(schema.get(key, [])):
            wrong += is_schema(inside, f"{where}/{key}/{number}")
    return wrong


def kinds_of(schema) -> set:
    return {rule["if"]["properties"]["kind"]["const"] for rule in schema["allOf"]}


def schemas(check, penstock, work):
    seen = penstock("schema")
    documents = seen.json() or {}
    check.expect(seen.code == DONE and set(documents) == {"gate.json", "policy.json", "framework.json", "penstock.json"}, "one schema for each kind of file", seen.err)
    for name, document in documents.items():
        wrong = is_schema(document)
        check.expect(not wrong and document["$schema"] == "http://json-schema.org/draft-07/schema#", f"{name} is JSON Schema, draft-07", wrong[:5])
        shipped = ROOT / "gate-definitions" / "schemas" / name
        check.expect(json.loads(shipped.read_text()) == document, f"gate-definitions/schemas/{name} is what it prints")
    gates = documents["gate.json"]["properties"]["spec"]
    check.expect(kinds_of(gates) == {"candidate-fields", "champion-comparison", "data-contract", "executable", "rollback-readiness", "security-signoff",
                                    "smoke-test"},
                 "every kind of gate says what it wants", kinds_of(gates))
    deliveries = documents["policy.json"]["properties"]["spec"]["properties"]["deliver"]["items"]
    check.expect(kinds_of(deliveries) == {"mlflow-alias", "webhook"}, "and every kind of delivery", kinds_of(deliveries))
    target = work / "schemas"
    seen = penstock("schema", "--write", target)
    check.expect(seen.code == DONE and sorted(seen.out.split()) == sorted(str(target / name) for name in documents), "it prints the files it wrote", seen)
    for name in documents:
        check.expect((target / name).read_bytes() == (ROOT / "gate-definitions" / "schemas" / name).read_bytes(), f"{name} is written byte by byte as it is checked in")
    (work / "file").write_text("")
    seen = penstock("schema", "--write", work / "file" / "below")
    check.expect(seen.code not in (DONE, USAGE) and "cannot be written" in seen.err, "what cannot be written is told", seen)
    seen = penstock("schema", "--markdown")
    check.expect(seen.code == DONE and "### `smoke-test`" in seen.out and "`receiver`" in seen.out, "the reference page has the kinds and their keys")


def keygen(check, penstock, work):
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    private, public = work / "audit.key", work / "audit.key.pub"

    def make(*more):
        return penstock("audit", "keygen", "--name", "example.com/audit", "--key", private, *more)

    public.write_text("another key")
    seen = make()
    check.expect(seen.code == USAGE and str(public) in seen.err and "never overwritten" in seen.err, "a public key that is there is not written over", seen)
    check.expect(public.read_text() == "another key" and not private.exists(), "and no private key stays behind")
    public.unlink()
    seen = make("-o", "json")
    told = {"public_key": public.read_text().strip(), "private_file": str(private), "public_file": str(public)}
    check.expect(seen.code == DONE and seen.json() == told, "a pair of keys is told as JSON", seen)
    check.expect("PRIVATE" not in seen.out and private.stat().st_mode & 0o777 == 0o600, "without the private one, which only its owner can read", seen)
    made = private.read_text()
    check.expect(make().code == USAGE and private.read_text() == made and public.read_text().strip() == told["public_key"], "neither is ever written over")


def wrong_use(check, penstock):
    for words in ([], ["promote"], ["lint"], ["status", "--phase"], ["status", "-o", "yaml"], ["watch", "prm_1", "--timeout", "soon"], ["reject", "prm_1"],
                  ["withdraw", "prm_1"], ["lanes", "fraud"], ["status", "--limit", "0"], ["approve"]):
        seen = penstock(*words)
        check.expect(seen.code == USAGE and seen.err and not seen.out, f"`penstock {' '.join(words)}` is wrong use, told on stderr", seen)
    seen = penstock("status", "--token", "x")
    check.expect(seen.code == USAGE, "no argument takes a token", seen)
    seen = penstock("--help")
    check.expect(seen.code == DONE and "7  the daemon cannot be reached" in seen.out and "PENSTOCK_TOKEN_FILE" in seen.out,
                 "the help tells the exit codes and the environment", seen)
    check.expect(re.fullmatch(r"\d+\.\d+\.\d+\S*\n", penstock("--version").out), "it tells its version")


def story(check, programs, work):
    penstock = Command(programs)
    lint(check, penstock, work.resolve() / "lint")
    shutil.rmtree(work / "schema", ignore_errors=True)
    (work / "schema").mkdir(parents=True)
    schemas(check, penstock, work.resolve() / "schema")
    keygen(check, penstock, work.resolve() / "keygen")
    wrong_use(check, penstock)


if __name__ == "__main__":
    main(story, __doc__)
