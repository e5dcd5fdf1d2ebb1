"""HorizontalPodAutoscalers of the embedded cluster: one that a ScaledObject with engine hpa wants, and one of a manifest."""

from harness import eventually, scaled

TICK = "--horizontal-pod-autoscaler-sync-period=1s"


def test_engine_hpa_scales_through_an_hpa(tidewheel, sender):
    manifest = scaled("mail", 'sum(queue_depth{queue="mail"})', "last_one", 10)
    manifest = manifest.replace("kind: ScaledObject\nmetadata:\n  name: mail\n",
                                "kind: ScaledObject\nmetadata:\n  name: mail\n"
                                "  annotations: {tidewheel.dev/engine: hpa}\n")
    assert "engine: hpa" in manifest
    one = tidewheel(manifest, retention=5, arguments=[TICK]).start()
    gauge = sender("python", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    gauge.say("set 35")
    one.wait_replicas("mail", 4)
    gauge.say("set 72")
    one.wait_replicas("mail", 8)
    gauge.say("set 12")
    one.wait_replicas("mail", 2)
    gauge.say("set 0")
    one.wait_replicas("mail", 0)
    gauge.say("set 35")
    one.wait_replicas("mail", 4)
    assert one.object("mail")["engine"] == "hpa"
    gauge.stop()
    one.hold_replicas("mail", 4, 8)  # silence, longer than the window and the cooldown


BUSY = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: busy}
spec:
  replicas: 1
  selector: {matchLabels: {app: busy}}
  template:
    metadata: {labels: {app: busy}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          command: ["sh", "-c", "while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.1; done"]
          resources: {requests: {cpu: 20m}}
          env:
            - {name: TIDEWHEEL_E2E_MARK, value: $MARK$}
            - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: busy}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: busy}
  maxReplicas: 3
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
"""


def test_a_stated_hpa_scales_by_what_pods_use(tidewheel):
    one = tidewheel(BUSY, arguments=[TICK]).start()
    eventually(lambda: len(one.pods("busy")) == 3, lambda: f"3 busy pods; there are {one.pods('busy')}\n{one.log()}")
