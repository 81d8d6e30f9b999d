#!/usr/bin/env bash
# Real databases of rpm with two small packages, as rpm writes them: rpmdb.sqlite (Fedora, RHEL 9) and Packages.db (openSUSE), for tests.
# usage: make.sh   (needs rpm and rpmbuild, as Debian's package rpm has them; writes rpmdb.sqlite.gz and Packages.db.gz beside itself)
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

head='Version: 1
Release: 1
Summary: programs for tests
License: none
BuildArch: noarch
%description
Programs for tests.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/sbin %{buildroot}/usr/lib/one'
cat >one.spec <<END
Name: one
$head
for name in sudo newuidmap newgidmap; do printf ELF >%{buildroot}/usr/bin/\$name; done
printf 'ELF su' >%{buildroot}/usr/bin/su
printf 'ELF helper' >%{buildroot}/usr/sbin/helper
printf 'ELF another' >%{buildroot}/usr/lib/one/su
ln -s su %{buildroot}/usr/bin/link
%files
%attr(4755, root, root) /usr/bin/sudo
%attr(4755, root, root) /usr/bin/su
/usr/bin/newuidmap
/usr/bin/newgidmap
/usr/bin/link
/usr/sbin/helper
/usr/lib/one
END
cat >two.spec <<END
Name: two
$head
rmdir %{buildroot}/usr/sbin %{buildroot}/usr/lib/one %{buildroot}/usr/lib
printf 'ELF two' >%{buildroot}/usr/bin/two
%files
/usr/bin/two
END
rpmbuild --quiet -bb --define "_topdir $work" --define "_dbpath $work/none" one.spec
rpmbuild --quiet -bb --define "_topdir $work" --define "_dbpath $work/none" --define '_binary_filedigest_algorithm 1' two.spec
for format in sqlite ndb; do
  mkdir "$format"
  rpm --root "$work/$format" --dbpath /var/lib/rpm --define "_db_backend $format" -i --nodeps --nosignature RPMS/noarch/*.rpm
done
gzip -9n <sqlite/var/lib/rpm/rpmdb.sqlite >"$here/rpmdb.sqlite.gz"
gzip -9n <ndb/var/lib/rpm/Packages.db >"$here/Packages.db.gz"
