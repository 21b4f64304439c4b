# Fills the disk of this member's data to the last block.
set -eu
: "${data:?}" "${filler:?}"

if ! mountpoint -q "$data"; then
  echo "$data is no file system of its own: filling it would fill the root of this host" >&2
  exit 1
fi
# All that is free, what is kept for root too; the rest is what the book of it takes and gives.
fallocate --length "$(($(stat -f -c '%f * %S' "$data")))" "$filler" 2>/dev/null || :
dd if=/dev/zero of="$filler.rest" bs=64k 2>/dev/null || :
dd if=/dev/zero of="$filler.last" bs=1k 2>/dev/null || :
