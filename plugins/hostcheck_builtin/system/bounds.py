"""How much the probes and analyses look at, read and state: every such bound of theirs, beside each other, with the reason for it.

What one user lays is charged to that user's account below all of these (hostcheck/host/charges.py); a bound here is for one place or one answer, for what
belongs to nobody in particular, and for work that no account pays. Seconds are not here: they stand where they are waited for.
"""

from typing import Final

# Text of the host that is read at once, in bytes unless it says otherwise

PATH_MAX: Final = 4096
"""Of the kernel (include/uapi/linux/limits.h): a name that is longer leads to no file."""
ARGUMENTS_OF_A_PROCESS: Final = 1 << 20
"""The command line or the environment of an engine of root's; they have some thousand bytes."""
ARGUMENTS_OF_DOCKERD: Final = 256 << 10
"""The command line or the environment of a dockerd of root's; both have some thousand bytes."""
ARGUMENTS_OF_A_LISTENER: Final = 128 << 10
"""The command line of an engine that listens: MAX_ARG_STRLEN, the longest single word that the kernel lets a command have."""
ARGUMENTS_OF_ROOTLESSKIT: Final = 64 << 10
"""The command line of a user's rootlesskit, which has some hundred bytes."""
STATUS_BYTES: Final = 1 << 14
"""A status in /proc: a process can have 65536 groups, which takes the kernel a tenth of a second to write down."""
CGROUP_BYTES: Final = 1 << 16
"""The control groups of a process: sixteen hierarchies, each with a path of at most PATH_MAX."""
KERNEL_CONFIG_BYTES: Final = 1 << 20
"""The configuration of a kernel has some 300 KB."""
KERNEL_RELEASE_BYTES: Final = 1 << 10
"""The version of the running kernel, which has at most 64 bytes (utsname)."""
KERNEL_LINE_BYTES: Final = 1 << 16
"""The command line of the kernel, which has at most some thousand bytes (COMMAND_LINE_SIZE)."""
PID_FILE_BYTES: Final = 4096
"""A file with the number of a process."""
KERNEL_SETTING_BYTES: Final = 1 << 16
"""What the kernel writes of one setting, or of one entry of binfmt_misc; it has at most a page or two."""
SYSCTL_FILE_BYTES: Final = 1 << 16
"""A file of sysctl.d of root's, which has some thousand bytes."""
AUDIT_RULES_BYTES: Final = 1 << 18
"""A file of audit rules; those of the usual benchmarks have some ten thousand bytes."""
ACCOUNT_FILE_BYTES: Final = 32 << 20
"""/etc/passwd, /etc/group or another of their kind: some hundred thousand lines."""
SSHD_CONFIG_BYTES: Final = 1 << 20
"""One file that sshd is told by."""
SERVICE_FILE_BYTES: Final = 1 << 20
"""A unit or a script of a service: distributions ship scripts of a hundred thousand bytes."""
ACCOUNTS_WITHOUT_LOGIN: Final = 200
"""Accounts without a login shell in groups of others, of which it is read whether anybody can act as them; distributions have some twenty."""
CRONTAB_OR_KEYS_BYTES: Final = 1 << 20
"""A crontab or a file of keys of an account that a distribution ships, which usually has neither."""
PAM_STACK_BYTES: Final = 1 << 16
"""A file of pam.d, which has some thousand bytes."""
GROUP_CONF_BYTES: Final = 1 << 18
"""/etc/security/group.conf, which ships with some thousand bytes of comments."""
CLOUD_CONFIG_BYTES: Final = 1 << 18
"""A file of cloud-init's configuration, which has some thousand bytes; to read YAML takes time."""
SYSUSERS_BYTES: Final = 1 << 18
"""A file of sysusers.d, which has some hundred bytes."""
TMPFILES_BYTES: Final = 1 << 18
"""A file of tmpfiles.d, which has some thousand bytes."""
ENVIRONMENT_FILE_BYTES: Final = 1 << 18
"""A file of variables that a unit names (EnvironmentFile=); the largest that ships has some thousand bytes."""
DOCKER_SERVICE_BYTES: Final = 64 << 10
"""A unit or a script that starts dockerd, or a file of variables for it (EnvironmentFile=); the largest that ships has some thousand bytes."""
UNIT_KEPT_BYTES: Final = 1 << 16
"""A unit of which the assignments are kept until others are asked for: larger ones would take memory."""
SUDOERS_FILE_BYTES: Final = 1 << 20
"""One file of sudo's rules."""
SUDOERS_BYTES: Final = 4 << 20
"""All files of sudo's rules together, which are taken apart word by word."""
DOAS_CONF_BYTES: Final = 1 << 20
"""/etc/doas.conf, which has a few lines."""
POLKIT_FILE_BYTES: Final = 1 << 20
"""One file of polkit's rules or actions."""
POLKIT_BYTES: Final = 8 << 20
"""All files of polkit's of one kind; the actions of a desktop, with all their translations, have about a third of that."""
ROOTS_TABLE_BYTES: Final = 1 << 20
"""A configuration of root's that names what is run: a crontab, a unit, a file of PAM or udev."""
ENVIRONMENT_BYTES: Final = 1 << 16
"""/etc/environment, which has a line or two."""
SCRIPT_BYTES: Final = 256 << 10
"""A script that root runs, outside of a distribution's directories."""
PACKAGED_SCRIPT_BYTES: Final = 12 << 10
"""A script in a distribution's directories: what is larger there is taken for a program, because that has four pages or more."""
SETUID_SCRIPT_BYTES: Final = 1 << 20
"""No script with the setuid bit has more bytes than that: what is larger is a program."""
COMPARED_PROGRAM_BYTES: Final = 64 << 20
"""A program that is read to be compared: a scan has only so much memory."""
USERS_CRONTAB_BYTES: Final = 16 << 10
"""A user's own table that is read: each command in it is taken apart as a shell would."""
SHELL_WORD: Final = 8192
"""Bytes of one word of a command that are looked at."""
PROFILE_BYTES: Final = 256 << 10
"""A file of the system that sets up every session, which has some thousand bytes."""
PROFILES_OF_A_HOME: Final = 64 << 10
"""Characters of the files of one home that name a variable: to tell what a shell would do takes more time than reading, which is all that is charged."""
DOCKER_CONTEXT_BYTES: Final = 16 << 10
"""What docker keeps of a context; it writes some hundred bytes."""
CERTIFICATE_BYTES: Final = 64 << 10
"""A client's certificate, with those that signed it; one has some thousand bytes."""
KUBECONFIG_BYTES: Final = 256 << 10
"""A kubeconfig: one with a hundred clusters and their certificates has about that much, and to read YAML takes time."""
KUBECONFIGS_OF_A_USER: Final = 20
"""Files of one home that may be kubeconfigs: a person has one for each cluster, or one for all."""
REGISTRY_LOGINS_BYTES: Final = 256 << 10
"""A config.json or auth.json; a login takes some hundred bytes."""
SSH_KEY_BYTES: Final = 32 << 10
"""A private key of SSH; one of 16,384 bits takes 13,000."""
HOOK_FILE_BYTES: Final = 256 << 10
"""A file that describes a hook, a device (CDI) or a plugin; one of all devices of a host with GPUs has some ten thousand bytes."""
YAML_FILE_BYTES: Final = 1 << 20
"""A YAML file; the reader is slow, and machines' own files have some thousand bytes."""
PODMAN_FILE_BYTES: Final = 1 << 20
"""One file of the system that Podman is told by; containers.conf ships with 30,000 bytes, nearly all comments."""
PODMAN_FILE_OF_A_USER: Final = 64 << 10
"""One file in a home that Podman is told by: a copy of the one that ships, and as much again."""
PODMAN_FILES_OF_A_HOME: Final = 256 << 10
"""All of these of one home: to read TOML takes time."""
MACHINE_FILE_BYTES: Final = 256 << 10
"""A file in which a product keeps the settings of a user's virtual machine."""
OCI_CONFIG_BYTES: Final = 1 << 20
"""The document from which a runtime made a container (config.json), which has some ten thousand bytes."""

