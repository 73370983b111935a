//go:build tools

// Package tools names the programs of the real control plane, so that go.mod and go.sum pin all they need.
// They are built by version from the module proxy; nothing of them lies in this repository.
package tools

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	// The real node of the same version comes from the same modules.
	_ "k8s.io/kubernetes/cmd/kubelet"
)
