# Notes what a run is about to put on the host, beside what earlier ones did. In the folder of state.
# A line for each: a kind, a name and a service.
: "${belongings?}"

touch belongings
{ cat belongings; printf '%s\n' "$belongings"; } | sed '/^$/d' | sort -u >belongings.new &&
  sync belongings.new && mv -f belongings.new belongings || exit
