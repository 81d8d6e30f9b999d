import pytest
from root_programs.root_host import kinds, listed


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/proc/sys/kernel/core_pattern": "|/home/ann/x %p\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|home/ann/x %p\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "/home/ann/x\n"}, {}),
        ({"/proc/sys/kernel/core_pattern": "|/home/ann/100%% %e\n", "/home/ann/100%": ""}, {"/home/ann/100%": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|/home/ann/%e %p\n"}, {"/home/ann": {"kernel-helper"}, "/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|/home/ann/y%e\n"}, {"/home/ann": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|/home/%h/x\n"}, {"/home/ann": {"kernel-helper"}}),
        ({"/proc/sys/kernel/core_pattern": "|/proc/%P/root/x\n"}, {}),
        ({"/proc/sys/kernel/modprobe": "/home/ann/x\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/proc/sys/fs/binfmt_misc/x": "enabled\ninterpreter /home/ann/x\nflags: OCF\n"}, {"/home/ann/x": {"kernel-helper"}}),
        ({"/etc/udev/rules.d/9.rules": 'ACTION=="add", RUN+="/home/ann/x %k"\n'}, {"/home/ann/x": {"udev"}}),
        ({"/etc/udev/rules.d/9.rules": 'A=="b", \\\n  IMPORT{program}="/home/ann/x $devnode"\n'}, {"/home/ann/x": {"udev"}}),
        ({"/etc/udev/rules.d/9.rules": '# RUN+="/home/ann/x"\nIMPORT{file}="/home/ann/x"\n'}, {}),
        ({"/etc/modprobe.d/a.conf": "install usb /home/ann/x; /sbin/modprobe usb\n"}, {"/home/ann/x": {"module-install"}}),
        ({"/etc/ld.so.preload": "/home/ann/x /lib/y\n"}, {"/home/ann/x": {"library-path"}}),
        ({"/etc/ld.so.conf": "include ld.so.conf.d/*.conf\n", "/etc/ld.so.conf.d/a.conf": "/home/ann/x\n"}, {"/home/ann/x": {"library-path"}}),
    ],
)
def test_what_the_kernel_and_its_helpers_are_told(files: dict[str, str], wanted: dict[str, set[str]]) -> None:
    assert kinds(listed("kernel", {"/home/ann/x": "", **files})) == wanted


def test_formats_are_not_looked_for_where_that_would_mount_them() -> None:
    files = {"/proc/sys/fs/binfmt_misc/x": "interpreter /home/ann/x\n", "/home/ann/x": ""}
    table = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /proc/sys/fs/binfmt_misc rw - {} x rw\n"
    assert listed("kernel", {**files, "/proc/self/mountinfo": table.format("autofs")}) == {}
    assert list(listed("kernel", {**files, "/proc/self/mountinfo": table.format("binfmt_misc")})) == ["/home/ann/x"]
