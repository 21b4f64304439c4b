# Notes what is there now that a run has ended. In the folder of state.
# A line for each: a kind, a name and a service.
: "${belongings?}"

printf '%s\n' "$belongings" >belongings.new
sync belongings.new && mv -f belongings.new belongings || exit
