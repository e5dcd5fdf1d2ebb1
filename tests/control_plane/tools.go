//go:build tools

// Package controlplane names the programs that prepare.sh builds, so that go.mod and go.sum pin all they are made of.
package controlplane

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
)
