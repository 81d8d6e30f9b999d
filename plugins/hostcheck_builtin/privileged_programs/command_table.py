"""Programs that give whoever may run them as root more than their name says: a shell, any file, any program, or an engine.

Each entry has a source: a man page with its section, or the name of the entry at https://gtfobins.github.io. Whether a rule allows any arguments, none, or
some that are fixed decides what is left: `systemctl restart nginx` is no shell, and `vi /etc/hosts` is one, because vi has a command for it.
"""

from typing import Final, NamedTuple

from hostcheck_builtin.privileged_programs.program_names import base_name

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


def _each(names: str, gives: Gives) -> dict[str, Gives]:
    return dict.fromkeys(names.split(), gives)


def _shells(names: str, how: str, source: str, *, bare: bool = False, fixed: bool = False) -> dict[str, Gives]:
    return _each(names, Gives(SHELL, how, source, bare=bare, fixed=fixed))


def _writes(names: str, how: str, source: str) -> dict[str, Gives]:
    return _each(names, Gives(WRITE, how, source))


def _reads(names: str, how: str, source: str) -> dict[str, Gives]:
    return _each(names, Gives(READ, how, source))


def _engine(names: str, engine: str, how: str, source: str) -> dict[str, Gives]:
    return _each(names, Gives(ENGINE, how, source, engine))