# Tables and databases

MOUNTINFO_BYTES: Final = 1 << 26
"""The scanner's own mount table: users may add a thousand lines of some thousand bytes (mount_max in fuse.conf); that must not hide the others."""
MOUNTS_SEEN_BYTES: Final = 4 << 20
"""The mount table of another process: a user may make namespaces with a hundred thousand mounts (/proc/sys/fs/mount-max)."""
ALL_MOUNTS_SEEN_BYTES: Final = 64 << 20
"""The mount tables of all other processes, of which half is kept for root's."""
MOUNTS_OF_A_CONTAINER_BYTES: Final = 2 << 20
"""The mount table of one container, which has some ten thousand bytes."""
MOUNTS_OF_CONTAINERS_BYTES: Final = 24 << 20
"""Those of all containers: 2,000 with some ten thousand bytes each."""
UNIX_SOCKETS_BYTES: Final = 16 << 20
"""The list of unix sockets of one network namespace: more than a hundred thousand lines."""
OTHER_UNIX_SOCKETS_BYTES: Final = 64 << 20
"""Those of all network namespaces but the scanner's own, which anybody may make."""
TCP_SOCKETS_BYTES: Final = 16 << 20
"""The list of TCP sockets of one network namespace: a line has 150 bytes, so that it has room for a hundred thousand."""
APK_DATABASE_BYTES: Final = 32 << 20
"""apk's database of installed packages; Alpine with a desktop has some 5 MB."""
DPKG_FILE_BYTES: Final = 16 << 20
"""One of dpkg's files: what it notes of all packages of a full desktop has some 5 MB."""
DPKG_LISTS_BYTES: Final = 32 << 20
"""All of dpkg's files that are read."""
RPM_DATABASE_BYTES: Final = 256 << 20
"""rpm's database: some 20 MB are usual on a server, and 100 on a desktop."""
LINKER_CACHE_BYTES: Final = 16 << 20
"""/etc/ld.so.cache, which has some hundred thousand bytes."""
PODMAN_DATABASE_BYTES: Final = 4 << 20
"""A database of Podman's; one with a thousand containers has about that much."""

# Answers of engines

