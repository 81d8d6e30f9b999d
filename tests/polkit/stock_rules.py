"""Rules in the shape of those that distributions and their packages ship, in words of our own: each with the actions that it is about, and to whom they go."""

from typing import Final


def granting(names: list[str], who: str, result: str = "polkit.Result.YES", mark: str = "==") -> str:
    """Return a rule over several actions, as most packages ship one."""
    tests = " ||\n         ".join(f'action.id {mark} "{name}"' for name in names)
    return f"polkit.addRule(function(action, subject) {{\n    if (({tests}) &&\n        {who}) {{\n            return {result};\n    }}\n}});\n"


CONSOLE: Final = 'subject.active == true && subject.local == true &&\n        subject.isInGroup("wheel")'
INITIAL: Final = """// made by the package
polkit.addRule(function(action, subject) {
    if (subject.user !== 'first-setup')
        return undefined;
    var fits = (action.id.indexOf('org.freedesktop.accounts.') === 0 ||
                action.id.indexOf('org.example.') === 0);
    if (fits) {
        if (subject.local)
            return 'yes';
        else
            return 'auth_admin';
    }
    return undefined;
});
"""
PKLA: Final = """polkit.addAdminRule(function(action, subject) {
    var said = polkit.spawn(["/usr/bin/pkla-admin-identities"]);
    var list = said.split('\\n');
    if (list[list.length - 1] == '') list.pop();
    return list;
});
polkit.addRule(function(action, subject) {
    var word = function (b) { return b ? 'true' : 'false'; }
    return polkit.spawn(["/usr/bin/pkla-check-authorization", subject.user, word(subject.local), word(subject.active), action.id]);
});
"""
PRIVILEGES: Final = """polkit.addRule(function(action, subject) {
    rules = {
        'org.freedesktop.policykit.exec':
            [ 'auth_admin', 'auth_admin', 'auth_admin_keep' ],
        'org.libvirt.unix.manage':
            [ 'no', 'no', 'yes' ],
    };
    if (action.id in rules) {
        var said = rules[action.id];
        if (subject.local) {
            return subject.active ? said[2] : said[1];
        }
        return said[0];
    }
    return polkit.Result.NOT_HANDLED;
});
"""
STOCK: Final = {
    "49-ubuntu-admin.rules": 'polkit.addAdminRule(function(action, subject) {\n    return ["unix-group:sudo", "unix-group:admin"];\n});\n',
    "50-default.rules": '/* mode: js */\n\n// see polkit(8)\npolkit.addAdminRule(function(action, subject) {\n    return ["unix-group:wheel"];\n});\n',
    "systemd-networkd.rules": granting(["org.freedesktop.hostname1.set-hostname"], 'subject.user == "systemd-network"'),
    "org.freedesktop.packagekit.rules": granting(["org.freedesktop.packagekit.upgrade-system"], CONSOLE),
    "org.freedesktop.fwupd.rules": granting(["org.freedesktop.fwupd.update-internal"], CONSOLE),
    "org.freedesktop.bolt.rules": granting(["org.freedesktop.bolt.enroll"], CONSOLE.replace("==", "==="), mark="==="),
    "org.freedesktop.GeoClue2.rules": granting(["org.freedesktop.ModemManager1.Location"], 'subject.user == "geoclue"'),
    "org.freedesktop.Flatpak.rules": granting(["org.freedesktop.Flatpak.app-install"], CONSOLE)
    + "polkit.addRule(function(action, subject) {\n    return polkit.Result.NOT_HANDLED;\n});\n",
    "org.freedesktop.NetworkManager.rules": granting(
        ["org.freedesktop.NetworkManager.settings.modify.system"],
        'subject.local && subject.active &&\n (subject.isInGroup ("sudo") || subject.isInGroup ("netdev"))',
    ),
    "gnome-control-center.rules": granting(["org.freedesktop.locale1.set-locale"], CONSOLE),
    "20-first-setup.rules": INITIAL,
    "gamemode.rules": granting(["org.example.governor"], 'subject.isInGroup("gamemode")'),
}
