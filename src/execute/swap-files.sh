# Puts the staged files into their places: the words are their paths. Every new file is complete, owned and on disk beside
# its target before the first one is renamed, so a full disk or an unknown owner changes nothing. While they are renamed
# no hash is recorded for them: a run that is cut off there must not make our own file look like somebody's edit.
# They wait in a folder that only root enters: Keystone opens every file that lies among its keys, whatever its name.
: "${folder:?}" "${state:?}"
# A line for each file: mode, owner, group and path; and its hash and path.
: "${files:?}" "${hashes:?}"
# Names of records that go with it, with blanks between.
: "${forgets?}"

newline='
'
# Where a file waits: with a suffix, since some look for theirs in folders below, too (update-ca-certificates).
waits_at() { waiting=${1%/*}/.mcp-new/${1##*/}.new; }
# Lines: where they wait, their folders, each once, and those in which they wait.
waiting_files='' folders=$newline waiting_folders=''
for path; do
  waits_at "$path"
  waiting_files=$waiting_files$waiting$newline
  case "$folders" in
    *"$newline${path%/*}$newline"*) ;;
    *) folders=$folders${path%/*}$newline waiting_folders=$waiting_folders${waiting%/*}$newline ;;
  esac
done
# One process for all lines of the first word: on a busy host it takes longer to start one than what it does.
to_all() {
  lines=$1
  shift
  (
    IFS=$newline
    set -f
    # shellcheck disable=SC2086 # they are to be words
    exec "$@" $lines
  )
}
clean() {
  # Another signal would end this in the middle.
  trap '' HUP INT TERM PIPE
  to_all "$waiting_folders" rm -rf --
}
trap clean EXIT
# It cleans by itself: dash may run it in the middle of the trap above, which its `exit` would then cut short.
trap 'clean; exit 143' HUP INT TERM PIPE
record_applied() {
  { while read -r sum path; do
      case "$listed" in *" $path "*) ;; *) printf '%s  %s\n' "$sum" "$path" ;; esac
    done <"$state/files"
    cat; } >"$state/files.new" || return
  sync "$state/files.new" && mv -f -- "$state/files.new" "$state/files"
}
set -e
cd /
# Whoever was killed here before has left what it was about to put in place.
to_all "$waiting_folders" rm -rf --
to_all "$folders" mkdir -p --
to_all "$waiting_folders" mkdir -m 0700 --
while read -r mode owner group path; do
  waits_at "$path"
  install -m "$mode" -o "$owner" -g "$group" -- "$folder/stage$path" "$waiting"
done <<FILES
$files
FILES
there=
for path; do
  if [ -e "$path" ]; then there=$there$path$newline; else printf '%s\n' "$path" >>"$folder/absent"; fi
done
[ -z "$there" ] || to_all "$there" cp -an --parents -t "$folder/before" --
# What an undoing puts back after a power cut must be there, whole.
for each in "$folder/before" "$folder/absent"; do [ ! -e "$each" ] || find "$each" -exec sync {} +; done
# What was there before any run, for the day on which the host leaves. That is decided once for each path, before the
# first file of ours is there: a run that is cut off, or undone, must not make one of ours look like somebody else's.
mkdir -p -- "$state/originals"
touch "$state/files"
known=$state/originals.known
[ -e "$known" ] || { cut -c 67- "$state/files" >"$known.new" && sync "$known.new" && mv -f -- "$known.new" "$known"; }
decided=" $(tr '\n' ' ' <"$known")"
originals=
for path; do
  case "$decided" in *" $path "*) continue ;; esac
  [ ! -e "$path" ] || originals=$originals$path$newline
done
[ -z "$originals" ] || to_all "$originals" cp -an --parents -t "$state/originals" --
{ cat "$known"; printf '%s\n' "$@"; } | sort -u >"$known.new"
sync "$known.new" && mv -f -- "$known.new" "$known"
to_all "$waiting_files" sync --
for name in $forgets; do rm -f -- "$state/units/$name"; done
listed=" $* "
record_applied </dev/null
for path; do
  waits_at "$path"
  mv -fT -- "$waiting" "$path"
done
# Who looks now and then for what is newer than its last look (Erlang, for certificates) has perhaps looked since they were
# made, and would never find them.
touch -c -- "$@"
to_all "$waiting_folders" rm -rf --
to_all "$folders" sync --
record_applied <<HASHES
$hashes
HASHES
