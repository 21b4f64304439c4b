# Lets new connections to the VIP wait at their clients. The rule forgets the address by itself should who set it be cut
# off.
set -eu
# As nftables calls the type and the family of the address.
: "${vip:?}" "${type:?}" "${family:?}" "${port:?}"

nft delete table inet mcp_galera_hold 2>/dev/null || :
nft -f - <<RULES
table inet mcp_galera_hold {
  set held { type $type; flags timeout; elements = { $vip timeout 15s } }
  chain input {
    type filter hook input priority -200; policy accept;
    $family daddr @held tcp dport $port tcp flags & (fin|syn|rst|ack) == syn drop
  }
}
RULES
