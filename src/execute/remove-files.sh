# Takes files of ours away: the words are their paths. What was there before the first of ours is put back, the rest is
# removed; folders go where they are empty then. A copy stays with the run, as of every file that is changed. put-back.sh
# stands before it.
set -eu
: "${folder:?}" "${state:?}"
# With blanks between.
: "${directories?}"

cd /
mkdir -p -- "$folder/before"
listed=" $* "
for path; do [ ! -e "$path" ] || cp -an --parents -- "$path" "$folder/before"; done
# What an undoing puts back after a power cut must be there, whole.
find "$folder/before" -exec sync {} +
for path; do
  original=$state/originals$path
  if [ -e "$original" ]; then
    put_back "$original" "$path"
  else
    rm -f -- "$path"
  fi
done
touch "$state/files"
while read -r sum path; do
  case "$listed" in *" $path "*) ;; *) printf '%s  %s\n' "$sum" "$path" ;; esac
done <"$state/files" >"$state/files.new"
sync "$state/files.new"
mv -f -- "$state/files.new" "$state/files"
# Only now: cut off before, this is done again, and must find them.
touch "$state/originals.known"
while read -r path; do
  case "$listed" in *" $path "*) ;; *) printf '%s\n' "$path" ;; esac
done <"$state/originals.known" >"$state/originals.known.new"
mv -f -- "$state/originals.known.new" "$state/originals.known"
for path; do rm -f -- "$state/originals$path"; done
# What a run that was killed was about to put in place.
for path; do rm -rf -- "${path%/*}/.mcp-new"; done
for path; do rmdir --ignore-fail-on-non-empty -- "${path%/*}" 2>/dev/null || :; done
for path in $directories; do rmdir --ignore-fail-on-non-empty -- "$path" 2>/dev/null || :; done
# Debian makes one bundle of the authorities in this folder, which knows ours until it is made anew.
case "$listed" in *" /usr/local/share/ca-certificates/"*) update-ca-certificates >/dev/null 2>&1 || : ;; esac
