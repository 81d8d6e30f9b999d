"""Hosts for the rules about subordinate ids, each proved by what newuidmap and newgidmap of this machine really map.

Every user of the host has 65536 ids of each kind to begin with; what is planted comes on top.
"""

from hosts.planting import APPEND, PYTHON, Host, all_of, as_user, both, edit, lines, many, maps, nothing, over, shell
from real_engines.rootless_world import FIRST_SUBID
from real_engines.world import DOCKER_GID, USERS

ALICE, CAROL, DAVE = (FIRST_SUBID[name] for name in ("alice", "carol", "dave"))
UIDMAP = "/usr/bin/newuidmap"
UID, GID = "HC-SUB-07 /etc/subuid", "HC-SUB-07 /etc/subgid"
FORM = "HC-SUB-06 /etc/subuid"
WRITES = as_user("nobody", *PYTHON, APPEND, "/etc/subuid")
COPY = "cp --preserve=all /usr/bin/newuidmap /run/newuidmap; {change} /run/newuidmap; mount --no-mtab --bind /run/newuidmap /usr/bin/newuidmap"
SUID = "mount --no-mtab -o remount,suid,exec /run"
OTHERS = ("approved_groups=docker", "approved_subid_owners=" + ",".join(USERS))
SERVER = {"role": "server", "profile": "level2"}
USERNS = "HC-RTL-04"
HOLDERS = ("HC-SUB-14 default ranges",)


def line(name: str, *, case: tuple[int, ...] = (83,), text: str, first: int, taken: bool, fails: tuple[str, ...]) -> Host:
    """Return a host with one more line in /etc/subuid, which newuidmap takes or not."""
    return Host(name=name, plant=lines("subuid", text), proof=maps("alice", first, does=taken), fails=fails, cases=case, twin="ranges as they should be")


def as_go(text: str) -> tuple[str, ...]:
    """Return the failures of a line whose start is no decimal number: Go's readers take it for 0, and the range for root's."""
    return tuple(f"HC-SUB-0{number} subuid:{text} (as go read it)" for number in (1, 2))


