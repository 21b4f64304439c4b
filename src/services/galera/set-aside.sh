# Keeps data that is not the truth under another name, so that the member copies all of another's, and nothing is lost
# for good.
set -eu
: "${data:?}"

# Cut off between the two, the second is still to do.
if [ -e "$data/ibdata1" ] || [ -e "$data/grastate.dat" ]; then
  if mountpoint -q "$data"; then
    echo "$data is a file system of its own: move what is in it elsewhere, then run this again" >&2
    exit 1
  fi
  aside=$data.aside
  number=1
  while [ -e "$aside.$number" ]; do number=$((number + 1)); done
  mv "$data" "$aside.$number"
  echo "what was there is in $aside.$number"
fi
install -d -o mysql -g mysql -m 0755 "$data"
