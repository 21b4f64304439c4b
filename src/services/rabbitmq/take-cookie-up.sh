# Tells a RabbitMQ that runs its new cookie, and those who ask it afterwards. Never in an argument: the node reads the file.
set -eu
: "${next:?}" "${cookie:?}"

answers() { rabbitmqctl --quiet --timeout 15 eval 'ok.' >/dev/null 2>&1; }
put() { install -m 0400 -o rabbitmq -g rabbitmq -- "$1" "$cookie.mcp-new" && sync "$cookie.mcp-new" && mv -f -- "$cookie.mcp-new" "$cookie"; }

[ -e "$cookie" ] && systemctl is-active --quiet rabbitmq-server || exit 0
! cmp -s -- "$next" "$cookie" || exit 0
# Who was cut off here before may have told it already.
if answers; then
  rabbitmqctl --quiet --timeout 15 eval '
    {ok, Text} = file:read_file("'"$next"'"),
    erlang:set_cookie(node(), list_to_atom(string:trim(binary_to_list(Text)))).' >/dev/null
fi
before=$(mktemp) && trap 'rm -f -- "$before"' EXIT
cp -- "$cookie" "$before"
put "$next"
if ! answers; then
  put "$before"
  echo "RabbitMQ takes neither the cookie that it had nor the new one" >&2
  exit 1
fi