HOSTS = [
    Host(
        name="ranges as they should be",
        plant=nothing,
        proof=both(maps("alice", ALICE, 65536), maps("alice", 0, does=False), maps("alice", ALICE, 65536, program="newgidmap")),
        also={"HC-SUB-01 subuid:alice:1000000": "pass", "HC-SUB-05 alice": "pass", FORM: "pass", UID: "pass", f"HC-SUB-09 {UIDMAP}": "pass"},
    ),
    line("a range with root", text="alice:0:1", first=0, taken=True, fails=("HC-SUB-01 subuid:alice:0",), case=()),
    Host(
        name="a range with root, of a user who is logged in",
        plant=all_of(lines("subuid", "alice:0:1"), lambda world: world.start("sleep", "infinity", user="alice")),
        proof=maps("alice", 0),
        fails=("HC-SUB-01 subuid:alice:0",),
        twin="ranges as they should be",
    ),
    line("a range with a user", text="alice:4002:1", first=4002, taken=True, fails=("HC-SUB-02 subuid:alice:4002",), case=()),
    line("a range with nobody's id", text="alice:4444:1", first=4444, taken=True, fails=(), case=()),
    line("a range of one's own uid", text="alice:4001:1", first=4001, taken=True, fails=(), case=(86,)),
    Host(
        name="a gid range with docker",
        plant=lines("subgid", f"alice:{DOCKER_GID}:1"),
        proof=maps("alice", DOCKER_GID, program="newgidmap"),
        fails=(f"HC-SUB-03 subgid:alice:{DOCKER_GID}",),
        twin="a gid range beside docker",
    ),
    Host(
        name="a gid range beside docker",
        plant=lines("subgid", f"alice:{DOCKER_GID + 1}:1"),
        proof=both(maps("alice", DOCKER_GID + 1, program="newgidmap"), maps("alice", DOCKER_GID, program="newgidmap", does=False)),
        also={f"HC-SUB-03 subgid:alice:{DOCKER_GID + 1}": "pass"},
    ),
    Host(
        name="a gid range with root's group",
        plant=lines("subgid", "alice:0:1"),
        proof=maps("alice", 0, program="newgidmap"),
        fails=("HC-SUB-03 subgid:alice:0",),
        twin="a gid range beside docker",
    ),
    Host(
        name="ranges of two that overlap",
        plant=lines("subuid", f"dave:{CAROL + 65535}:1"),
        proof=both(maps("carol", CAROL + 65535), maps("dave", CAROL + 65535)),
        fails=(f"HC-SUB-04 subuid:carol:{CAROL}", f"HC-SUB-04 subuid:dave:{CAROL + 65535}"),
        twin="ranges of one that overlap",
    ),
    Host(
        name="ranges of one that overlap",
        plant=lines("subuid", f"{USERS['carol'][0]}:{CAROL + 65535}:1"),
        proof=maps("carol", CAROL + 65535),
        cases=(85,),
    ),
    Host(
        name="too few ids",
        plant=edit("subuid", lambda text: text.replace(f"dave:{DAVE}:65536", f"dave:{DAVE}:65535")),
        proof=maps("dave", DAVE, 65536, does=False),
        fails=("HC-SUB-05 dave",),
        twin="ranges as they should be",
    ),
    line("a range in hex", text="alice:0x1E8480:10", first=2000000, taken=True, fails=(FORM, *as_go("alice:0x1E8480:10"))),
    line("a range in octal", text="alice:07502200:10", first=2000000, taken=True, fails=(FORM,)),
    line("a carriage return", text="alice:2000000:10\r", first=2000000, taken=False, fails=(FORM,), case=(13, 83)),
    line("a blank before the number", text="alice: 2000000:10", first=2000000, taken=True, fails=(FORM, *as_go("alice: 2000000:10"))),
    line("a fourth field", text="alice:2000000:10:", first=2000000, taken=True, fails=(FORM,)),
    line("an empty range", text="alice:2000000:0", first=2000000, taken=False, fails=(FORM,)),
    line("a negative start", text="alice:-1:10", first=2000000, taken=False, fails=(FORM,)),
    line("the id that is none", text="alice:4294967295:1", first=2000000, taken=False, fails=(FORM,)),
    line("the highest id", text="alice:4294967294:1", first=4294967294, taken=True, fails=()),
    line("a line for NIS", text="+alice:2000000:10", first=2000000, taken=False, fails=(FORM,)),
    line("a comment", text="#alice:2000000:10", first=2000000, taken=False, fails=()),
    line("an owner who does not exist", text="ghost:2000000:65536", first=2000000, taken=False, fails=(), case=(84,)),
    line("a line of 10 MB", text="alice:" + "9" * 10_000_000 + ":1", first=2000000, taken=False, fails=(FORM,), case=(8,)),
    Host(
        name="very many lines",
        plant=lines("subuid", *(f"u{number}:{10_000_000 + 10 * number}:10" for number in range(many(100_000, 20_000)))),
        proof=maps("alice", ALICE, 65536),
        cases=(88,),
    ),
    Host(
        name="a sum beyond 32 bits",
        plant=lines("subuid", "alice:4294967290:65536"),
        proof=maps("alice", 4294967290),
        fails=(FORM,),
        twin="the highest id",
        cases=(87,),
    ),
    Host(name="subuid that everybody may write", plant=shell("chmod 0666 /etc/subuid"), proof=WRITES, fails=(UID,), twin="ranges as they should be"),
    Host(
        name="subuid that a group may write",
        plant=shell(f"chown :{DOCKER_GID} /etc/subuid; chmod 0664 /etc/subuid"),
        proof=as_user("alice", *PYTHON, APPEND, "/etc/subuid"),
        fails=(UID,),
        twin="ranges as they should be",
    ),
    Host(
        name="subgid that is a user's",
        plant=shell("chown dave /etc/subgid"),
        proof=as_user("dave", *PYTHON, APPEND, "/etc/subgid"),
        fails=(GID,),
        twin="ranges as they should be",
    ),
    Host(
        name="subuid that nobody may write",
        plant=shell("chmod 0644 /etc/subuid"),
        proof=as_user("nobody", *PYTHON, APPEND, "/etc/subuid", does=False),
        also={UID: "pass", GID: "pass"},
    ),
    Host(
        name="newuidmap on a nosuid mount",
        plant=shell(f"mount --no-mtab --bind {UIDMAP} {UIDMAP}; mount --no-mtab -o remount,bind,nosuid {UIDMAP}"),
        proof=maps("alice", ALICE, does=False),
        fails=(f"HC-SUB-09 {UIDMAP}",),
        twin="ranges as they should be",
        cases=(94,),
    ),
    Host(
        name="newuidmap is a user's",
        plant=shell(SUID, COPY.format(change="chown dave /run/newuidmap; chmod 4755")),
        proof=both(maps("alice", ALICE, does=False), as_user("dave", *PYTHON, APPEND, UIDMAP)),
        fails=(f"HC-SUB-09 {UIDMAP}",),
        remains={f"HC-SUB-09 {UIDMAP}": "dave could have written the program, so that only installing its package again helps"},
        twin="a copy of newuidmap",
        cases=(94,),
    ),
    Host(
        name="newuidmap with the setgid bit",
        plant=shell(SUID, COPY.format(change="chmod 6755")),
        proof=as_user("alice", "test", "-g", UIDMAP),
        fails=(f"HC-SUB-09 {UIDMAP}",),
        twin="a copy of newuidmap",
        cases=(94,),
    ),
    Host(
        name="a copy of newuidmap",
        plant=shell(SUID, COPY.format(change="chmod 4755")),
        proof=maps("alice", ALICE),
        also={f"HC-SUB-09 {UIDMAP}": "pass"},
    ),
    Host(
        name="another source without a plugin",
        plant=all_of(over("/etc/nsswitch.conf", "passwd: files\ngroup: files\nsubid: nowhere\n"), lines("subuid", "alice:0:1")),
        proof=maps("alice", 0),
        fails=("HC-SUB-01 subuid:alice:0",),
        twin="ranges as they should be",
        cases=(89,),
    ),
    Host(name="holders that nobody approved", plant=nothing, proof=maps("alice", ALICE), fails=(*HOLDERS, USERNS), twin="holders that are approved", **SERVER),
    Host(
        name="holders that are approved",
        plant=nothing,
        proof=maps("alice", ALICE),
        fails=(USERNS,),
        also=dict.fromkeys(HOLDERS, "pass"),
        values=OTHERS,
        twin="holders that nobody approved",
        **SERVER,
    ),
    Host(
        name="a range of an owner without an account",
        plant=lines("subuid", "ghost:2000000:65536"),
        proof=as_user("alice", "sh", "-c", "! getent passwd ghost && grep -q ^ghost: /etc/subuid"),
        fails=("HC-SUB-08 ghost",),
        alone=True,
    ),
    Host(
        name="a range of what systemd gives to services",
        plant=lines("subuid", "alice:61184:100"),
        proof=maps("alice", 61184),
        fails=("HC-SUB-10 subuid:alice:61184",),
        alone=True,
        profile="level2",
    ),
    Host(
        name="another source without a plugin, beside the files",
        plant=over("/etc/nsswitch.conf", "passwd: files\ngroup: files\nsubid: nowhere\n"),
        proof=maps("alice", ALICE),
        fails=("HC-SUB-13",),
        alone=True,
        profile="level2",
    ),
    Host(
        name="an account of docker's for ids that can log in",
        plant=all_of(
            lines("passwd", "dockremap:x:4030:4030::/:/bin/sh"),
            lines("group", "dockremap:x:4030:"),
            lines("subuid", "dockremap:3000000:65536"),
            lines("subgid", "dockremap:3000000:65536"),
            lambda world: world.start_docker("--group=root", "--userns-remap=default"),
        ),
        proof=lambda world: "name=userns" in world.run("docker", "-H", "unix:///run/docker.sock", "info", "--format", "{{.SecurityOptions}}"),
        fails=("HC-SUB-12 dockremap",),
        alone=True,
        **SERVER,
    ),
    Host(
        name="a file of 5 GB with a hole in it",
        plant=shell("truncate -s 5G /etc/subuid"),
        proof=as_user("nobody", "sh", "-c", "test $(stat -c %s /etc/subuid) = 5368709120"),
        also={"HC-SUB-01 *": "error", "HC-SUB-06 /etc/subuid": "error"},
        cases=(9,),
        opens=True,
    ),
]
