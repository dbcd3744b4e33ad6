"""Another system that Penstock talks to over HTTP, which behaves badly on demand. Standard library only.

`fault` names how; every fault is also a way to come back, by setting it to "" again:
  refused    nobody listens            failing   500 to everything
  html       200 with a web page       shape     200 with JSON that is not what was asked for
  nested     200 with JSON a quarter of a million levels deep
  endless    200 with a body that does not end
  silent     takes the connection and never answers
  trickle    answers a byte every half second
"""

import json
import socket
import threading
import time
import urllib.parse

NESTED = "[" * 250_000 + "]" * 250_000
WRONG_SHAPE = json.dumps({"model_versions": {"a": 1}, "registered_model": {"aliases": [{"alias": 3}]}, "artifact_uri": 7, "files": 3, "run": []})
# Of the shape that is asked for, down to where it is not looked at any more.
TOO_DEEP = '{"registered_model": {"aliases": [{"alias": "champion", "version": ' + NESTED + '}]}, "model_versions": ' + NESTED + "}"
WAYS = ("refused", "failing", "html", "shape", "nested", "endless", "silent", "trickle")


def http(status: int, body, content_type: str = "application/json", more: str = "") -> bytes:
    body = body if isinstance(body, bytes) else body.encode()
    return (f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n").encode() + body


class Peer:
    """`answer(method, path, query, headers, body)` returns status and JSON (or bytes), for when nothing is wrong."""

    def __init__(self, answer):
        self.answer = answer
        self._fault = ""
        self.listener = None
        self.port = 0
        self.connections = 0
        self.listen()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def fault(self):
        return self._fault

    @fault.setter
    def fault(self, way: str):
        was, self._fault = self._fault, way
        if way == "refused":
            # close() alone would leave the port open until the accept that is under way returns.
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
        elif was == "refused":
            self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                way = self._fault
                if way == "silent":
                    return self.stay(connection, way, lambda: None)
                request = self.read_request(connection)
                if request is None:
                    return None
                if way:
                    return self.misbehave(connection, way)
                status, body = self.answer(*request)
                if isinstance(status, bytes):  # a whole answer, as it goes over the wire
                    return connection.sendall(status)
                connection.sendall(http(status, body if isinstance(body, bytes) else json.dumps(body)))
            except OSError:
                pass

    def stay(self, connection, way: str, act):
        """Until the fault is over or the other side leaves."""
        connection.settimeout(0.5)
        while self._fault == way:
            act()
            try:
                if connection.recv(65536) == b"":
                    return
            except TimeoutError:
                pass

    def misbehave(self, connection, way: str):
        if way == "failing":
            connection.sendall(http(500, json.dumps({"error_code": "INTERNAL_ERROR", "message": "the database is gone"})))
        elif way == "html":
            connection.sendall(http(200, "<html><body>Please log in</body></html>", "text/html"))
        elif way == "shape":
            connection.sendall(http(200, WRONG_SHAPE))
        elif way == "nested":
            connection.sendall(http(200, TOO_DEEP))
        elif way == "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"model_versions\": [")
            while self._fault == way:
                connection.sendall(b" " * 65536)
        elif way == "trickle":
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            self.stay(connection, way, lambda: connection.sendall(b"X"))

    @staticmethod
    def read_request(connection):
        connection.settimeout(10)
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece or len(data) > 1 << 20:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target = lines[0].split(" ")[:2]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", "0")):
            piece = connection.recv(65536)
            if not piece:
                return None
            body += piece
        path, _, query = target.partition("?")
        return method, urllib.parse.unquote(path), dict(urllib.parse.parse_qsl(query)), headers, body


class Registry(Peer):
    """An MLflow server as far as Penstock uses one."""

    API = "/api/2.0/mlflow/"
    FILES = "/api/2.0/mlflow-artifacts/artifacts"

    def __init__(self):
        self.versions = {}
        self.aliases = {}
        self.files = {}
        super().__init__(self.reply)

    def register(self, name: str, version: str, **more):
        """`more` are further members of the version, such as `status`."""
        self.files[f"0/{name}/{version}/model.txt"] = f"{name} {version}\n".encode()
        self.versions[(name, version)] = {
            "name": name, "version": version, "creation_timestamp": int(time.time() * 1000), "current_stage": "None", "user_id": "trainer",
            "source": f"mlflow-artifacts:/0/{name}/{version}", "status": "READY", "tags": [{"key": "penstock.label.owner", "value": "team"}],
            **more}

    def reply(self, method, path, query, _headers, body):
        absent = 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"there is no {path}"}
        if path == self.API + "model-versions/search":
            newest = sorted(self.versions.values(), key=lambda one: -one["creation_timestamp"])
            return 200, {"model_versions": newest} if newest else {}
        if path == self.API + "model-versions/get-download-uri":
            found = self.versions.get((query["name"], query["version"]))
            return (200, {"artifact_uri": found["source"]}) if found else absent
        if path == self.API + "registered-models/get":
            aliases = [{"alias": alias, "version": version} for (name, alias), version in self.aliases.items() if name == query["name"]]
            return 200, {"registered_model": {"name": query["name"], "aliases": aliases}}
        if path == self.API + "registered-models/alias" and method == "POST":
            wanted = json.loads(body)
            self.aliases[(wanted["name"], wanted["alias"])] = wanted["version"]
            return 200, {}
        if path == self.FILES:
            folder = query["path"] + "/"
            return 200, {"files": [{"path": name[len(folder):], "is_dir": False, "file_size": len(content)}
                                   for name, content in self.files.items() if name.startswith(folder)]}
        if path.startswith(self.FILES + "/"):
            content = self.files.get(path[len(self.FILES) + 1:])
            return (200, content) if content is not None else absent
        return absent
