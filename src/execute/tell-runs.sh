# Tells of the runs that this host has kept: what each says of itself, its steps, and which files it has changed. Paths and
# titles only, no content.
: "${state:?}"

cd "$state/runs" 2>/dev/null || { echo end; exit; }
for run in *; do
  # One that was refused before it began has changed nothing.
  [ -s "$run/number" ] || [ -s "$run/journal" ] || continue
  number=0
  [ ! -s "$run/number" ] || read -r number <"$run/number"
  echo "run $number $run"
  [ ! -e "$run/asked" ] || { printf 'asked '; head -n 1 "$run/asked"; }
  [ ! -e "$run/ours" ] || [ -s "$run/ours" ] || echo first
  for undone in "$run"/revert-*.done; do [ ! -e "$undone" ] || echo undone; done
  [ ! -e "$run/journal" ] || sed 's/^/journal /' "$run/journal"
  [ ! -e "$run/absent" ] || sort -u "$run/absent" | sed 's/^/created /'
  [ ! -d "$run/before" ] || (cd "$run/before" && find . ! -type d) | sort | while read -r path; do
    path=${path#.}
    if [ -e "$run/stage$path" ]; then echo "changed $path"; else echo "removed $path"; fi
  done
done
echo end
