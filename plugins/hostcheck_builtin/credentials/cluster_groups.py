"""The groups whose members administer a cluster."""

from typing import Final

MASTERS: Final = "system:masters"
"""The group that every API server obeys (kubernetes.io, RBAC; kube-apiserver, plugin/pkg/auth/authorizer/rbac/bootstrappolicy)."""
KUBEADM: Final = "kubeadm:cluster-admins"
"""The group that kubeadm 1.29 and later bind to cluster-admin (cmd/kubeadm/app/phases/kubeconfig, EnsureAdminClusterRoleBinding)."""
ADMINS: Final = (MASTERS, KUBEADM)
