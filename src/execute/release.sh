# The state goes, and with it keys and old files of earlier runs. This run's own folder stays until its last step has said
# how it ended; it is removed by the host itself a moment later. put-back.sh stands before it.
set -eu
: "${folder:?}" "${state:?}"

cd "$state"
# First of all: a record without anything that it stands for would be believed by who finds it.
rm -f -- members
# What stays with the machine (its names, its time) is again as it was before us, where that is known.
[ ! -d originals ] || find originals ! -type d | while read -r original; do
  put_back "$original" "${original#originals}"
done
find . -mindepth 1 -maxdepth 1 ! -name runs -exec rm -rf -- {} +
find runs -mindepth 1 -maxdepth 1 ! -path "runs/${folder##*/}" -exec rm -rf -- {} +
# Rules that no unit of ours is left to take away.
if command -v nft >/dev/null; then
  nft list tables 2>/dev/null | while read -r _ family table; do
    case $table in mcp | mcp_*) nft delete table "$family" "$table" || : ;; esac
  done
fi
rm -rf -- "$folder/before" "$folder/stage" "$folder/tree"
# No braces around its variables: systemd would take them for its own.
systemctl stop mcp-released.timer 2>/dev/null || :
# shellcheck disable=SC2016 # that shell's
systemd-run --quiet --collect --unit=mcp-released --on-active=10 \
  sh -c 'rm -rf -- "$1"; rmdir -- "$2/runs" "$2"' released "$folder" "$state"
