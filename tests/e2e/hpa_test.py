"""HorizontalPodAutoscalers of the embedded cluster."""

from harness import eventually

TICK = "--horizontal-pod-autoscaler-sync-period=1s"


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