COMMANDS: Final = {
    # shells and what starts another program at once
    **_shells("sh bash dash ash zsh ksh ksh93 mksh fish tcsh csh rbash yash busybox toybox", "is a shell", "sh(1)", bare=True),
    **_shells("su runuser", "starts a shell", "su(1)", bare=True),
    **_shells("sudo doas pkexec", "runs any program", "sudo(8)"),
    **_shells("gosu su-exec", "runs any program", "https://github.com/tianon/gosu"),
    **_shells("sulogin", "starts a shell", "sulogin(8)", bare=True),
    **_shells("login", "starts a shell", "login(1)"),
    **_shells("screen tmux script", "starts a shell", "GTFOBins: screen, tmux, script", bare=True),
    **_shells("byobu dtach abduco", "starts a shell", "dtach(1)"),
    # interpreters
    **_shells(
        "python perl ruby lua luajit node nodejs php tclsh wish irb jjs jrunscript guile R Rscript julia",
        "runs any code",
        "GTFOBins: python, perl, ruby, lua, node, php",
        bare=True,
    ),
    **_shells("awk gawk mawk nawk", "runs any program with system()", "GTFOBins: awk"),
    **_shells("sed", "runs any program with its command e, and writes any file with w", "GTFOBins: sed"),
    **_shells("ed ex red", "runs any program with !", "GTFOBins: ed", bare=True, fixed=True),
    **_shells("expect", "runs any program", "GTFOBins: expect", bare=True),
    **_shells("m4 dc bc sqlite3 psql mysql mariadb", "runs any program by a command of its own", "GTFOBins: m4, dc, sqlite3, psql, mysql", bare=True),
    **_shells("java javac gcc g++ cc c++ clang make gmake cmake ninja cargo go ant mvn gradle rake", "runs any program", "GTFOBins: gcc, make"),
    # editors and pagers
    **_shells(
        "vi vim nvim view vimdiff rvim rview vim.basic vim.tiny vim.nox gvim elvis nvi vigr vipw",
        "starts a shell with :!",
        "GTFOBins: vi, vim",
        bare=True,
        fixed=True,
    ),
    **_shells(
        "emacs emacs-nox emacs-gtk zile mg jed joe jmacs jpico jstar mcedit mc nano pico rnano micro helix hx kak",
        "runs any program, or writes any file",
        "GTFOBins: emacs, nano, joe",
        bare=True,
        fixed=True,
    ),
    **_shells("editor sensible-editor", "starts an editor, which starts a shell", "sensible-editor(1)", bare=True, fixed=True),
    **_shells("less more most pg pager sensible-pager zless zmore bzless xzless", "starts a shell with !", "GTFOBins: less, more", fixed=True),
    **_shells("man info whatis apropos", "shows its page in a pager, which starts a shell with !", "GTFOBins: man", fixed=True),
    **_shells("visudo", "starts an editor on the rules of sudo", "visudo(8)", bare=True, fixed=True),
    **_shells("crontab", "makes jobs that root runs", "GTFOBins: crontab"),
    **_shells("at batch", "makes jobs that root runs", "GTFOBins: at", bare=True),
    # what runs another program
    **_shells(
        "env nice ionice nohup setsid timeout time stdbuf taskset chrt flock watch xargs parallel run-parts start-stop-daemon unbuffer logsave rlwrap",
        "runs any program",
        "GTFOBins: env, nice, timeout, xargs",
    ),
    **_shells(
        "setarch linux32 linux64 x86_64 i386 numactl prlimit cgexec systemd-cat systemd-inhibit faketime proot fakeroot ltrace capsh setpriv",
        "runs any program",
        "GTFOBins: setarch, capsh",
    ),
    **_shells("find fd fdfind", "runs any program with -exec", "GTFOBins: find"),
    **_shells("git", "runs any program as its pager, editor or hook", "GTFOBins: git"),
    **_shells("hg svn bzr cvs", "runs any program by its configuration", "GTFOBins: hg"),
    **_shells("gdb strace lldb perf valgrind bpftrace", "runs any program", "GTFOBins: gdb, strace, perf"),
    **_shells("tar bsdtar star", "runs any program with --checkpoint-action or -I, and writes any file", "GTFOBins: tar"),
    **_shells("zip", "runs any program with -TT", "GTFOBins: zip"),
    **_shells("rsync", "runs any program with -e, and writes any file", "GTFOBins: rsync"),
    **_shells("ssh scp sftp mosh autossh", "runs any program with -o ProxyCommand", "GTFOBins: ssh"),
    **_shells("ftp tftp lftp telnet gnuplot", "starts a shell with !", "GTFOBins: ftp", bare=True, fixed=True),
    **_shells("nmap", "runs any script", "GTFOBins: nmap"),
    **_shells("tcpdump", "runs any program with -z", "GTFOBins: tcpdump"),
    **_shells("socat ncat nc netcat openssl", "runs any program, or writes any file", "GTFOBins: socat, nc, openssl"),
    **_shells("ip", "runs any program with netns exec", "GTFOBins: ip"),
    **_shells("nsenter unshare chroot", "starts a shell", "nsenter(1), unshare(1), chroot(8)", bare=False),
    **_shells("bwrap firejail", "starts a shell with the files of the host", "bwrap(1), firejail(1)"),
    **_shells("mount umount", "mounts other files over those of the system", "GTFOBins: mount"),
    **_shells("systemctl", "starts any unit, or an editor for one", "GTFOBins: systemctl"),
    **_shells("systemd-run", "runs any program", "systemd-run(1)"),
    **_shells("journalctl loginctl networkctl resolvectl timedatectl hostnamectl bootctl coredumpctl", "starts a pager, or a debugger", "GTFOBins: journalctl"),
    **_shells("service invoke-rc.d update-rc.d rc-service openrc", "runs any program by a path with ../", "GTFOBins: service"),
    **_shells("insmod modprobe kmod kexec bpftool", "loads any code into the kernel", "modprobe(8)"),
    # packages
    **_shells(
        "apt apt-get aptitude dpkg dpkg-reconfigure rpm yum dnf dnf5 microdnf zypper pacman apk snap flatpak emerge xbps-install tdnf",
        "runs the scripts of any package, or any program by an option",
        "GTFOBins: apt, dpkg, rpm, yum, dnf, snap",
    ),
    **_shells(
        "pip pipx uv poetry easy_install npm npx yarn pnpm gem bundle bundler cpan composer conda mamba",
        "runs the scripts of any package",
        "GTFOBins: pip, npm, gem",
    ),
    **_shells(
        "ansible ansible-playbook puppet chef-client chef-solo salt-call salt terraform vagrant packer",
        "runs any program",
        "GTFOBins: ansible-playbook, puppet",
    ),
    # accounts and rights
    **_shells(
        "passwd chpasswd usermod useradd adduser newusers vipw vigr gpasswd groupadd groupmod groupmems chage chsh",
        "changes an account: root's password, or a group",
        "passwd(1), usermod(8), gpasswd(1), groupmems(8)",
    ),
    **_shells("chown chgrp chmod setfacl setcap chattr", "changes the owner or the mode of any file", "GTFOBins: chown, chmod, setfacl"),
    # files
    **_writes(
        "tee cp mv dd install ln sponge truncate shred patch cpio pax 7z 7za unzip ar gzip xz bzip2 zstd", "writes any file", "GTFOBins: tee, cp, mv, dd"
    ),
    **_writes("curl wget aria2c axel", "writes what it fetches to any file", "GTFOBins: curl, wget"),
    **_writes("split csplit sort shuf uniq iconv xxd base64 dos2unix", "writes or reads any file", "GTFOBins: split, sort, xxd"),
    **_writes("debugfs mkfs mke2fs fsck losetup cryptsetup lvm dmsetup fdisk parted sfdisk restore dump", "writes to disks directly", "debugfs(8)"),
    **_writes("sysctl", "sets the program that the kernel runs as root", "core(5), kernel.core_pattern"),
    **_writes("update-alternatives alternatives ldconfig crudini augtool yq logrotate", "changes files of the system", "update-alternatives(1)"),
    **_writes("mknod", "makes a device file, by which anybody whom its mode lets reads and writes a disk", "mknod(1)"),
    **_shells(
        "iptables ip6tables iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy iptables-restore ip6tables-restore",
        "runs any program with --modprobe",
        "iptables(8), iptables-restore(8)",
    ),
    **_reads(
        "cat tac head tail nl od hexdump hd strings cut paste fold fmt rev grep egrep fgrep zgrep zcat bzcat xzcat diff cmp comm join column",
        "reads any file, such as /etc/shadow and keys",
        "GTFOBins: cat, head, tail, grep, diff",
    ),
    # what else has an entry there: the names are those of the entries
    **_shells(
        "aa-exec acr agetty ansible-test aoss arch-nspawn asterisk autoconf autoheader autoreconf bconsole borg busctl cabal cdist certbot check_by_ssh "
        "check_ssl_cert choom clisp cobc code codex cpulimit crash csvtool dhclient distcc dnsmasq dotnet dvips easyrsa elvish enscript exiftool "
        "fail2ban-client fastfetch ffmpeg forge fzf genie ghc ghci ginsh grc gtester hping3 iftop ispell jshell jtag ksu latex latexmk ld.so mail minicom "
        "mosh-server msgfilter multitime mypy ncdu ncftp neofetch nginx nroff octave opencode openvpn openvt opkg pandoc pdflatex pdftex perlbug "
        "pexec pic pidstat pkg plymouth posh procmail psftp pwsh ranger rc restic rpmdb rpmquery rpmverify rsyslogd rtorrent runscript rustc rustup "
        "sash scanmem scrot setlock sg slsh smbclient socket softlimit ssh-agent ssh-keygen sshfs sshpass sshuttle task tasksh tdbtool tex tmate top "
        "torify torsocks wg-quick xdg-user-dir xdotool yt-dlp zathura zic ",
        "starts a shell, or runs any program",
        "GTFOBins: the entry of its name",
    ),
    **_writes(
        "arj check_log dosbox hashcat iptables-save lwp-download redis rustdoc ssh-copy-id tsc unsquashfs varnishncsa wireshark",
        "writes any file",
        "GTFOBins: the entry of its name",
    ),
    # engines
    **_engine("docker docker-compose dockerd docker-machine", "docker", "starts containers with the host's files", "GTFOBins: docker"),
    **_engine("podman podman-compose podman-remote buildah skopeo", "podman", "starts containers with the host's files", "podman(1)"),
    **_engine("conmon", "podman", "runs any program that it is told to use as the runtime", "conmon(8)"),
    **_engine("nerdctl ctr containerd containerd-shim-runc-v2", "containerd", "starts containers with the host's files", "GTFOBins: ctr"),
    **_engine("crictl crio cri-o", "cri", "starts containers and runs programs in them", "crictl(1)"),
    **_engine("runc crun runsc youki kata-runtime", "runtime", "starts containers with the host's files", "runc(8), gVisor: runsc"),
    **_engine("buildctl buildkitd", "buildkit", "builds with the host's files and devices", "buildctl"),
    **_engine("kubectl kubeadm oc helm kind minikube", "kubernetes", "controls the cluster with root's credentials", "kubectl(1)"),
    **_engine("k3s k0s rke2 microk8s microk8s.kubectl", "kubernetes", "controls the cluster with root's credentials", "kubectl(1)"),
    **_engine("lxc lxd lxd.lxc", "lxd", "starts containers with the host's files", "GTFOBins: lxd"),
    **_engine("lxc-start lxc-execute lxc-attach lxc-create", "lxc", "starts a shell with the files of the host", "lxc-start(1)"),
    **_engine("incus incusd incus-agent", "incus", "starts containers with the host's files", "incus(1)"),
    **_engine("virsh virt-install qemu-system-x86_64 qemu-system-aarch64 qemu-img", "libvirt", "starts machines with the host's disks", "GTFOBins: virsh"),
    **_engine("machinectl", "machined", "starts a shell on the host, or containers", "machinectl(1)"),
    **_engine("systemd-nspawn", "machined", "starts a shell with the files of the host", "systemd-nspawn(1)"),
}


def of_program(path: str) -> Gives | None:
    """Return what a program gives, by its name; None where no way is known."""
    return COMMANDS.get(base_name(path.rpartition("/")[2], COMMANDS))
