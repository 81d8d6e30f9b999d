"""What a program lets its caller do with the rights that it has from its setuid bit or its capabilities, though it was not made for that.

Sources: GTFOBins (https://gtfobins.github.io, commit 7382261: what has the context "suid" without "shell: true"), and tests/hosts, where what a usual host
has is run as nobody. A shell lays the rights down unless it is told -p (bash(1), dash(1)), so that what runs its commands by a shell alone, as awk does,
gives none of that: it writes files. Of what neither says anything for certain, or which asks something else, nothing is certain.
"""

from typing import Final

from hostcheck_builtin.system.program_names import base_name

CALLS: Final = "calls"
"""Makes any system call, as setuid(2): an interpreter, a debugger."""
RUNS: Final = "runs"
"""Runs any command with the effective user's rights."""
WRITES: Final = "writes"
"""Writes any file, as /etc/passwd."""
OWNERS: Final = "owners"
MODES: Final = "modes"
"""Changes the owner, or the mode, of any file."""
READS: Final = "reads"
"""Reads any file, as /etc/shadow: passwords have to be guessed, and keys to be there."""
ASKS: Final = "asks"
"""Runs a command if something else does as it asks, or if it was built so."""

_RUNNERS: Final = (
    "aa-exec agetty ash bash cabal capsh choom chroot chrt cpulimit csh curl dash distcc dmsetup elvish env expect ffmpeg find fish flock forge "
    "gdb genie git gtester hping3 ionice ip ispell jrunscript julia ksh ld.so linux64 logsave make minicom msgfilter multitime mysql nano nginx "
    "nice node nohup openssl openvpn perf perl pexec php pidstat plymouth prlimit python rbash rc restic rlwrap rsync rtorrent run-parts sash "
    "setarch setpriv sh socat softlimit ssh ssh-agent ssh-keygen sshpass start-stop-daemon stdbuf strace sysctl tar taskset tclsh tcsh time "
    "timeout tmux vi watch wget xargs xdotool yash zic zsh"
)
_WRITERS: Final = (
    "arj ash awk bash cp cpio csh csplit csvtool curl dash dd dos2unix dosbox ed elvish find gawk gdb git gtester iconv install julia ksh latex "
    "less logrotate lua make mawk mv nano nawk nmap node nvim octave openssl pandoc pdflatex perl php pico python rbash redis rlwrap rsync script "
    "sed sh shred shuf socat sort split sqlite3 tar tcpdump tcsh tee unzip update-alternatives varnishncsa vi view vim vimdiff wget xxd zsh"
)
_READERS: Final = (
    "alpine apache2 ar aria2c arp as ascii-xfr aspell atobm aws base32 base64 basenc basez bc bconsole bridge bzip2 cat clamscan cmp column comm "
    "cupsfilter cut date dialog diff dig dmesg efax egrep eqn espeak expand fastfetch fgrep file fmt fold fping gcore genisoimage grep gzip head "
    "hexdump highlight join jq ksshell last links look ltrace m4 man more mosquitto msgattrib msgcat msgconv msgmerge msguniq nasm nl nm ntpdate "
    "od paste pax pg pic pr ptx qpdf readelf rev soelim ss ssh-keyscan strings tac tail tbl terraform tic troff ul unexpand uniq urlget uuencode "
    "w3m wc whiptail xmodmap xmore xpad xz zip zsoelim"
)
_CALLERS: Final = "gdb node nodejs perl php python setpriv"
_ASKERS: Final = "busctl busybox chgrp emacs gosu guile irb java jjs ldconfig machinectl mksh posh ruby scp su-exec systemctl systemd-run telnet toybox"


def _abilities() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    told = {RUNS: _RUNNERS, WRITES: _WRITERS, READS: _READERS, CALLS: _CALLERS, ASKS: _ASKERS, OWNERS: "chown", MODES: "chmod setfacl"}
    for ability, names in told.items():
        for name in names.split():
            found.setdefault(name, set()).add(ability)
    return {name: frozenset(able) for name, able in found.items()}


ABILITIES: Final = _abilities()
"""By name. BusyBox and Toybox may lay the rights down for each of their programs but a few, as they were built."""


def called(name: str) -> str:
    """Return the name in the table of a program that is called so, "" where none is."""
    return base_name(name, ABILITIES)
