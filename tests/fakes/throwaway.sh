#!/usr/bin/env bash
# A throwaway host for recordings: an overlay over this machine's root, entered by pivot_root in namespaces of its own, with users of its own,
# a real containerd and a real dockerd. Nothing of the machine is changed, and all of it ends with its first process.
# usage: throwaway.sh COMMAND...   (as root; COMMAND runs inside, in / , with what it names visible at the same path)
set -euo pipefail

if [ "${1-}" != --inside ]; then
  exec unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private bash "$(realpath "$0")" --inside "$@"
fi
shift

base=/mnt
mount -t tmpfs -o mode=0755 tmpfs "$base"
mkdir "$base"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$base/root"
cd "$base/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=0755 tmpfs var/lib/docker 2>/dev/null || { mkdir -p var/lib/docker && mount -t tmpfs tmpfs var/lib/docker; }
mount --rbind /dev dev
mkdir -p run/old
pivot_root . run/old

hostname throwaway
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
echo 'BOOT_IMAGE=/vmlinuz root=/dev/vda1 quiet' >/run/cmdline
mount --bind /run/cmdline /proc/cmdline
# alice by /etc/group, bob by his primary group, carol by an ACL, dave by one that the mask takes back, erin not at all
getent group docker >/dev/null || echo 'docker:x:4900:' >>/etc/group
gid=$(getent group docker | cut -d: -f3)
for user in alice:4001:4001 "bob:4002:$gid" carol:4003:4003 dave:4004:4004 erin:4005:4005; do
  IFS=: read -r name uid group <<<"$user"
  echo "$name:x:$uid:$group::/home/$name:/bin/bash" >>/etc/passwd
  [ "$group" != "$uid" ] || echo "$name:x:$uid:" >>/etc/group
  mkdir -m 0700 -p "/home/$name" "/run/user/$uid"
  chmod 0700 "/run/user/$uid"
  chown "$uid:$group" "/home/$name" "/run/user/$uid"
done
sed -i "s/^\(docker:[^:]*:[^:]*:\).*/\1alice/" /etc/group
# Accounts are recorded: no password of this machine's may be in it.
sed -i 's/^\([^:]*\):[^:]*:.*/\1:*:19000:0:99999:7:::/' /etc/shadow
# Root's own start files are recorded: those of a new system.
cp /usr/share/base-files/dot.profile /root/.profile
cp /usr/share/base-files/dot.bashrc /root/.bashrc
ip link set lo up
# Few services: each unit file is an answer that the tests deny in turn.
find /usr/lib/systemd/system -name '*.service' ! -name 'docker.service' ! -name 'dbus.service' ! -name 'e2scrub_fail@.service' ! -name 'systemd-networkd.service' -delete

# Few packages, for the same reason.
rights=$(find /usr/bin /usr/sbin /usr/lib -xdev -type f -perm -4000 | while read -r program; do echo "$(dpkg -S "$program" | cut -d: -f1)=$program"; done)
awk 'BEGIN { RS = ""; ORS = "\n\n" } /^Package: (docker\.io|containerd|runc)\n/' /var/lib/dpkg/status >/run/status && cp /run/status /var/lib/dpkg/status
find /var/lib/dpkg/info -type f ! -name 'docker.io.*' ! -name 'containerd.*' ! -name 'runc.*' -delete

# What interpreters and package managers load is that of a new system.
find /usr/lib/python3/dist-packages /usr/local/lib/python3*/dist-packages -maxdepth 1 -name '*.pth' ! -name distutils-precedence.pth -delete
find /etc/dpkg/dpkg.cfg.d /etc/apt/apt.conf.d -type f ! -name '[0-9]*' -delete
find /etc/logrotate.d -type f ! -name dpkg ! -name apt ! -name alternatives -delete

# The environment of a daemon is recorded: nothing of this machine's may be in it.
clean() { env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\nroot = "/tmp/containerd"\n' >/tmp/containerd.toml
clean containerd --config /tmp/containerd.toml >/tmp/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done
clean dockerd --bridge=none --iptables=false --ip6tables=false --containerd /run/containerd/containerd.sock -H unix:///run/docker.sock >/tmp/dockerd.log 2>&1 &
until curl -sf --unix-socket /run/docker.sock http://engine/_ping >/dev/null; do sleep 0.1; done # the socket is there, and its group set, before dockerd answers
setfacl -m u:carol:rw /run/docker.sock
# Few links to programs elsewhere: where each leads is an answer too.
find /usr/bin /usr/sbin -type l -lname '*/*' -delete
umount -l /run/old
cd /
# Few bytes of each program that gives rights, for all of it is recorded; its package has the digest of these.
for one in $rights; do
  package=/var/lib/dpkg/info/${one%%=*} program=${one#*=}
  truncate -s 64 "$program"
  echo "$program" >>"$package.list"
  md5sum "$program" | sed 's|  /|  |' >>"$package.md5sums"
done
"$@"