ENGINE_ANSWER_BYTES: Final = 1 << 20
"""An answer of an engine about itself; it is some ten thousand bytes, most of them names of plugins and registries."""
USERS_ENGINE_ANSWER_BYTES: Final = 128 << 10
"""The same of a user's engine, which may be any program: eight sockets of each user are asked, each up to four times."""
CONTAINER_LIST_BYTES: Final = 16 << 20
"""The list of containers of an engine of root's: 2,000 with some thousand bytes each, and room for many labels."""
CONTAINER_ANSWER_BYTES: Final = 2 << 20
"""What an engine of root's tells of one container, the environment and all labels included."""
USERS_CONTAINER_LIST_BYTES: Final = 2 << 20
"""The list of containers of a user's engine, which may be any program: 200 with some thousand bytes each."""
USERS_CONTAINER_ANSWER_BYTES: Final = 256 << 10
"""What a user's engine tells of one container."""
USERS_CONTAINERS_TOO_LARGE: Final = 3
"""Containers of one user of which the engine tells more than that: an engine that tells more of most of them would be read for nothing."""
NETWORK_LIST_BYTES: Final = 4 << 20
"""The list of networks of an engine: 2,000 with some thousand bytes each."""
CONTAINERS_OF_AN_ENGINE: Final = 2000
"""Each is asked for by itself, in some milliseconds."""
ANSWERS_AT_ONCE: Final = 16
"""Containers that are asked for together: each takes a connection, and a probe may have 256 files open."""
CONTAINERS_OF_A_USER: Final = 200
"""Of one user, and of all users together whom nobody knows: what an engine answers is charged to no account."""
PLACES_OF_A_USERS_CONTAINERS: Final = 2000
"""Mounts, devices, ports and networks of all of these, some of which are looked for on the host."""
IMAGE_NAME: Final = 300
"""Characters of the name of an image in the answer of a user's engine: a registry's name has at most 253, and a repository's 255 with it."""
NETWORKS_OF_AN_ENGINE: Final = 2000
"""Each has addresses of its own, of which a host has enough for some thousand; real engines have some ten networks."""
MEMBERS_OF_A_NETWORK: Final = 1000
"""Options of one network; there are some ten."""
NETWORKS_OF_A_CONTAINER: Final = 1000
"""Members of an object that an engine tells of a container's place on its networks."""
SECURITY_OPTIONS: Final = 1000
"""Entries of a list of security options, or of paths that are hidden, of one container; there are some ten."""
GIVEN_OF_THE_HOST: Final = 10_000
"""Mounts, devices or ports of one container: somebody may publish a whole range of ports, each of which is told by itself."""
VARIABLES_OF_A_CONTAINER: Final = 10_000
"""Variables of one container, each of which is looked at for secrets; there are some ten."""
SECRET_VARIABLES_NAMED: Final = 20
"""Variables of one container that are named as secrets; all are counted."""
VARIABLE_NAME_SHOWN: Final = 64
"""Characters of a variable's name that are told: a name is there to be recognised, and what is longer is some text."""
VARIABLE_VALUE: Final = 4096
"""Characters of a value, and of a name, in which a secret is looked for: the patterns take time by the length."""
OCI_CONFIG_LIST: Final = 1000
"""Entries of a list of a runtime's config.json: mounts, devices, capabilities."""
ENGINE_ANSWER_LIST: Final = 200
"""Entries of one list of what an engine says of itself, or of a list in daemon.json: registries, runtimes, labels, of which there are some ten."""
ENGINE_SOCKETS_AT_ONCE: Final = 56
"""Sockets that are asked together, each over three connections or four: a probe may have 256 files open."""
ENGINE_SOCKETS_OF_A_USER: Final = 8
"""Sockets that are asked of one account: there are seven usual places, and any number of others that a user may think of."""
ENGINES_WAITED_FOR: Final = 2
"""How many times the scanner waits for engines that do not answer, for all users together."""
SILENT_LISTENERS: Final = 3
"""Listeners that may keep the scanner waiting; the others behind the same budget are not asked any more."""
LISTENERS_CONNECTED_TO: Final = 30
"""TCP listeners of root's that are connected to, each for a second or two at most; an engine has one or two."""
VSOCK_LISTENERS_ASKED: Final = 5
"""Listeners on vsock of which it is asked who holds them, each for a second at most; the lower ports, which are root's, before others."""

# Processes

