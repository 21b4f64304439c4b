# Has a member that is stopped forget with whom it was: it joins whoever runs, and begins nothing of its own.
set -eu
: "${data:?}"

rm -f "$data/gvwstate.dat"
if [ -f "$data/grastate.dat" ]; then
  sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 0/' "$data/grastate.dat"
fi
