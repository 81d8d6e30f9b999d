"""Credentials and jobs that lead to root on this host: keys to a cluster that it is a node of, its static pods, and what CI runners let jobs do.

Who administers a cluster starts a pod with all rights on any of its nodes. No key, token or certificate is ever stated.
"""

from typing import Final

from hostcheck_builtin.system.contributions import analysis, contributes, probe

PROBES: Final = (
    probe(__name__, id="ci-runners", title="Runners of CI jobs, and what jobs may do"),
    probe(
        __name__,
        id="kubeconfigs",
        title="Keys to this host's cluster, and where its static pods come from",
        share=55,
        owners={"/roots": "owner_uid", "/homes/*/kubeconfigs": "owner_uid", "/keys": "owner_uid", "/static_pods": "owner_uid"},
        users=True,
    ),
    probe(
        __name__,
        id="root-ssh",
        title="Keys by which sshd lets root in, and who has one at home",
        owners={"/homes/*/private_keys": "owner_uid"},
        users=True,
    ),
    probe(__name__, id="secrets", title="Files whose reader may get to root on this host", share=5, owners={"/hashes": "owner_uid", "/keys": "owner_uid"}),
)
ANALYSES: Final = (
    analysis(
        __name__,
        id="credential-access",
        title="Who can read or has a key of root's or of a cluster, who can put pods into it, and what jobs of CI runners may do",
        reads=("ci-runners", "group-grants", "host", "kubeconfigs", "nss", "principals", "root-ssh", "secrets"),
    ),
)
hostcheck_probes = contributes(PROBES)
hostcheck_analyses = contributes(ANALYSES)
