"""A host in memory that has a file for every reader of the built-in probes: what each may find is there, and is what that reader takes."""

import json
from hashlib import sha256
from typing import Any

from containers.process_host import PROC, bind, joined, line, running, spec
from credentials.certificate_texts import pem, user
from credentials.credential_host import kubeconfig

from hostcheck.host.answers import Answer, Group, Peer, Process, Stat, User
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.containers import inspection
from hostcheck_builtin.containers.state_files import STORES

ANN, UID = "/home/ann", 1000
TABLE = (
    "22 1 0:21 / /proc rw - proc proc rw\n30 23 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    "27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:40 / /mnt/mac rw - virtiofs mac rw\n"
)
LIMA = 'env:\n  TOKEN: x\nmounts:\n- location: "~"\n- location: "/tmp/lima"\n  writable: true\n'
CLOUD = """chpasswd:
  list: |
    root:x
users:
- default
- name: bob
  groups: docker
  passwd: x
system_info:
  default_user: {name: ubuntu, groups: [adm, docker]}
groups:
- docker: [eve]
"""
CONFIG = {
    "auths": {"registry.example": {"auth": "x"}},
    "credHelpers": {"registry.example": "pass"},
    "proxies": {"default": {"httpProxy": "http://ann:x@proxy"}},
    "currentContext": "work",
}
META = {"Name": "work", "Metadata": {"token": "x"}, "Endpoints": {"docker": {"Host": "unix:///run/user/1000/docker.sock", "SkipTLSVerify": False}}}
SHELL = "export TOKEN=x\nexport DOCKER_HOST=unix:///run/user/1000/docker.sock\n. ~/.secrets\n"
UNIT = "[Service]\nUser=svc\nSupplementaryGroups=docker\nEnvironment=TOKEN=x\nExecStart=/usr/bin/x --password x\n"
DAEMON = {"hosts": ["unix:///run/extra.sock", "tcp://127.0.0.1:2376"], "proxies": {"http-proxy": "http://a:x@p"}, "log-opts": {"token": "x"}, "icc": False}
PODMAN = {"Name": "dev", "HostUser": {"Rootful": False}, "Mounts": [{"Source": ANN, "Target": ANN, "ReadOnly": False}], "SSH": {"IdentityPath": "x"}}
RUNNER = '[[runners]]\nname = "x"\ntoken = "x"\nexecutor = "shell"\n[[runners]]\nexecutor = "docker"\n[runners.docker]\nprivileged = true\nvolumes = ["/:/x"]\n'
KUBE = kubeconfig({**user("system:masters"), "token": "x"}, "https://api.example:6443")
APART = kubeconfig({"client-certificate": "pki/a.crt", "client-key": "pki/a.key", "password": "x"})
SETTINGS = {"FilesharingDirectories": ["$HOME"], "proxyHttpMode": "x", "ExposeDockerAPIOnTCP2375": True}
ROOT: dict[str, str | bytes] = {
    "/etc/passwd": f"root:x:0:0:root,x:/root:/bin/bash\nann:x:{UID}:{UID}:Ann,x:{ANN}:/bin/bash\n",
    "/etc/group": f"root:x:0:\ndocker:x:999:ann\nann:x:{UID}:\n",
    "/etc/gshadow": "root:*::\ndocker:$6$x::ann\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nsubid: files\n",
    "/etc/subuid": "ann:100000:65536\n",
    "/etc/subgid": "ann:100000:65536\n",
    "/etc/login.defs": "SUB_UID_MIN 100000\nUSERGROUPS_ENAB yes\nUID_MAX 60000\n",
    "/etc/security/group.conf": "sshd;tty1;ann;Al0000-2400;docker\n",
    "/etc/pam.d/sshd": "auth optional pam_group.so token=x\n@include common-auth\nsession optional pam_motd.so motd=/run/motd.dynamic\n",
    "/etc/pam.d/common-auth": "auth required pam_unix.so\n",
    "/etc/adduser.conf": "USERS_GROUP=users\nEXTRA_GROUPS=docker\nADD_EXTRA_GROUPS=1\n",
    "/etc/default/useradd": "GROUP=100\nGROUPS=docker\n",
    "/etc/cloud/cloud.cfg": CLOUD,
    "/etc/cloud/cloud.cfg.d/90.cfg": "users: {carol: {groups: docker, hashed_passwd: x}}\n",
    "/etc/sysusers.d/a.conf": "m ann docker\nu svc - 'a b' /x\n",
    "/etc/systemd/system/svc.service": UNIT,
    "/etc/systemd/system/actions.runner.a.service": UNIT,
    "/etc/systemd/system/gitlab-runner.service": "[Service]\nExecStart=/usr/bin/gitlab-runner run --user ann --token x\n",
    "/etc/gitlab-runner/config.toml": RUNNER,
    "/home/gitlab-runner/.gitlab-runner/config.toml": RUNNER,
    "/etc/kubernetes/admin.conf": KUBE,
    "/etc/kubernetes/kubelet.conf": APART,
    "/etc/kubernetes/pki/a.crt": pem("system:nodes"),
    "/etc/hosts": "10.0.0.1 api.example # x\n",
    "/proc/self/net/fib_trie": "  |-- 10.0.0.1\n     /32 host LOCAL\n",
    "/proc/self/net/if_inet6": "00000000000000000000000000000001 01 80 10 80 lo\n",
    "/etc/systemd/system/docker.service": "[Service]\nEnvironment=TOKEN=x\nEnvironmentFile=/etc/default/docker\nExecStart=/usr/bin/dockerd -H fd:// $OPTS\n",
    "/etc/default/docker": "TOKEN=x\nOPTS=--http-proxy=http://a:x@b --label=token=x\n",
    "/etc/systemd/system/docker.socket": "[Socket]\nListenStream=/run/docker.sock\nService=docker.service\n",
    "/etc/systemd/system/docker.socket.d/a.conf": "[Socket]\nListenStream=/run/other.sock\n",
    "/etc/docker/daemon.json": json.dumps(DAEMON, indent=1),
    "/etc/containerd/config.toml": 'imports = ["/etc/containerd/more.toml"]\n[grpc]\n  address = "/run/c.sock"\n[plugins.x]\n  auth = "x"\n',
    "/etc/containerd/more.toml": '[ttrpc]\naddress = "/run/t.sock"\n',
    "/etc/buildkit/buildkitd.toml": '[grpc]\naddress = ["unix:///run/b.sock"]\n',
    "/etc/environment": "DOCKER_HOST=unix:///run/docker.sock\nTOKEN=x\n",
    "/etc/environment.d/a.conf": "DOCKER_CONTEXT=work\nTOKEN=x\n",
    "/etc/profile": SHELL,
    "/etc/profile.d/a.sh": SHELL,
    "/etc/os-release": 'NAME="Debian"\nID=debian\nHOME_URL="https://x"\n',
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "/etc/sysctl.d/a.conf": "kernel.kptr_restrict = 2\nkernel.domainname = x\n",
    "/etc/sysctl.conf": "net.ipv4.ip_forward=1\n",
    "/etc/containers/podman-machine": "qemu\n",
    "/etc/pollinate/add-user-agent": "multipass/version/1.2+x\n",
    "/run/docker.pid": "500\n",
    "/run/systemd/container": "docker\n",
    "/usr/lib/systemd/systemd": "",
    "/etc/containers/registries.conf.d/a.conf": 'unqualified-search-registries = ["registry.example"]\n[[registry]]\nlocation = "registry.example"\n',
    "/var/lib/dpkg/status": "Package: docker.io\nStatus: install ok installed\nVersion: 1\n\n",
    "/var/lib/dpkg/info/docker.io.list": "/usr/bin/dockerd\n",
    "/usr/bin/dockerd": "",
    "/boot/config-6.1.0": "CONFIG_USER_NS=y\n",
    "/var/lib/containers/storage/db.sql": "/var/lib/containers/storage/run/containers/storageoverlay x",
}
SCRIPT = "#!/bin/sh\nTOKEN=x\n. /etc/default/job\n/usr/local/bin/job --token x\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILu4BVx4GvECnZ6XITF0DZKTbyGtXRiTLAIiaR+v3YGX"
KEYS = "".join(f'from="10.0.0.{number}",command="/bin/x --token x" {KEY} root@a{number}\n# {KEY} x\n' for number in range(20))
ROOT |= {
    "/etc/shadow": "root:*:19000:0:99999:7:::\nann:$y$j9T$x$x:19000:0:99999:7:::\n",
    "/usr/sbin/sshd": "",
    "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nAllowUsers root ann\n",
    "/etc/ssh/sshd_config.d/a.conf": "RevokedKeys /etc/ssh/revoked\n",
    "/etc/ssh/revoked": f"{KEY} x\n",
    "/etc/systemd/system/multi-user.target.wants/ssh.service": "[Service]\nExecStart=/usr/sbin/sshd -D\n",
    "/root/.ssh/authorized_keys": f"{KEYS}{KEY} root@a\n",
    "/root/.ssh/authorized_keys2": KEYS,
    "/root/.ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    "/root/.ssh/id_ed25519.pub": f"{KEY} x\n",
    "/etc/crontab": "PATH=/usr/bin:/opt/x\nTOKEN=x\n17 * * * * root /usr/local/bin/job --token x\n",
    "/etc/cron.d/a": "* * * * * root cd /srv/d && TOKEN=x ./job --token x\n",
    "/etc/cron.daily/a": SCRIPT,
    "/etc/logrotate.d/a": "/srv/d/*.log {\n  postrotate\n    TOKEN=x /srv/d/job --token x\n  endscript\n}\n",
    "/etc/cron.weekly/a": SCRIPT,
    "/etc/init.d/a": SCRIPT,
    "/etc/update-motd.d/10-a": SCRIPT,
    "/etc/apt/apt.conf.d/a": 'DPkg::Pre-Invoke {"TOKEN=x /usr/local/bin/job --token x";};\nAcquire::http::Proxy "http://a:x@b";\n',
    "/etc/dpkg/dpkg.cfg": "post-invoke=TOKEN=x /usr/local/bin/job --token x\n",
    "/etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n",
    "/etc/ld.so.conf.d/a.conf": "/usr/local/lib\n",
    "/root/.profile": SHELL,
    "/usr/bin/sudo": "",
    "/etc/sudoers": "Defaults secure_path=/usr/bin\nUser_Alias OPS = ann, %docker\nOPS ALL=(ALL) NOPASSWD: /usr/bin/docker login -p x\n"
    "@includedir /etc/sudoers.d\n",
    "/etc/sudoers.d/a": "Cmnd_Alias JOB = /usr/local/bin/job --token x\nann ALL=(svc:docker) JOB\n",
    "/usr/bin/doas": "",
    "/etc/doas.conf": "permit nopass setenv { TOKEN=x } ann as root cmd /usr/bin/docker args login -p x\n",
    "/usr/lib/polkit-1/polkitd": "",
    "/usr/bin/pkexec": "",
    "/etc/polkit-1/rules.d/10-a.rules": "// token x\nvar token = 'x';\npolkit.addAdminRule(function(a, s) {\n return ['unix-user:ann'];\n});\n"
    "polkit.addRule(function(action, subject) {\n if (subject.isInGroup('docker') && polkit.spawn(['/x', 'token']) == 'x') {\n  return 'yes';\n }\n});\n",
    "/usr/share/polkit-1/rules.d/49-polkit-pkla-compat.rules": "// token x\npolkit.spawn(['/usr/bin/pkla-check-authorization']);\n",
    "/etc/polkit-1/localauthority/50-local.d/a.pkla": "# token x\n[token x]\nIdentity=unix-user:ann\nAction=*\nResultAny=yes\nReturnValue=token=x\n",
    "/etc/polkit-1/localauthority.conf.d/a.conf": "# token x\n[Configuration]\nAdminIdentities=unix-user:ann\n",
    "/usr/share/polkit-1/actions/a.policy": "<policyconfig>\n<!-- token x -->\n<vendor>x</vendor>\n<action id='org.freedesktop.policykit.exec'>\n"
    "<message>token x</message>\n<defaults>\n<allow_any>no</allow_any>\n</defaults>\n"
    "<annotate key='org.freedesktop.policykit.exec.path'>/usr/bin/x</annotate>\n<annotate key='token'>x</annotate>\n</action>\n</policyconfig>\n",
}
"""Jobs and scripts of root's, and rules of sudo, doas and polkit."""
CONTAINED = "ab" * 32
KERNEL: dict[str, str | bytes] = {
    "/proc/self/status": "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\nSeccomp_filters:\t0\n",
    "/proc/self/mountinfo": TABLE,
    "/proc/1/mountinfo": TABLE,
    "/proc/1/cgroup": "0::/init.scope\n",
    "/proc/net/unix": "Num\n0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/docker.sock\n",
    "/proc/net/tcp": "  sl  local_address\n",
    "/proc/cmdline": "BOOT_IMAGE=/x lockdown=integrity url=http://a:x@b\n",
    "/proc/500/cmdline": b"dockerd\0-H\0fd://\0--http-proxy\0http://a:x@b\0--label\0token=x\0",
    "/proc/500/environ": b"TOKEN=x\0DOCKER_TLS_VERIFY=x\0",
    "/proc/500/net/unix": "Num\n0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/docker.sock\n",
    "/proc/600/cmdline": b"dockerd\0--registry-mirror\0http://a:x@b/x\0",
    "/proc/600/environ": f"HOME={ANN}\0TOKEN=x\0",
    "/proc/600/net/unix": f"Num\n0000000000000000: 00000002 00000000 00010000 0001 01 4712 /run/user/{UID}/docker.sock\n",
    "/proc/500/cgroup": "0::/system.slice/docker.service\n",
    "/proc/600/cgroup": f"0::/user.slice/user-{UID}.slice/user@{UID}.service/docker.service\n",
    "/proc/600/uid_map": f"0 {UID} 1\n1 100000 65536\n",
    "/proc/500/uid_map": "0 0 4294967295\n",
    "/proc/601/uid_map": "0 0 4294967295\n",
    "/proc/601/mountinfo": TABLE,
    "/proc/601/cmdline": b"rootlesskit\0--net=slirp4netns\0--state-dir=x\0--token\0x\0",
    "/proc/sys/kernel/osrelease": "6.1.0\n",
    "/proc/sys/kernel/version": "#1 SMP\n",
    "/proc/sys/kernel/hostname": "h\n",
    "/proc/sys/kernel/core_pattern": "|/usr/bin/x --token x\n",
    "/proc/sys/kernel/kptr_restrict": "1\n",
    "/proc/sys/kernel/seccomp/actions_avail": "kill errno\n",
    "/proc/filesystems": "nodev\tsysfs\n",
    "/sys/kernel/security/lsm": "capability,apparmor\n",
    "/sys/module/apparmor/parameters/enabled": "Y\n",
    "/sys/fs/selinux/enforce": "1\n",
    "/sys/class/dmi/id/chassis_type": "3\n",
    "/sys/class/dmi/id/sys_vendor": "QEMU\n",
    "/sys/class/dmi/id/product_name": "x\n",
    "/sys/hypervisor/type": "xen\n",
}
HOME: dict[str, str] = {
    ".docker/config.json": json.dumps(CONFIG, indent=1),
    ".kube/config": APART,
    ".kube/pki/a.crt": pem("system:masters"),
    f".docker/contexts/meta/{sha256(b'work').hexdigest()}/meta.json": json.dumps(META, indent=1),
    ".config/docker/daemon.json": json.dumps(DAEMON, indent=1),
    ".docker/desktop/settings-store.json": json.dumps(SETTINGS, indent=1),
    ".config/containers/podman/machine/qemu/dev.json": json.dumps(PODMAN, indent=1),
    ".lima/work/lima.yaml": LIMA,
    ".lima/work/ha.pid": "602\n",
    ".lima/_config/default.yaml": LIMA,
    ".colima/_lima/colima/lima.yaml": LIMA,
    ".local/share/rancher-desktop/lima/0/lima.yaml": LIMA,
    ".profile": SHELL,
    ".bashrc": SHELL,
    ".zshenv": SHELL,
    ".config/environment.d/a.conf": "DOCKER_CONTEXT=work\nTOKEN=x\n",
    ".config/systemd/user/default.target.wants/docker.service": "",
}
SOCKETS = {"/run/docker.sock": (0, 500), f"/run/user/{UID}/docker.sock": (UID, 600), f"/run/user/{UID}/podman/podman.sock": (UID, 600)}


