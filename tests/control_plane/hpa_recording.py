"""What the real HPA controller saw and did, from the API server's audit log, as test vectors for our own.

The audit log has each request of the controller with its answer, so a recording knows what an evaluation read and wrote
without a guess, whatever the timing was.
"""

import datetime
import json
from dataclasses import dataclass, field

# The controller's requests that matter, and nothing else. JSON, which is YAML too.
AUDIT_POLICY = json.dumps({
    "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "RequestResponse", "verbs": ["get", "update"], "resources": [
            {"group": "apps", "resources": ["deployments/scale"]},
            {"group": "autoscaling", "resources": ["horizontalpodautoscalers/status"]}]},
        {"level": "Metadata", "verbs": ["list"], "resources": [{"group": "external.metrics.k8s.io"}]},
        {"level": "None"},
    ]})
CONDITIONS = ("AbleToScale", "ScalingActive", "ScalingLimited", "ScaledToZero")
CONTROLLER = "kube-controller-manager/"
WRITES_MAX = 5  # attempts to write the scale, in one evaluation


@dataclass
class Pass:
    """One evaluation. `step` is the script's, None when it read no metrics."""
    at: float  # when it decided, in seconds since the epoch
    spec: int
    status: int
    step: int | None = None
    writes: list = field(default_factory=list)       # HTTP statuses of the attempts to write the scale
    written: int | None = None                       # the count, if one succeeded
    before: dict = field(default_factory=dict)       # the HPA's status that it went on from
    after: dict = field(default_factory=dict)        # the one it came to, stored or not


def recorded_passes(audit, namespace, script):
    """The evaluations of the one HPA in `namespace`, up to the script's last step. `audit`: lines of the log, of which
    those of one more evaluation show that the last one is over."""
    events = [event for event in map(json.loads, audit)
              if event.get("objectRef", {}).get("namespace") == namespace and event["userAgent"].startswith(CONTROLLER)]
    events.sort(key=lambda event: event["requestReceivedTimestamp"])
    passes, reads = [], 0
    stored = {}  # resource version -> the HPA's status in it
    newest = {}
    for event in events:
        kind = (event["verb"], event["objectRef"]["resource"], event["objectRef"].get("subresource"))
        code = event["responseStatus"]["code"]
        if kind == ("get", "deployments", "scale"):
            again = passes and passes[-1].writes[-1:] == [409] and len(passes[-1].writes) < WRITES_MAX
            if not again:
                body = event["responseObject"]
                passes.append(Pass(seconds(event["stageTimestamp"]), body["spec"].get("replicas", 0),
                                   body["status"]["replicas"], before=newest, after=newest))
        elif kind == ("update", "deployments", "scale"):
            passes[-1].writes.append(code)
            if code == 200:
                passes[-1].written = event["requestObject"]["spec"].get("replicas", 0)
        elif kind == ("update", "horizontalpodautoscalers", "status"):
            # An evaluation right after another may not have heard of the other's status yet; then its own is refused.
            passes[-1].before = stored.get(event["objectRef"]["resourceVersion"], {})
            passes[-1].after = event["requestObject"]["status"]
            if code == 200:
                newest = stored[event["responseObject"]["metadata"]["resourceVersion"]] = passes[-1].after
        elif event["objectRef"]["apiGroup"] == "external.metrics.k8s.io":
            if event["objectRef"]["resource"] == script.metrics[0]:
                if reads < len(script.passes):
                    passes[-1].step, passes[-1].at = reads, script.answered[reads]
                reads += 1
    last = next((i for i, one in enumerate(passes) if one.step == len(script.passes) - 1), len(passes))
    assert last + 1 < len(passes), f"{namespace}: the log ends after {reads} of {len(script.passes)} steps"
    return passes[:last + 1]


def seconds(timestamp):
    return datetime.datetime.fromisoformat(timestamp).timestamp()


def conditions(state):
    return {one["type"]: [one["status"], one["reason"]] for one in state.get("conditions", [])}


def metric_status(state):
    """One entry per metric, with an empty type where it failed; nothing where none was read."""
    return [{"type": one["type"], **one.get("external", {}).get("current", {})} for one in state.get("currentMetrics") or []]


def vector(name, spec, passes, script, targets):
    """A sequence vector, in the format of the HPA's test vectors. `targets`: one per metric; what the script saw of a
    step are the pods, in that format too."""
    def metrics(step):
        return [{"type": "External", "name": metric, "targetType": target.type, "target": target.quantity,
                 **({"fetchError": True} if values is None else {"values": values})}
                for metric, target, values in zip(script.metrics, targets, script.passes[step or 0])]

    def steps():
        previous = {}
        for one in passes:
            given = {"specReplicas": one.spec, "statusReplicas": one.status,
                     "scaleUpdateErrors": ["conflict" for code in one.writes if code == 409],
                     "pods": script.seen[one.step] if one.step is not None else []}
            if one.before != previous:
                given |= {"conditions": conditions(one.before), "statusDesired": one.before.get("desiredReplicas", 0)}
            previous = one.after
            yield {"atSeconds": round(one.at - first.at, 3), "set": given, "metrics": metrics(one.step),
                   "expect": {"desired": one.after.get("desiredReplicas", 0), "scaleTo": one.written,
                              "scaleWrites": len(one.writes),
                              "conditions": {kind: None for kind in CONDITIONS} | conditions(one.after),
                              # At 0 replicas this release reports what a division by 0 leaves; later ones report 0.
                              **({"metricStatus": metric_status(one.after)} if one.status else {})}}

    first = passes[0]
    return {
        "id": name, "kind": "sequence", "origin": "recorded", "tags": ["recorded"],
        **({"min": spec["minReplicas"]} if "minReplicas" in spec else {}), "max": spec["maxReplicas"],
        **({"behavior": spec["behavior"]} if "behavior" in spec else {}),
        "specReplicas": first.spec, "statusReplicas": first.status, "statusDesired": 0, "metrics": metrics(0),
        "steps": list(steps()), "expect": {"steps": len(passes)},
    }


def near_edges(passes, windows, margin):
    """Ages of one pass at another that are within `margin` of a window, all in seconds: there, either side may be right."""
    ages = {later.at - earlier.at for i, later in enumerate(passes) for earlier in passes[:i]}
    return sorted(age for age in ages if any(abs(age - window) < margin for window in windows))


def table(passes, script):
    """The sequence, for whoever looks for a difference."""
    rows = [" step  seconds  spec status  written desired  answers; conditions"]
    for one in passes:
        answers = script.passes[one.step] if one.step is not None else "not read"
        told = " ".join(f"{kind}={status}/{reason}" for kind, (status, reason) in conditions(one.after).items())
        rows.append(f"{'' if one.step is None else one.step:>5} {one.at - passes[0].at:8.3f} {one.spec:5} {one.status:6} "
                    f"{'' if one.written is None else one.written:>8} {one.after.get('desiredReplicas', 0):7}  "
                    f"{answers}; {told}")
    return "\n".join(rows)
