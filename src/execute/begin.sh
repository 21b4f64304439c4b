# What every run does first on a host, under its lock. start-policy.sh stands before it.
: "${state:?}" "${folder:?}" "${cloud:?}" "${host_format:?}" "${runs_kept:?}" "${foreign_code:?}"
# Generation of the record that the plan was made from; empty: nobody's business.
: "${generation?}" "${stale_code:?}"

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
echo "$host_format" >format.new && mv format.new format || exit
# An earlier run may have been killed.
remove_policy
# shellcheck disable=SC2012 # the names of runs are ours, and in their order
ls runs | sort | head -n "-$runs_kept" | while read -r old; do rm -rf -- "runs/$old"; done