PROCESSES_CALLED_LIKE_ENGINES: Final = 10
"""Processes that are looked at of one user; an engine has one or two, and a user may have thousands that are called alike."""
PROCESSES_OF_STRANGERS: Final = 200
"""The same of all users together whom nobody knows: a range of subordinate ids has 65536 of them."""
ROOTS_PROCESSES_CALLED_LIKE_ENGINES: Final = 200
"""Processes of root's in containers count too, and have any name that somebody gives them."""
ROOTS_DOCKERDS: Final = 50
"""Daemons of root's that are looked at; there is one, or one more in a test."""
ROOTS_PROGRAMS_COMPARED: Final = 4000
"""Processes of root's that are called like an engine's: each container has one, of its shim."""
ROOTS_PROCESSES_WITH_SOCKETS: Final = 2000
"""Processes of root's whose descriptors are looked through for a socket whose name does not say who listens."""
ANCESTORS_OF_AN_ENGINE: Final = 8
"""Processes above an engine up to the rootlesskit that started it, which is two or three above."""
CONTAINERS_LOOKED_AT: Final = 2000
"""Containers that are looked at by their processes; however many others have, some of each are."""
PROCESSES_OF_A_CONTAINER: Final = 1000
"""Processes of one container that are looked at, in some tenths of a millisecond each."""
PROCESSES_OF_CONTAINERS: Final = 8000
"""Those of all containers."""
PROCESSES_OF_EACH_CONTAINER: Final = 32
"""Those of a container that are looked at even where others have used up what there is for all."""
NAMESPACES_OF_TASKS: Final = 100
"""Namespaces of containerd's in which documents of containers are looked for; real hosts have two or three."""
NAMESPACES_SHARED_IN_TURN: Final = 8
"""Containers that each have the namespace of the next; engines allow one, and more is looked at lest they go in a circle."""
CREDENTIALS_OF_A_USER: Final = 100
"""Sets of credentials of one user up to which each is told as it is."""
GROUPS_OF_CREDENTIALS: Final = 20_000
"""Groups in all of these: a process may have 65,536."""
USERS_NOT_IN_PASSWD: Final = 1000
"""Users with a process up to which each is looked at and told apart, in some ten system calls; a range of subordinate ids has 65536 of them."""
ID_RANGES_TOLD: Final = 300
"""Ranges up to which ids are told exactly; beyond, the smallest gaps are passed over, but none with an id that somebody has."""
PROCESSES_NAMED: Final = 20
"""Processes of one set of credentials, or of one user, that are named; all are counted."""
ROUNDS_OF_NEW_PROCESSES: Final = 4
"""How many times what is new is looked at; each takes milliseconds, so that of a host's own short-lived processes none is new in the last."""
PROCESSES_BESIDE_SYSTEMD: Final = 20
"""Processes beside a user's systemd that are looked at; there is one, unless the user puts more there."""
RELAYS_OF_ROOT: Final = 200
"""Programs of root's that listen, and may hand on what they receive."""

# Sockets and namespaces

LISTENERS_OF_A_USER: Final = 50
"""TCP sockets of one user that are looked at, those of lower ports before others."""
SLOW_PROCESSES_OF_A_USER: Final = 3
"""How often it may take too long to look through the descriptors of a user's process, of which each has a million at most."""
LISTENERS_TOLD_APART: Final = 100
"""Processes with a TCP socket that are told apart; a user may listen on a port at each of the 16 million addresses of this machine."""
NETWORK_NAMESPACES_OF_ENGINES: Final = 100
"""Network namespaces in which engines of root's are, each with a list of sockets of its own; there is one."""
NETWORK_NAMESPACES: Final = 1000
"""Network namespaces but the scanner's whose unix sockets are read, in some 0.1 ms each."""
MOUNT_NAMESPACES_OF_ROOT: Final = 2000
"""Mount namespaces in which programs of root's are: one for each container and for each service with a file system of its own."""
KERNEL_MODULE_DIRECTORIES: Final = 1000
"""Kernels whose modules are installed; there are two or three."""
NETWORK_INTERFACES: Final = 4096
"""Interfaces of which the kernel keeps settings; each container has one on the host."""
PROCESSES_FOR_ABSTRACT_SOCKETS: Final = 50_000
"""Processes that are asked which network they are in, where an engine has an abstract socket in another one than the scanner's."""
CONNECTED_PROCESSES: Final = 20_000
"""Processes with a connection that are told apart by what they are connected to."""
PROCESSES_FOR_CONNECTIONS: Final = 2000
"""Processes that are asked which network they are in, where an engine holds a connection that is in none of those known."""
SOCKETS_OF_A_USER: Final = 20
"""Sockets with an engine's name that are looked at of one user: anybody may bind any number, and lists come from the kernel as a whole."""
SOCKETS_OF_STRANGERS: Final = 100
"""The same of all users together whom nobody knows."""
SOCKET_NAMES_ASKED: Final = 2000
"""Names up to which each is asked whose it is by its way; of more the kernel's own list says who made the socket."""
MOUNTS_SHOWN: Final = 1000
"""Mounts of what the host has that one view of the file system has; each is looked up."""
MOUNTS_OF_A_CONTAINER_SHOWN: Final = 100
"""The same of one container: its facts tell each."""
SHARED_MOUNTS: Final = 200
"""Mounts by which a virtual machine is given files of its host; products make one to ten."""

# Ways and names in directories

