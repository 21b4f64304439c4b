# Keeps data that is not the truth under another name, so that the member copies all of another's, and nothing is lost
# for good.
set -eu
: "${data:?}"

number=1
while [ -e "$data.aside.$number" ]; do number=$((number + 1)); done
aside=$data.aside.$number

# Copies what is in a file system of its own beside it: that can't be renamed, and in it a copy of another's data would
# sweep it away. Until all of it is there nothing is removed.
copy_aside() {
  draft=$data.copied-aside
  rm -rf "$draft"
  wanted=$(du -sk "$data" | cut -f 1)
  left=$(df -Pk "${data%/*}" | awk 'NR == 2 { print $4 }')
  if [ "$wanted" -ge "$left" ]; then
    echo "$data is a file system of its own, and its $((wanted / 1024)) MB do not fit into the $((left / 1024)) MB of" \
      "${data%/*}: make room there, or move what is in it elsewhere, then run this again" >&2
    exit 1
  fi
  mkdir "$draft"
  cp -a --sparse=always "$data/." "$draft"
  rmdir "$draft/lost+found" 2>/dev/null || :
  sync -f "$draft"
  mv "$draft" "$aside"
  sync -f "${data%/*}"
}

# What says that this is still to do goes last. Cut off before that, all is copied once more; after it, the rest is swept
# away by the copy of another's data, or by the next of these.
empty() {
  emptied=$data/.mcp-emptied
  mkdir "$emptied"
  find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .mcp-emptied \
    ! -name grastate.dat ! -name ibdata1 -exec mv -t "$emptied" -- {} +
  for name in grastate.dat ibdata1; do
    if [ -e "$data/$name" ]; then mv "$data/$name" "$emptied"; fi
  done
  rm -rf "$emptied"
}

# What one that was cut off had copied already.
if mountpoint -q "$data"; then rm -rf "$data/.mcp-emptied"; fi
# Cut off between the two, the second is still to do.
if [ -e "$data/ibdata1" ] || [ -e "$data/grastate.dat" ]; then
  if mountpoint -q "$data"; then
    copy_aside
    empty
  else
    mv "$data" "$aside"
  fi
  echo "what was there is in $aside"
fi
install -d -o mysql -g mysql -m 0755 "$data"