def process(pid: int, uid: int, exe: str, ppid: int = 1) -> Process:
    """Return a process."""
    name = exe.rpartition("/")[2]
    return Process(pid=pid, ppid=ppid, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


ID = "ab" * 32
CONTAINER: dict[str, Any] = {
    "Id": ID,
    "Name": "/web",
    "Args": ["--token", "x"],
    "State": {"Status": "running"},
    "Mounts": [
        {"Type": "bind", "Source": "/srv", "Destination": "/data", "Mode": "z", "RW": True, "Propagation": "rprivate"},
        {"Type": "volume", "Name": "v", "Source": "/var/lib/docker/volumes/v/_data", "Destination": "/v", "Driver": "local", "RW": True, "Propagation": ""},
    ],
    "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}},
    "Config": {"Env": ["PASSWORD=x"], "Cmd": ["x"], "Labels": {"token": "x"}, "User": "app", "Image": "app", "Healthcheck": {"Test": ["CMD", "x"]}},
    "HostConfig": {
        **{"Privileged": False, "CapAdd": ["SYS_ADMIN"], "CapDrop": ["ALL"], "SecurityOpt": ["seccomp={}", "label=user:x"], "ReadonlyRootfs": True},
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}],
        **{"DeviceCgroupRules": ["c 1:3 r"], "PidMode": "container:other", "NetworkMode": "bridge", "IpcMode": "private", "UTSMode": "", "UsernsMode": ""},
        **{"CgroupnsMode": "private", "CgroupMode": "private", "Memory": 1, "PidsLimit": 1, "LogConfig": {"Config": {"token": "x"}}},
    },
}


