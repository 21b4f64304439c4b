# What a deploy would meet with on this host: lines `KEY VALUE`, and `looked` at the end. Changes nothing.
# shellcheck disable=SC1091 # the host's
. /etc/os-release
echo "system $ID ${VERSION_CODENAME:-unknown}"
[ -d /run/systemd/system ] || echo 'without systemd'
for program in apt-get awk base64 bash dpkg-query flock mktemp perl sha256sum systemctl systemd-run timeout; do
  command -v "$program" >/dev/null || echo "without $program"
done
for folder in /etc /usr/lib /usr/local /var/lib; do
  [ -w "$folder" ] || echo "read-only $folder"
done
# Neither takes a lock nor keeps what it has found out.
if command -v apt-get >/dev/null; then
  LC_ALL=C apt-get check -qq -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= 2>&1 >/dev/null |
    sed -n 's/^E: /apt /p' | head -n 1
  dpkg --audit 2>/dev/null | sed -n 's/^ \([a-z0-9][a-z0-9+.:-]*\) .*/unfinished \1/p'
fi
# sshd reads its own file; what is said there for one address or user only is not seen.
sessions=$(/usr/sbin/sshd -T 2>/dev/null | sed -n 's/^maxsessions //p')
echo "sessions ${sessions:-unknown}"
echo looked
