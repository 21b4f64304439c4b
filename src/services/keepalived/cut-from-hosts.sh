# Cuts this host off from others, by the network cards that they have: what they send through a VIP, what they say about
# one, and IPv6 are cut as well. Words: INTERFACE=ADDRESS, the interface of ours and an address of theirs in its network.
set -eu
: "${table:?}"

card_of() { ip neigh show to "$2" dev "$1" | sed -n 's/.* lladdr \([0-9a-f:]*\) .*/\1/p'; }
# A datagram to nobody has the kernel ask for the card; bash can send one by itself.
learn() {
  for _ in $(seq 20); do
    bash -c 'echo >"/dev/udp/$0/9"' "$2" 2>/dev/null || :
    card=$(card_of "$1" "$2")
    if [ -n "$card" ]; then return 0; fi
    sleep 0.1
  done
  echo "$2 does not tell which network card it has in the network of $1: nothing was cut" >&2
  exit 1
}

pairs=
for word; do
  learn "${word%%=*}" "${word#*=}"
  pairs="$pairs ${word%%=*}=$card"
done
{
  echo "table netdev $table"
  echo "delete table netdev $table"
  echo "table netdev $table {"
  number=0
  for interface in $(for pair in $pairs; do echo "${pair%%=*}"; done | sort -u); do
    number=$((number + 1))
    cards=
    # A host with several addresses in one network has one card there.
    for card in $(for pair in $pairs; do echo "$pair"; done | sed -n "s/^$interface=//p" | sort -u); do
      cards="$cards${cards:+, }$card"
    done
    cat <<CHAINS
  set cards$number {
    type ether_addr
    elements = { $cards }
  }
  chain in$number {
    type filter hook ingress device "$interface" priority 0; policy accept;
    ether saddr @cards$number drop
  }
  chain out$number {
    type filter hook egress device "$interface" priority 0; policy accept;
    ether daddr @cards$number drop
  }
CHAINS
  done
  echo "}"
} | nft -f -