DIRECTORIES_OF_A_WAY: Final = 64
"""Directories on a way that users can lay: they make thousands, and what is said of each depends on all above it."""
DIRECTORIES_BELOW_A_MOUNT: Final = DIRECTORIES_OF_A_WAY - 2
"""Directories that are walked below a mount point: deeper no way of a user's is followed."""
WAY_OF_A_USER: Final = 2048
"""Characters in the paths of all directories from a user's on, where the way to a file of root's is told: each path has all above it in it."""
CHANGING_NAME: Final = 16
"""How often a name is looked at that somebody makes a link and something else in turn: each time that is met with a chance of about one in ten."""
PATH_SHOWN: Final = 200
"""Characters of a path in a message: it is there to be recognised, and each place has a message of its own."""
PROGRAMS_BELOW: Final = 2
"""Directories below a place for programs that are looked at: a third level is ten times as many in the home of who builds software."""
HOMES_LOOKED_AT: Final = 20
"""Homes in one directory that are looked at one by one; where more are named there, the directory is listed once for all."""
NAMES_OF_HOMES: Final = 1_000_000
"""Names in such a directory: the names of so many homes are listed in a second."""
SETGID_WAYS_OF_A_GROUP: Final = 3
"""Programs that give everybody one group are alike: each more would be told of each user at each socket of that group."""
PROGRAM_NAMES_OF_A_DIRECTORY: Final = 1_000_000
"""Names of one directory that are listed when programs with the setuid or setgid bit are looked for, and those that are passed over: that takes a second."""
PROGRAM_NAMES_OF_A_USER: Final = 200_000
"""Names that are looked at of one user, in directories of that user's and where others may write; each costs some 2 microseconds."""
PROGRAM_NAMES_OF_A_USER_DEEP: Final = 2_000_000
"""The same of one user where all of the file system is asked for."""
PROGRAMS_OF_A_USER: Final = 100
"""Programs of one user that are stated; a user has none with the setuid bit, and each with the setgid bit may give its group to everybody."""
PROGRAMS_OF_A_USER_DEEP: Final = 1000
"""The same where all of the file system is asked for."""
SETUID_PROGRAMS_READ_OF_A_USER: Final = 2
"""Programs of one user that are read to be compared, second names of files included, which cost that user nothing."""
ROOTS_NAMES: Final = 1 << 40
"""Names of root's, and of one directory, where all of the file system is asked for: only time limits them."""
CLOSED_PLACES_NAMED: Final = 40
"""Places that were not looked through that are named: all that are usual for programs, and some of users. To who is not root all homes may be closed."""
NAMES_ON_THE_SEARCH_PATH: Final = 5000
"""Names that are looked at of one user, who may have put them there, and of programs that are that user's."""
DIRECTORIES_ON_THE_SEARCH_PATH: Final = 100
"""Directories for programs that are looked through; PATH has some ten."""
MEMBERS_STATED: Final = 100
"""Members of one directory that are stated, beside those of users."""
MEMBERS_OF_A_USER: Final = 20
"""Members in all directories that are stated of one user."""
MEMBERS_OF_STRANGERS: Final = 100
"""The same of all together whom nobody knows."""
DIRECTORIES_FOR_MACHINES: Final = 200
"""Directories of the host that one virtual machine is given; users name some."""
MACHINES_OF_A_USER: Final = 20
"""Machines of one product and one user that are looked at, and sockets of one machine."""

# Files, by what reads them

