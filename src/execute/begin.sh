# What every run does first on a host, under its lock. start-policy.sh stands before it.
: "${state:?}" "${folder:?}" "${cloud:?}" "${host_format:?}" "${runs_kept:?}" "${foreign_code:?}"
# Generation of the record that the plan was made from; empty: nobody's business.
: "${generation?}" "${stale_code:?}"
# The run's account of itself, a line of JSON; and what is remembered as deployed with it, empty where it puts no files there.
: "${account:?}" "${deployed?}"
# Higher than the number of every run that any host has told of; and from which number on no run may go.
: "${least_number:?}" "${kept_from:?}"
# Number of the last run that this host told of when the plan was made.
: "${seen_number:?}" "${overtaken_code:?}"

umask 077
mkdir -p -- "$state/units" "$folder" || exit
chmod 0755 "$state" "$state/units"
cd "$state" || exit
if [ -s cloud ]; then
  read -r owner <cloud
  [ "$owner" = "$cloud" ] || { echo "$owner"; exit "$foreign_code"; }
else
  echo "$cloud" >cloud.new && sync cloud.new && mv cloud.new cloud || exit
fi
if [ -n "$generation" ] && [ -s members ]; then
  newest=$(sed -n 's/.*"generation":\([0-9]*\).*/\1/p' members)
  [ "${newest:-0}" -le "$generation" ] || { echo "$newest"; exit "$stale_code"; }
fi
# Another run was there after ours had looked, and before it had the lock: what it saw says nothing any more.
if [ ! -s "$folder/number" ] && [ -s asked ]; then
  read -r number <asked
  [ "$number" -le "$seen_number" ] || { echo "$number"; exit "$overtaken_code"; }
fi
echo "$host_format" >format.new && mv format.new format || exit
# An earlier run may have been killed.
remove_policy
# Runs count on from each other here: their names tell the time of a controller, which may be days ahead. Those of earlier
# versions have no number and go first, in the order of their names. The running one is never among those that go.
numbered() {
  for each in runs/*; do
    number=0
    [ ! -s "$each/number" ] || read -r number <"$each/number"
    printf '%d %s\n' "$number" "${each##*/}"
  done
}
if [ ! -s "$folder/number" ]; then
  last=$(numbered | sort -n | tail -n 1)
  next=$((${last%% *} + 1))
  [ "$next" -ge "$least_number" ] || next=$least_number
  printf '%s\n' "$account" >"$folder/asked" || exit
  # Which files were ours before it: only those can be brought back as such.
  if [ -e originals.known ]; then cp originals.known "$folder/ours"
  elif [ -e files ]; then cut -c 67- files >"$folder/ours"
  else : >"$folder/ours"; fi || exit
  echo "$next" >"$folder/number.new" && mv "$folder/number.new" "$folder/number" || exit
fi
# For whoever deploys next, in one small file: the number of the last run; then that of the last one that put files here,
# with its account.
read -r number <"$folder/number"
{ echo "$number"
  if [ -n "$deployed" ]; then printf '%s %s\n' "$number" "$deployed"; elif [ -s asked ]; then tail -n +2 asked; fi
} >asked.new && sync asked.new && mv asked.new asked || exit
numbered | sort -n -k 1,1 -k 2 | head -n "-$runs_kept" | while read -r number old; do
  [ "$old" = "${folder##*/}" ] || [ "$number" -ge "$kept_from" ] || rm -rf -- "runs/$old"
done
