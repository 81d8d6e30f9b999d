"""Attacks and crowds that succeed as yet, or were not yet seen to fail, by name, each with what is behind it.

Their tests may fail. Once a line is known to be right, `STRICT` makes it an error that a test of it passes: then the line is to go.
"""

STRICT = False
RED: dict[str, str] = {
    **dict.fromkeys(
        (
            "sockets behind directories with ACLs in /tmp, by 50 users",
            "links from the runtime directory to directories with ACLs, by 50 users",
            "setuid files, by 50 users",
            "lines of a table of cron to directories with ACLs, by 50 users",
            "contexts, settings and profiles, by 50 users",
            "a kubeconfig with certificates, by 50 users",
            "keys and profiles behind directories with ACLs, by 50 users",
            "jobs of root's behind directories with ACLs, by 50 users",
            "a job of root's behind 50 directories with ACLs, by 50 users",
            "a job of root's behind 70 directories, by 50 users",
            "engines that answer 1 MB, by 50 users",
        ),
        "50 users at once keep a probe or an analysis longer than it has, or push others out of the report",
    ),
    **dict.fromkeys(
        (
            "sockets behind directories with the longest ACLs in /dev/shm, by a container",
            "beside two busy loops: sockets behind directories with ACLs in /tmp, by one user",
        ),
        "who gets through directories with long ACLs takes too long to say",
    ),
    **dict.fromkeys(
        (
            "setuid files, by one user",
            "setuid files, by two users",
            "setuid files, by a container",
            "setuid files with ACLs in /tmp, by one user",
            "setuid files with ACLs in /dev/shm, by two users",
            "setuid copies of bash with a byte more, by one user",
            "setuid copies of bash with a byte more, by a container",
        ),
        "bounds of programs of one user that do not name the user",
    ),
    **dict.fromkeys(
        (
            "lines of a table of cron, by one user",
            "lines of a table of cron to directories with ACLs, by one user",
            "lines of a table of cron to directories with ACLs, by two users",
            "lines of a table of cron to directories with ACLs, by a container",
            "one line of cron with very many files, by one user",
            "jobs of at, by one user",
            "keys and profiles behind directories with ACLs, by one user",
            "1500 names in a directory that root runs, by one user",
            "1500 names in a directory that root runs, by two users",
            "1500 names in a directory that root runs, by a container",
            "11000 names in a directory that root runs, by one user",
            "links in a directory that root runs, by one user",
            "jobs of root's behind directories with ACLs, by one user",
            "a job of root's behind 50 directories with ACLs, by one user",
            "a job of root's behind 70 directories, by one user",
            "names in a directory that root's cron searches, by one user",
        ),
        "a group of root's files has one bound for all, and what lies behind a user's file opens all of them",
    ),
    **dict.fromkeys(
        (
            "Lima's, Colima's and Rancher Desktop's machines, by two users",
            "contexts, settings and profiles, by one user",
            "engines that answer 32 MB, by one user",
            "engines that answer 32 MB, by two users",
            "engines that answer 1 MB, by one user",
            "file systems of a user's that deny, by one user",
            "file systems of a user's that hang, by one user",
        ),
        "not yet seen green on an idle machine",
    ),
    **dict.fromkeys(
        (
            "processes called like engines, by one user",
            "processes called like engines, by a container",
            "a mount that hangs",
            "very many sockets",
            "very many processes",
            "very many sets of credentials",
            "sets of as many groups as there can be",
            "very many users of a range",
            "very many sets of capabilities",
            "very many mounts",
            "very deep directories",
            "very many files in a home",
        ),
        "was allowed to leave errors; not yet looked at by itself",
    ),
    **dict.fromkeys(
        (
            "3,000 accounts whose homes do not exist",
            "50,000 accounts",
            "a group of 20,000",
            "a group docker of 20,000",
        ),
        "homes that do not exist, and members of groups, count as things to look at",
    ),
}
