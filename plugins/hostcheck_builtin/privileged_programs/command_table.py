"""Programs that give whoever may run them as root more than their name says: a shell, any file, any program, or an engine.

Each entry has a source: a man page with its section, or the name of the entry at https://gtfobins.github.io. Whether a rule allows any arguments, none, or
some that are fixed decides what is left: `systemctl restart nginx` is no shell, and `vi /etc/hosts` is one, because vi has a command for it.
"""

from typing import Final, NamedTuple

from hostcheck_builtin.system.program_names import base_name

SHELL: Final = "shell"
WRITE: Final = "write-any-file"
ENGINE: Final = "engine"
READ: Final = "read-any-file"


class Gives(NamedTuple):
    """What a program gives with any arguments; `bare` whether also with none, `fixed` whether also with those that a rule names.

    `how` follows the name of the program in a sentence.
    """

    gives: str
    how: str
    source: str
    engine: str = ""
    bare: bool = False
    fixed: bool = False


def _shell(how: str, source: str, *, bare: bool = False, fixed: bool = False) -> Gives:
    return Gives(SHELL, how, source, bare=bare, fixed=fixed)


_TABLE: Final = {
    # shells and what starts another program at once
    "sh bash dash ash zsh ksh ksh93 mksh fish tcsh csh rbash yash busybox toybox": _shell("is a shell", "sh(1)", bare=True),
    "su runuser": _shell("starts a shell", "su(1)", bare=True),
    "sudo doas pkexec": _shell("runs any program", "sudo(8)"),
    "gosu su-exec": _shell("runs any program", "https://github.com/tianon/gosu"),
    "chpst setuidgid s6-setuidgid": _shell("runs any program", "chpst(8), setuidgid(8)"),
    "sulogin": _shell("starts a shell", "sulogin(8)", bare=True),
    "login": _shell("starts a shell", "login(1)"),
    "screen tmux script": _shell("starts a shell", "GTFOBins: screen, tmux, script", bare=True),
    "byobu dtach abduco": _shell("starts a shell", "dtach(1)"),
    # interpreters
    "python perl ruby lua luajit node nodejs php tclsh wish irb jjs jrunscript guile R Rscript julia": _shell(
        "runs any code", "GTFOBins: python, perl, ruby, lua, node, php", bare=True
    ),
    "awk gawk mawk nawk": _shell("runs any program with system()", "GTFOBins: awk"),
    "sed": _shell("runs any program with its command e, and writes any file with w", "GTFOBins: sed"),
    "ed ex red": _shell("runs any program with !", "GTFOBins: ed", bare=True, fixed=True),
    "expect": _shell("runs any program", "GTFOBins: expect", bare=True),
    "m4 dc bc sqlite3 psql mysql mariadb": _shell("runs any program by a command of its own", "GTFOBins: m4, dc, sqlite3, psql, mysql", bare=True),
    "java javac gcc g++ cc c++ clang make gmake cmake ninja cargo go ant mvn gradle rake": _shell("runs any program", "GTFOBins: gcc, make"),
    # editors and pagers
    "vi vim nvim view vimdiff rvim rview vim.basic vim.tiny vim.nox gvim elvis nvi vigr vipw": _shell(
        "starts a shell with :!", "GTFOBins: vi, vim", bare=True, fixed=True
    ),
    "emacs emacs-nox emacs-gtk zile mg jed joe jmacs jpico jstar mcedit mc nano pico rnano micro helix hx kak": _shell(
        "runs any program, or writes any file", "GTFOBins: emacs, nano, joe", bare=True, fixed=True
    ),
    "editor sensible-editor": _shell("starts an editor, which starts a shell", "sensible-editor(1)", bare=True, fixed=True),
    "less more most pg pager sensible-pager zless zmore bzless xzless": _shell("starts a shell with !", "GTFOBins: less, more", fixed=True),
    "man info whatis apropos": _shell("shows its page in a pager, which starts a shell with !", "GTFOBins: man", fixed=True),
    "visudo": _shell("starts an editor on the rules of sudo", "visudo(8)", bare=True, fixed=True),
    "crontab": _shell("makes jobs that root runs", "GTFOBins: crontab"),
    "at batch": _shell("makes jobs that root runs", "GTFOBins: at", bare=True),
    # what runs another program
    "env nice ionice nohup setsid timeout time stdbuf taskset chrt flock watch xargs parallel run-parts start-stop-daemon unbuffer logsave rlwrap"
    " chronic catchsegv eatmydata envdir xvfb-run dbus-run-session uclampset": _shell("runs any program", "GTFOBins: env, nice, timeout, xargs"),
    "setarch linux32 linux64 x86_64 i386 i586 i686 uname26 numactl prlimit cgexec systemd-cat systemd-inhibit faketime proot fakeroot ltrace capsh"
    " setpriv": _shell("runs any program", "GTFOBins: setarch, capsh"),
    "find fd fdfind": _shell("runs any program with -exec", "GTFOBins: find"),
    "git": _shell("runs any program as its pager, editor or hook", "GTFOBins: git"),
    "hg svn bzr cvs": _shell("runs any program by its configuration", "GTFOBins: hg"),
    "gdb strace lldb perf valgrind bpftrace": _shell("runs any program", "GTFOBins: gdb, strace, perf"),
    "tar bsdtar star": _shell("runs any program with --checkpoint-action or -I, and writes any file", "GTFOBins: tar"),
    "zip": _shell("runs any program with -TT", "GTFOBins: zip"),
    "rsync": _shell("runs any program with -e, and writes any file", "GTFOBins: rsync"),
    "ssh scp sftp mosh autossh": _shell("runs any program with -o ProxyCommand", "GTFOBins: ssh"),
    "ftp tftp lftp telnet gnuplot": _shell("starts a shell with !", "GTFOBins: ftp", bare=True, fixed=True),
    "nmap": _shell("runs any script", "GTFOBins: nmap"),
    "tcpdump": _shell("runs any program with -z", "GTFOBins: tcpdump"),
    "socat ncat nc netcat openssl": _shell("runs any program, or writes any file", "GTFOBins: socat, nc, openssl"),
    "ip": _shell("runs any program with netns exec", "GTFOBins: ip"),
    "nsenter unshare chroot": _shell("starts a shell", "nsenter(1), unshare(1), chroot(8)"),
    "bwrap firejail": _shell("starts a shell with the files of the host", "bwrap(1), firejail(1)"),
    "mount umount": _shell("mounts other files over those of the system", "GTFOBins: mount"),
    "systemctl": _shell("starts any unit, or an editor for one", "GTFOBins: systemctl"),
    "systemd-run": _shell("runs any program", "systemd-run(1)"),
    "journalctl loginctl networkctl resolvectl timedatectl hostnamectl bootctl coredumpctl": _shell("starts a pager, or a debugger", "GTFOBins: journalctl"),
    "service invoke-rc.d update-rc.d rc-service openrc": _shell("runs any program by a path with ../", "GTFOBins: service"),
    "insmod modprobe kmod kexec bpftool": _shell("loads any code into the kernel", "modprobe(8)"),
    # packages
    "apt apt-get aptitude dpkg dpkg-reconfigure rpm yum dnf dnf5 microdnf zypper pacman apk snap flatpak emerge xbps-install tdnf": _shell(
        "runs the scripts of any package, or any program by an option", "GTFOBins: apt, dpkg, rpm, yum, dnf, snap"
    ),
    "pip pipx uv poetry easy_install npm npx yarn pnpm gem bundle bundler cpan composer conda mamba": _shell(
        "runs the scripts of any package", "GTFOBins: pip, npm, gem"
    ),
    "ansible ansible-playbook puppet chef-client chef-solo salt-call salt terraform vagrant packer": _shell(
        "runs any program", "GTFOBins: ansible-playbook, puppet"
    ),
    # accounts and rights
    "passwd chpasswd usermod useradd adduser newusers vipw vigr gpasswd groupadd groupmod groupmems chage chsh": _shell(
        "changes an account: root's password, or a group", "passwd(1), usermod(8), gpasswd(1), groupmems(8)"
    ),
    "chown chgrp chmod setfacl setcap chattr": _shell("changes the owner or the mode of any file", "GTFOBins: chown, chmod, setfacl"),
    # files
    "tee cp mv dd install ln sponge truncate shred patch cpio pax 7z 7za unzip ar gzip xz bzip2 zstd": Gives(
        WRITE, "writes any file", "GTFOBins: tee, cp, mv, dd"
    ),
    "curl wget aria2c axel": Gives(WRITE, "writes what it fetches to any file", "GTFOBins: curl, wget"),
    "split csplit sort shuf uniq iconv xxd base64 dos2unix": Gives(WRITE, "writes or reads any file", "GTFOBins: split, sort, xxd"),
    "debugfs mkfs mke2fs fsck losetup cryptsetup lvm dmsetup fdisk parted sfdisk restore dump": Gives(WRITE, "writes to disks directly", "debugfs(8)"),
    "sysctl": Gives(WRITE, "sets the program that the kernel runs as root", "core(5), kernel.core_pattern"),
    "update-alternatives alternatives ldconfig crudini augtool yq logrotate": Gives(WRITE, "changes files of the system", "update-alternatives(1)"),
    "mknod": Gives(WRITE, "makes a device file, by which anybody whom its mode lets reads and writes a disk", "mknod(1)"),
    "iptables ip6tables iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy iptables-restore ip6tables-restore": _shell(
        "runs any program with --modprobe", "iptables(8), iptables-restore(8)"
    ),
    "cat tac head tail nl od hexdump hd strings cut paste fold fmt rev grep egrep fgrep zgrep zcat bzcat xzcat diff cmp comm join column": Gives(
        READ, "reads any file, such as /etc/shadow and keys", "GTFOBins: cat, head, tail, grep, diff"
    ),
    # what else has an entry there: the names are those of the entries
    (
        "aa-exec acr agetty ansible-test aoss arch-nspawn asterisk autoconf autoheader autoreconf bconsole borg busctl cabal cdist certbot "
        "check_by_ssh check_ssl_cert choom clisp cobc code codex cpulimit crash csvtool dhclient distcc dnsmasq dotnet dvips easyrsa elvish enscript "
        "exiftool fail2ban-client fastfetch ffmpeg forge fzf genie ghc ghci ginsh grc gtester hping3 iftop ispell jshell jtag ksu latex latexmk ld.so "
        "mail minicom mosh-server msgfilter multitime mypy ncdu ncftp neofetch nginx nroff octave opencode openvpn openvt opkg pandoc pdflatex pdftex "
        "perlbug pexec pic pidstat pkg plymouth posh procmail psftp pwsh ranger rc restic rpmdb rpmquery rpmverify rsyslogd rtorrent runscript rustc "
        "rustup sash scanmem scrot setlock sg slsh smbclient socket softlimit ssh-agent ssh-keygen sshfs sshpass sshuttle task tasksh tdbtool tex "
        "tmate top torify torsocks wg-quick xdg-user-dir xdotool yt-dlp zathura zic"
    ): _shell("starts a shell, or runs any program", "GTFOBins: the entry of its name"),
    "arj check_log dosbox hashcat iptables-save lwp-download redis rustdoc ssh-copy-id tsc unsquashfs varnishncsa wireshark": Gives(
        WRITE, "writes any file", "GTFOBins: the entry of its name"
    ),
    # engines
    "docker docker-compose dockerd docker-machine": Gives(ENGINE, "starts containers with the host's files", "GTFOBins: docker", "docker"),
    "podman podman-compose podman-remote buildah skopeo": Gives(ENGINE, "starts containers with the host's files", "podman(1)", "podman"),
    "conmon": Gives(ENGINE, "runs any program that it is told to use as the runtime", "conmon(8)", "podman"),
    "nerdctl ctr containerd containerd-shim-runc-v2": Gives(ENGINE, "starts containers with the host's files", "GTFOBins: ctr", "containerd"),
    "crictl crio cri-o": Gives(ENGINE, "starts containers and runs programs in them", "crictl(1)", "cri"),
    "runc crun runsc youki kata-runtime": Gives(ENGINE, "starts containers with the host's files", "runc(8), gVisor: runsc", "runtime"),
    "buildctl buildkitd": Gives(ENGINE, "builds with the host's files and devices", "buildctl", "buildkit"),
    "kubectl kubeadm oc helm kind minikube": Gives(ENGINE, "controls the cluster with root's credentials", "kubectl(1)", "kubernetes"),
    "k3s k0s rke2 microk8s microk8s.kubectl": Gives(ENGINE, "controls the cluster with root's credentials", "kubectl(1)", "kubernetes"),
    "lxc lxd lxd.lxc": Gives(ENGINE, "starts containers with the host's files", "GTFOBins: lxd", "lxd"),
    "lxc-start lxc-execute lxc-attach lxc-create": Gives(ENGINE, "starts a shell with the files of the host", "lxc-start(1)", "lxc"),
    "incus incusd incus-agent": Gives(ENGINE, "starts containers with the host's files", "incus(1)", "incus"),
    "virsh virt-install qemu-system-x86_64 qemu-system-aarch64 qemu-img": Gives(ENGINE, "starts machines with the host's disks", "GTFOBins: virsh", "libvirt"),
    "machinectl": Gives(ENGINE, "starts a shell on the host, or containers", "machinectl(1)", "machined"),
    "systemd-nspawn": Gives(ENGINE, "starts a shell with the files of the host", "systemd-nspawn(1)", "machined"),
}
COMMANDS: Final = {name: one for names, one in _TABLE.items() for name in names.split()}


def of_program(path: str) -> Gives | None:
    """Return what a program gives, by its name; None where no way is known."""
    return COMMANDS.get(base_name(path.rpartition("/")[2], COMMANDS))