def says(uid: int, pid: int, podman: bool) -> dict[str, Answer | Exception]:
    """Return what an engine answers."""
    info: dict[str, Any] = {
        "SecurityOptions": ["name=rootless"] if uid else [],
        "HttpProxy": "http://a:x@b",
        "Labels": ["token=x"],
        "DockerRootDir": "/var/lib/docker",
    }
    version = {"Version": "27.0.1", "ApiVersion": "1.46", "Components": [{"Name": "Engine", "Version": "27", "Details": {"token": "x"}}]}
    libpod = {"version": {"Version": "5"}, "host": {"security": {"rootless": True}}, "registries": {"x": "y"}}
    bodies = {
        "/_ping": b"OK",
        "/info": json.dumps(info, indent=1),
        "/version": json.dumps(version, indent=1),
        "/v4.0.0/libpod/info": json.dumps(libpod, indent=1),
        inspection.LIST: json.dumps([{"Id": ID, "Names": ["/web"], "Command": "x", "Labels": {"token": "x"}}], indent=1),
        inspection.VOLUMES: json.dumps({"Volumes": [{"Name": "v", "Options": {"device": "/srv/x", "o": "bind,password=x", "type": "none"}}]}, indent=1),
        **{form.format(ID): json.dumps(CONTAINER, indent=1) for form in inspection.INSPECT.values()},
    }
    server, more = ("Libpod/5.4.2 (linux)", "5.4.2") if podman else ("Docker/27.0.1 (linux)", "")
    return {
        path: Answer(status=200, body=body if isinstance(body, bytes) else body.encode(), pid=pid, uid=uid, server=server, libpod=more)
        for path, body in bodies.items()
    }


