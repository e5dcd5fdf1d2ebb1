"""An aggregated API of external.metrics.k8s.io that plays a script: each read of a metric moves it one step on."""

import http.server
import json
import ssl
import threading
import time
import urllib.parse

GROUP = "external.metrics.k8s.io"
ROOT = f"/apis/{GROUP}/v1beta1"
SERVICE = "external-metrics"


class Script:
    """What one HorizontalPodAutoscaler reads. `passes` is a list of steps, one per evaluation that reads metrics; a
    step is a list with one answer per metric, in the order of `metrics`. An answer is a list of milli-units, one per
    series, or None for an error of the server.

    An evaluation's first read is answered at a multiple of `spacing` seconds since the first of all, so that no clock
    of the controller decides how old it finds what it remembers. Before that, `before(step)` may change the world; what
    it returns is kept. Thread-safe.
    """

    def __init__(self, metrics, passes, spacing, before):
        self.metrics = metrics
        self.passes = passes
        self.spacing = spacing
        self.before = before
        self.seen = []                 # per step, what `before` returned
        self.answered = []             # per step, when its last metric was answered, in seconds since the epoch
        self.finished = threading.Event()
        self.origin = None
        self.lock = threading.Lock()
        self.reads = {metric: 0 for metric in metrics}

    def answer(self, metric):
        """The next answer of this metric."""
        with self.lock:
            step = self.reads[metric]
            if step >= len(self.passes):
                self.finished.set()
                return None
            self.reads[metric] += 1
            if metric == self.metrics[0]:
                self._begin(step)
            if metric == self.metrics[-1]:
                self.answered.append(time.time())
            return self.passes[step][self.metrics.index(metric)]

    def _begin(self, step):
        self.seen.append(self.before(step))
        now = time.time()
        self.origin = self.origin or now
        time.sleep((self.origin - now) % self.spacing)


class Server:
    """Serves the scripts of `scripts` (namespace -> Script) and makes itself known to the plane as the API's server."""

    def __init__(self, plane):
        self.scripts = {}
        certificate, key = plane.authority.sign(SERVICE, SERVICE, "localhost", f"{SERVICE}.default.svc")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # Only the API server may ask: it proves itself with the front proxy's certificate.
        context.load_verify_locations(plane.authority.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        register(plane, self.http.server_address[1])

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def _handler(self):
        scripts = self.scripts

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, body = answer(scripts, urllib.parse.urlsplit(self.path).path)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        return Handler


def answer(scripts, path):
    """(status, body) for a GET of this path."""
    if path == ROOT:
        return 200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/v1beta1", "resources": []}
    words = path.removeprefix(ROOT).split("/")
    script = scripts.get(words[2]) if len(words) == 4 and words[1] == "namespaces" else None
    if script is None or words[3] not in script.metrics:
        return 404, failure(404, "NotFound", f"nothing at {path}")
    values = script.answer(words[3])
    if values is None:
        return 500, failure(500, "InternalError", "the script says so")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    items = [{"metricName": words[3], "metricLabels": {"series": str(number)}, "timestamp": now, "value": f"{value}m"}
             for number, value in enumerate(values)]
    return 200, {"kind": "ExternalMetricValueList", "apiVersion": f"{GROUP}/v1beta1", "metadata": {}, "items": items}


def failure(status, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason,
            "code": status}


def register(plane, port):
    """A Service that is a name for this machine, and an APIService that points to it."""
    plane.api.create("/api/v1/namespaces/default/services", {
        "metadata": {"name": SERVICE}, "spec": {"type": "ExternalName", "externalName": "localhost"}})
    plane.api.create("/apis/apiregistration.k8s.io/v1/apiservices", {
        "metadata": {"name": f"v1beta1.{GROUP}"},
        "spec": {"group": GROUP, "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
                 "caBundle": plane.authority.bundle(),
                 "service": {"name": SERVICE, "namespace": "default", "port": port}}})