AUDIT_RULE_FILES: Final = 200
"""Names in the directory of audit rules, which is root's; there are some ten."""
AUDIT_RULES: Final = 5000
"""Lines of all audit rules: each is compared with every path that is to be watched."""
SSHD_CONFIG_FILES: Final = 32
"""Files that are read that others of sshd's include."""
SYSCTL_FILES: Final = 200
"""Names in one directory of sysctl.d, all of which are root's."""
CLOUD_CONFIG_FILES: Final = 200
"""Names in cloud.cfg.d; there are some."""
SYSUSERS_FILES: Final = 1000
"""Names in one directory of sysusers.d: a package that has a user has one."""
TMPFILES_FILES: Final = 1000
"""Names in one directory of tmpfiles.d: many packages have one."""
PAM_STACKS: Final = 1000
"""Names in one directory of pam.d: one for each service that lets users in."""
FILES_OF_A_SERVICE: Final = 100
"""Files of PAM that are read for one service, each as often as it is included."""
INCLUDES_OF_A_SERVICE: Final = 8
"""How deep these include each other; distributions have two or three levels."""
SUDO_TIMES: Final = 10_000
"""Users of whom sudo keeps when they gave their password last."""
SUDO_TIMES_BYTES: Final = 1 << 16
"""Of one user, with a record of 56 bytes for each terminal."""
SU_CALLERS: Final = 200
"""Users whom a stack of su's tells apart, by name or by group."""
SU_TARGETS: Final = 200
"""Users of whom it is worked out who becomes them by su without a password; root comes first."""
NAMES_LISTED_FOR_PAM: Final = 200
"""Names in a file of pam_listfile: as many as are told apart for su."""
PAM_FILES_BY_PATH: Final = 200
"""Files outside of PAM's directories that are read because others include them by a whole path."""
POLKIT_FILES: Final = 500
"""Files of one of polkit's folders; a desktop has some hundred with actions."""
SUDOERS_FILES: Final = 1000
"""Files that sudo reads; configuration management writes one for each right."""
SUDOERS_READINGS: Final = 2000
"""How often a file of sudo's is read in all; several includes may name one."""
APT_FILES: Final = 200
"""Files of apt's settings that are read, with those that others include; a host has some twenty."""
APT_SETTINGS: Final = 5000
"""Settings of apt's; a host has some hundred."""
APT_NESTED: Final = 50
"""Settings of apt's in one another; those that ship have four."""
FSTAB_LINES: Final = 5000
"""Lines of /etc/fstab; most have some ten, and one for each volume of an engine of containers is far from that."""
INTERFACES_FILES: Final = 200
"""Files of ifupdown's table; a host has one, or one for each interface."""
SERVICE_SETTINGS: Final = 200
"""Files of settings of one service, with those that they include; a host has some for each program that supervisord runs."""
KERNEL_INCLUDES: Final = 200
"""Files of the dynamic linker's configuration that others include."""
UNITS_AT_BOOT: Final = 20_000
"""Units that are followed; a host has some hundred."""
UNIT_ALIASES: Final = 8
"""Links that each lead from one unit's name to another's; there is one, and they may go in a circle."""
UNITS_TRIED: Final = 50
"""Units for which a drop-in for many counts that are tried, until one of them can be read."""
VARIABLES_OF_A_UNIT: Final = 200
"""Variables that a unit sets for its commands."""
DIRECTORIES_OF_A_UNIT: Final = 50
"""Directories of one variable, or of one setting of a unit, that are looked at."""
ENVIRONMENT_FILES: Final = 20
"""Files of variables that a unit names; there are one or two."""
PODMAN_FILES: Final = 2000
"""Files of one directory of the system that Podman reads."""
PODMAN_FILES_OF_A_USER: Final = 20
"""The same of a directory in a home."""
CLIENT_FILES_OF_A_USER: Final = 20
"""Files of environment.d that are read of one home, contexts of docker's that are looked into, and endpoints of each; a user has some."""
VALUES_THAT_NAME_FILES: Final = 8
"""Values of a variable that are gone through where it names a file to read."""
IDENTITY_FILES: Final = 20
"""IdentityFile lines of one user that are followed; a server takes six tries (MaxAuthTries of sshd_config(5))."""
SSH_FILES_OF_A_USER: Final = 50
"""Files in ~/.ssh of one user that are looked at, those first that ssh tries."""
AUTHORIZED_KEYS_FILES: Final = 20
"""Files of keys of one user that are looked at; sshd reads two unless it is told otherwise."""
CREDENTIAL_HELPERS: Final = 20
"""Programs that keep a user's passwords, and directories with plugins, of one config.json."""
CLUSTER_KEYS: Final = 100
"""Private keys in one directory of a cluster; k3s has some twenty."""
CERTIFICATES_VERIFIED: Final = 10
"""Certificates of one kubeconfig that are verified, and directories of a home with clients' keys: each takes some thousandths of a second."""
KUBECONFIG_CONTEXTS: Final = 100
"""Contexts of one kubeconfig; who administers many clusters has some ten."""
HOOK_FILES: Final = 100
"""Files of one directory of hooks, devices or plugins that are read."""
HOOKS_NAMED: Final = 200
"""Paths of programs that are taken of all of these."""
ENGINE_PATHS: Final = 200
"""Paths that engines are told, of one kind: each is walked, with all that is on the way."""
REGISTRIES_WITH_A_DIRECTORY: Final = 100
"""Registries that have a directory with keys that is looked into."""
KEYS_OF_A_REGISTRY: Final = 10
"""Keys in each of these; there are three files for one registry."""
PLUGIN_NAMES: Final = 100
"""Names that are beside plugins of Docker's that have a socket or a file."""
CONTAINERD_IMPORTS: Final = 100
"""Files that one configuration of a runtime's imports; real ones have less than ten."""
RUNTIME_REGISTRIES: Final = 1000
"""Registries with a file of their own that are looked at; real hosts have some ten."""
CRIO_DIRECTORIES: Final = 8
"""How deep the directories below crio.conf.d go; CRI-O reads them all, and packages make none."""
NRI_OTHERS: Final = 8
"""Places on the way to a plugin of NRI at which somebody else gets in that are told: one is enough to change it."""
IMAGE_STORES: Final = 5
"""Additional image stores of one file that are looked at: each is told with all that is on the way to it."""
IMAGES_KEPT: Final = 100_000
"""Images and containers of root's Podman: one is enough to say that it is used."""
STORAGE_OF_OTHERS: Final = 20
"""Directories of others that are told of one: a user may name /home."""
KERNEL_DISKS: Final = 100
"""Disks, and parts of these, on which the system's own file systems lie."""
ENTRIES_OF_ENVIRONMENT: Final = 100
"""Entries of a variable of /etc/environment that names directories or libraries; PATH has some ten."""
CRONTABS_OF_ROOT: Final = 20
"""Accounts with uid 0 whose tables are looked at; there is one."""
NFS_EXPORTS: Final = 200
"""Directories, each with one client, that an NFS server lets root of other hosts write."""
PATTERNS_OF_LOGS: Final = 2000
"""Patterns for logs in all files of logrotate; a Debian has some forty."""
JOBS_OF_A_USER: Final = 100
"""Jobs of a user's own table that are looked at."""
CRONTAB_VARIABLES: Final = 100
"""Variables of one table that are looked at."""
HOMES_OF_ROOT: Final = 20
"""Homes of accounts with uid 0 that are looked at; there is one."""
FILES_OF_ROOT: Final = 100_000
"""Files that root runs or believes, of which a full desktop has some ten thousand."""
WAYS_OF_A_USER: Final = 200
"""Ways to files that a login reads that are walked for one user."""
LOGIN_FILES: Final = 10_000
"""Files of all users that are stated: where somebody can make all homes, each may get every file that a shell reads. Each takes some 800 bytes."""
LOGIN_FILES_OF_A_USER: Final = 20
"""How many of one user's count for that, so that users who lay more take nothing from others: a login reads no more."""
PACKAGED_FILES: Final = 100_000
"""Files of packages: five for each of 20,000."""