def everything() -> MemoryHost:
    """Return the host."""
    homes = {f"{ANN}/{path}": text for path, text in HOME.items()}
    stats = {path: Stat(type="socket", uid=uid, gid=uid or 999, mode=0o660) for path, (uid, _) in SOCKETS.items()}
    for path in homes:
        stats[path] = Stat(type="file", uid=UID, gid=UID, mode=0o600)
        while (path := path.rpartition("/")[0]).count("/") >= 2:
            stats[path] = Stat(type="dir", uid=UID, gid=UID, mode=0o700)
    stats |= {f"/usr/bin/{name}": Stat(type="file", uid=0, gid=0, mode=0o4755) for name in ("sudo", "doas", "pkexec")}
    stats |= {f"/etc/{name}": Stat(type="file", uid=0, gid=0, mode=0o440) for name in ("sudoers", "sudoers.d/a", "doas.conf")}
    stats |= {path: Stat(type="file", uid=0, gid=0, mode=0o755) for path, text in ROOT.items() if text == SCRIPT}
    stats |= {place: Stat(type="dir", uid=UID, gid=UID, mode=0o700) for place in (f"/run/user/{UID}", f"/run/user/{UID}/podman")}
    links = {
        "/proc/self/ns/user": "user:[4026531837]",
        "/proc/self/ns/pid": "pid:[4026531836]",
        "/proc/self/ns/mnt": "mnt:[1]",
        "/proc/500/fd/3": "socket:[4711]",
        "/proc/600/fd/3": "socket:[4712]",
    }
    links |= {f"/proc/{pid}/ns/net": "net:[4026531840]" for pid in ("self", 1, 500, 600, 601)}
    inside = joined(PROC, running(700, group=f"/machine.slice/libpod-{CONTAINED}.scope", mounts=line(104, "/etc", "/e")))
    files = {f"{STORES[3]}/{CONTAINED}/userdata/config.json": json.dumps(spec(mounts=[bind("/etc", "/e")]), indent=1)}
    return MemoryHost(
        {**inside["files"], **ROOT, **KERNEL, **homes, **files},
        stats={
            **inside["stats"],
            "/proc/1/net/unix": inside["stats"]["/proc/self/net/unix"],
            "/sys/fs/cgroup/machine.slice": Stat(type="dir", uid=0, gid=0, mode=0o755),
            **stats,
        },
        links={**inside["links"], **links},
        peers={path: Peer(pid=pid, uid=uid, gid=uid) for path, (uid, pid) in SOCKETS.items()},
        answers={path: says(uid, pid, "podman" in path) for path, (uid, pid) in SOCKETS.items()},
        processes=[
            process(1, 0, "/usr/lib/systemd/systemd"),
            process(500, 0, "/usr/bin/dockerd"),
            process(601, UID, "/usr/bin/rootlesskit"),
            process(600, UID, "/usr/bin/dockerd", 601),
            process(602, UID, "/usr/bin/limactl"),
        ],
        users=[User(name="root", uid=0, gid=0, home="/root", shell="/bin/bash"), User(name="ann", uid=UID, gid=UID, home=ANN, shell="/bin/bash")],
        groups=[Group(name="docker", gid=999, members=("ann",))],
        unix_sockets=[],
        tcp_listeners=[],
        vsock_listeners=[],
    )
