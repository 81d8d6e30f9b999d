/* A name service as sssd, winbind or OS Login are: it answers for a number or a name, and lists nobody.
   /run/directory/mode says how: "leaves out" members, "hangs", "lies" (calls its users root, and its groups docker of another gid), or answers. */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct person { const char *name; uid_t uid; gid_t gid; };
static const struct person people[] = {{"lena", 7001, 7001}, {"mara", 7002, 7900}, {"nils", 7003, 7003}};
static const struct person teams[] = {{"engineers", 7900, 0}, {"docker", 7901, 0}};
static const char *members[][3] = {{"lena", "mara", NULL}, {"lena", NULL, NULL}};

static int mode_is(const char *wanted) {
    char said[32] = "";
    FILE *file = fopen("/run/directory/mode", "r");
    if (file) {
        if (!fgets(said, sizeof said, file)) said[0] = 0;
        fclose(file);
    }
    return !strncmp(said, wanted, strlen(wanted));
}

static enum nss_status told_user(const struct person *one, struct passwd *out, char *buffer, size_t length, int *error) {
    if (mode_is("hangs")) sleep(600);
    const char *name = mode_is("lies") ? "root" : one->name;
    if (length < 128) { *error = ERANGE; return NSS_STATUS_TRYAGAIN; }
    strcpy(buffer, name); strcpy(buffer + 64, "/");
    out->pw_name = buffer; out->pw_passwd = buffer + 70; buffer[70] = 'x'; buffer[71] = 0;
    out->pw_uid = one->uid; out->pw_gid = one->gid; out->pw_gecos = buffer + 72; buffer[72] = 0;
    out->pw_dir = buffer + 64; out->pw_shell = buffer + 80; strcpy(buffer + 80, "/bin/sh");
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_directory_getpwuid_r(uid_t uid, struct passwd *out, char *buffer, size_t length, int *error) {
    for (size_t at = 0; at < 3; at++) if (people[at].uid == uid) return told_user(&people[at], out, buffer, length, error);
    return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_directory_getpwnam_r(const char *name, struct passwd *out, char *buffer, size_t length, int *error) {
    for (size_t at = 0; at < 3; at++) if (!strcmp(people[at].name, name)) return told_user(&people[at], out, buffer, length, error);
    return NSS_STATUS_NOTFOUND;
}

static enum nss_status told_group(size_t at, struct group *out, char *buffer, size_t length, int *error) {
    if (mode_is("hangs")) sleep(600);
    if (length < 512) { *error = ERANGE; return NSS_STATUS_TRYAGAIN; }
    char **list = (char **)(((size_t)buffer + 15) & ~(size_t)15), *text = (char *)(list + 8);
    size_t count = 0;
    for (; !mode_is("leaves out") && members[at][count]; count++) { list[count] = text; text = stpcpy(text, members[at][count]) + 1; }
    list[count] = NULL;
    out->gr_mem = list; out->gr_name = text; text = stpcpy(text, mode_is("lies") ? "docker" : teams[at].name) + 1;
    out->gr_passwd = text; strcpy(text, "x"); out->gr_gid = teams[at].uid;
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_directory_getgrgid_r(gid_t gid, struct group *out, char *buffer, size_t length, int *error) {
    for (size_t at = 0; at < 2; at++) if (teams[at].uid == gid) return told_group(at, out, buffer, length, error);
    return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_directory_getgrnam_r(const char *name, struct group *out, char *buffer, size_t length, int *error) {
    for (size_t at = 0; at < 2; at++) if (!strcmp(teams[at].name, name)) return told_group(at, out, buffer, length, error);
    return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_directory_initgroups_dyn(const char *user, gid_t group, long *start, long *size, gid_t **groups, long limit, int *error) {
    (void)limit; (void)error;
    if (mode_is("hangs")) sleep(600);
    for (size_t at = 0; at < 2; at++)
        for (size_t one = 0; members[at][one]; one++)
            if (!strcmp(members[at][one], user) && teams[at].uid != group && *start < *size) (*groups)[(*start)++] = teams[at].uid;
    return NSS_STATUS_SUCCESS;
}