# What a grammar may be made to do: nesting, length, and work that grows faster than the text

YAML_NESTING: Final = 64
"""Levels of a YAML file: each is a call of the reader in itself."""
YAML_NUMBER: Final = 100
"""The longest number that is looked at: one to base 60 takes time by the square of its length."""
TOML_DOTS: Final = 100
"""The most dots of one line: tomllib takes time by the square of the parts of a key."""
TOML_TABLES: Final = 12
"""Tables in each other in which paths are looked for; containerd has seven."""
PODMAN_VALUE: Final = 1000
"""Characters of one text of containers.conf that is told, or of a path that a podman's environment gives."""
PODMAN_LIST: Final = 200
"""Entries of one list of containers.conf, or lines of mounts.conf, all of which are told."""
REGISTRIES: Final = 500
"""Registries of registries.conf, mirrors of one, and registries that are searched."""
SIGNATURE_SCOPES: Final = 500
"""Scopes of policy.json, and requirements of one."""
POLKIT_TERMS: Final = 500
"""Terms that a condition may have: two conditions together have as many as both multiplied."""
POLKIT_NAME: Final = 200
"""Characters of a user, group or program that a rule asks for."""
POLKIT_TEXT: Final = 10_000
"""Characters of a text that a script puts together: a loop could double it any number of times."""
JAVASCRIPT_NESTING: Final = 40
"""How deep expressions and statements may nest: each level is some calls of the parser in itself."""
JAVASCRIPT_ARMS: Final = 100
"""How long a chain of calls may be, and one of ifs."""
POLKIT_WORK: Final = 100_000
"""Steps that are worked through of one rule: a loop may have any number."""
POLKIT_STARS: Final = 3
"""Repetitions in a regular expression of a script that is tried: to try it takes time by the power of their number."""
SUDO_PATTERN: Final = 200
"""Characters of a pattern of sudo's that is matched."""
SUDO_REPEATS: Final = 5
"""Repetitions in one pattern: to match it takes time by the power of their number."""
SUDO_LATER_PATTERNS: Final = 50
"""Wildcards of later rules that are compared with each command; of more it is not certain what they forbid."""
SUDO_MEMBERS: Final = 500_000
"""Members of lists that are read, of all files together."""
SUDO_ALIASES: Final = 100
"""How deep aliases name each other: each level is a call in itself."""
SUDO_ALIAS_MEMBERS: Final = 400_000
"""Members that all lists have together when their aliases are worked out: aliases of aliases multiply."""
PROGRAMS_IN_A_ROW: Final = 8
"""Programs that start each other which are looked at, such as nice that runs env that runs a shell."""
SHELL_BLOCKS: Final = 50
"""How deeply blocks and commands of a shell text may be nested."""
SHELL_IN_SHELL: Final = 3
"""How deep texts are read that a text hands to another shell: sh -c."""
SCRIPTS_IN_A_ROW: Final = 4
"""Scripts that each run the next one."""
NAMES_OF_A_SHELL_TEXT: Final = 500
"""Names that are taken of one text."""

# What is worked out and told

