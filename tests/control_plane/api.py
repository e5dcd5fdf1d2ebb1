"""The little of a Kubernetes client that tests need: one request, JSON both ways."""

import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

DEADLINE = 60  # seconds; far beyond what anything here takes, for machines that are busy


class Refused(Exception):
    """An answer that is no success. `status` is the HTTP status, `body` the answer: a Status object where it is one."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Api:
    """Speaks as `token` to the server at `url`, whose certificate `authority` (a file) must have signed. Thread-safe."""

    def __init__(self, url, token, authority):
        self.url = url
        self.token = token
        self.context = ssl.create_default_context(cafile=str(authority))

    def request(self, method, path, body=None, content_type="application/json"):
        """The answer: JSON parsed, else text. A body is an object, or text as it is sent. Raises Refused, or OSError when
        nobody answers."""
        with self._open(method, path, body, content_type) as answer:
            return parsed(answer)

    def _open(self, method, path, body, content_type):
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "Content-Type": content_type}
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        asked = urllib.request.Request(self.url + path, text and text.encode(), headers, method=method)
        try:
            return urllib.request.urlopen(asked, timeout=DEADLINE, context=self.context)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, parsed(error)) from None

    def get(self, path):
        return self.request("GET", path)

    def create(self, path, body):
        return self.request("POST", path, body)

    def merge(self, path, body):
        return self.request("PATCH", path, body, "application/merge-patch+json")

    def apply(self, path, manifest):
        """Makes the object what the manifest says, an object or YAML text; creates it where it is missing."""
        return self.request("PATCH", f"{path}?fieldManager=test&force=true", manifest, "application/apply-patch+yaml")

    def watch(self, path, **parameters):
        """The events of one watch, until the server ends it."""
        query = urllib.parse.urlencode({"watch": "true", **parameters})
        with self._open("GET", f"{path}?{query}", None, "application/json") as answer:
            yield from map(json.loads, answer)

    def delete(self, path):
        return self.request("DELETE", path)


def fresh_namespace(api):
    """The path of its objects, without the API group."""
    name = api.create("/api/v1/namespaces", {"metadata": {"generateName": "test-"}})["metadata"]["name"]
    return f"namespaces/{name}"


def conditions(found):
    """Of an object: type -> (status, reason)."""
    return {c["type"]: (c["status"], c.get("reason")) for c in found.get("status", {}).get("conditions") or []}


def parsed(answer):
    text = answer.read().decode(errors="replace")
    return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text


def eventually(check, what, seconds=DEADLINE):
    """The first true answer of `check`, asked again and again."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {seconds} s: {what() if callable(what) else what}"
        time.sleep(0.05)