USERS_ASKED_FOR: Final = 100
"""Users who are asked for one by one: in a user namespace somebody may run processes with as many uids as a range has."""
USERS_WHOSE_GROUPS_ARE_ASKED: Final = 1000
"""Users whose groups are asked for one by one: each time the C library reads all groups (getgrouplist(3))."""
USERS_GATHERED: Final = 1000
"""Users of whom what was gathered is kept for the next analysis: most ask for them, and 50,000 take a second each time."""
WAYS_NAMED: Final = 3
"""Ways into a group that are named where all are counted."""
MALFORMED_LINES_NAMED: Final = 20
"""Malformed lines that are named; all are counted."""
LINES_WITHOUT_A_PASSWORD: Final = 200
"""Accounts without a password that are told; one is too many."""
FILES_WITHOUT_A_DIGEST_NAMED: Final = 3
"""Files without a digest that are named."""
FIRMWARE_NAME: Final = 200
"""Characters of a name that the firmware, and so whoever made the machine, gives."""
USERS_OF_A_CONTAINER: Final = 20
"""Users of the host told of one container."""
SECRETS_IN_A_PLACE: Final = 200
"""Files in a directory of keys, of which some ten are usual."""
USERS_A_CONTAINER_SEES: Final = 20
"""Users with processes to whom a container leads that sees these."""
FAULTS_OF_DAEMON_JSON: Final = 10
"""Faults of one daemon.json that are told; dockerd stops at the first."""
COMMANDS_OF_SUDO: Final = 1000
"""Programs that rules of sudo and doas name whose way is walked."""
FILES_OF_A_PATTERN: Final = 300
"""Files that are there which are looked at for one pattern of sudo's."""
RIGHTS_TOLD: Final = 10_000
"""Rights by sudo and doas that are told in all."""
RIGHTS_WORK: Final = 300_000
"""Commands of rules that are looked at, for all users together."""
PASSWORDLESS_WORK: Final = 100_000
"""Commands of ALL that are looked at to which a setting is bound by which they need no password, for all users together."""
USERS_ONE_MAY_BECOME: Final = 50
"""Users other than root who are told of whom one may become by one set of rules."""
GROUPS_ONE_MAY_HAVE: Final = 20
"""Groups that are told which one may have by one set of rules."""
POLKIT_ACTIONS: Final = 200
"""Actions of polkit that are looked at: a rule may name all of a desktop's by how their names begin."""
POLKIT_WAYS: Final = 10_000
"""Ways by polkit that are told: each action of each user is one."""
USERS_OF_ROOTS_FILES: Final = 50_000
"""Users who are told of all files together: of a group with all users in it, each is told of each file that it can write."""
FILES_OF_A_GROUP: Final = 1000
"""Files of a group of what root runs or believes that are stated because others may be able to change them."""
FILES_OF_A_GROUP_OF_A_USER: Final = 100
"""Those of them on whose way one user comes first: who controls one of these is told by the first already."""
REASONS_OF_A_FILE: Final = 50
"""Reasons that are stated of one file."""
STATES_OF_A_SOCKET: Final = 64
"""States in which a socket and its directories may be, by the owners and groups that commands give them in an order that is not known."""
CHANGES_OF_A_SOCKET: Final = 50
"""Commands that change permissions on the way to one socket; there is one, if any."""
OWNERS_OF_A_RANGE: Final = 20
"""Users whose ids one range of subordinate ids gives away that are named."""
GROUPS_OF_A_RANGE: Final = 100
"""The same of groups; these, lowest gid first, are judged by name, and the rest of a longer list counts as not known."""
MOVABLE_RANGES: Final = 1000
"""Overlapping ranges of a file up to which it is worked out which of them may stay; of more, all are to be moved."""
RANGES_TOLD: Final = 1000
"""Ranges of a file up to which each is told by itself."""
WORST_RANGES_TOLD: Final = 200
"""Of more ranges so many at most are told by themselves."""
HOLDERS_OF_RANGES_TOLD: Final = 1000
"""Holders of subordinate ids up to which each is told by itself."""
ACCOUNTS_OFFERED_A_RANGE: Final = 1000
"""Accounts up to which each is offered a range."""
LINE_SHOWN: Final = 80
"""Characters of a line that are shown: a line of a terminal."""
CUT_WORKED_OUT: Final = 12
"""Changes up to which the smallest set is looked for: there are as many sets as two to the power of their number."""
CUT_WORK: Final = 400_000
"""Edges that are looked at for it: a count, so that the same facts give the same cut on every machine."""
CUT_PRUNING: Final = 4_000_000
"""Edges that are looked at to leave out of another set what is not needed, and to say of each change whose paths it closes."""
EDGES_OF_AN_ANALYSIS: Final = 10_000
"""Edges of one analysis that are taken: more would keep everybody waiting."""
CHANGES_OF_AN_EDGE: Final = 20
"""Changes of an edge, and rules of a change."""
TEXT_OF_AN_EDGE: Final = 500
"""Characters of one text of an edge: it is shown in a line of a report."""
PATHS_OF_A_PRINCIPAL: Final = 20
"""Ways of one principal that are told."""
WAYS_TO_A_PLACE: Final = 50
"""Ways of one user to one place that are told apart."""
PATHS_STATED: Final = 9_999
"""How many values a section of a report has room for (hostcheck/sections.py), without the list itself."""
PRINCIPALS_WITHOUT_A_PATH: Final = 2_000
"""Principals without a path to root that are named."""
PRINCIPALS_OF_A_CHANGE: Final = 20
"""Principals that one change names."""
NOT_JUDGED: Final = 400
"""Things that are stated because it is not known whether they lead to root: a section of a report has room for that many."""
NOT_JUDGED_OF_A_USER: Final = 20
"""Those of them that are one user's."""
ACCOUNTS_WITH_A_HASH: Final = 1000
"""Accounts that one file with hashes is said to have."""
NAMES_IN_BACKUPS: Final = 500
"""Files of root's in one directory of backups; Debian itself keeps some fifty."""
SECRET_COPY_BYTES: Final = 1 << 18
"""A file that may be a copy of a key, or of /etc/shadow with some thousand accounts."""
ARCHIVE_BYTES: Final = 4 << 20
"""An archive among backups that is looked through for keys and hashes."""
UNPACKED_BYTES: Final = 16 << 20
"""The first of what is in an archive."""
ARCHIVE_MEMBERS: Final = 5000
"""Files in an archive; /etc has some two thousand."""
SSH_KEYS_OF_ROOT: Final = 20
"""Private keys in root's home that are looked at."""
