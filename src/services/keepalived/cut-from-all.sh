# Cuts this host off from everybody but whoever is logged in to it by ssh, who has to bring it back. Words: its
# interfaces.
set -eu
# both, in: it hears nothing, out: it is not heard.
: "${table:?}" "${direction:?}"

# PEER PEERPORT OWN OWNPORT; sudo takes that away, then whoever is logged in is spared.
logins() {
  if [ -n "${SSH_CONNECTION:-}" ]; then
    echo "$SSH_CONNECTION"
    return
  fi
  ss -Htnp state established | grep -F '"sshd' | while read -r _ _ own peer _; do
    echo "${peer%:*} ${peer##*:} ${own%:*} ${own##*:}"
  done | tr -d '[]' | sed 's/::ffff://g; s/%[^ ]*//g'
}

# Whom frames to an address are sent to, within reach or through a router.
next_hop() {
  ip route get "$1" | sed -n 's/.* via \(inet6 \)\{0,1\}\([^ ]*\) .*/\2/p' | grep . || echo "$1"
}

found=$(logins | sort -u)
if [ -z "$found" ]; then
  echo "nobody is logged in by ssh: cut off from everybody, this host could not be reached any more" >&2
  exit 1
fi

# Rules by which the session goes on: $1 is in or out. A VIP of this host must be as dark as its own services, so only its
# own address is told of.
spared() {
  echo "$found" | while read -r peer _ own port; do
    case $1:$peer in
      in:*:*)
        echo "ip6 saddr $peer ip6 daddr $own tcp dport $port accept"
        echo 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'
        ;;
      out:*:*)
        echo "ip6 saddr $own ip6 daddr $peer tcp sport $port accept"
        echo "ip6 saddr $own icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"
        ;;
      in:*)
        echo "ip saddr $peer ip daddr $own tcp dport $port accept"
        echo "arp saddr ip $(next_hop "$peer") arp daddr ip $own accept"
        ;;
      out:*)
        echo "ip saddr $own ip daddr $peer tcp sport $port accept"
        echo "arp saddr ip $own arp daddr ip $(next_hop "$peer") accept"
        ;;
    esac
  done | sort -u
}

{
  echo "table netdev $table"
  echo "delete table netdev $table"
  echo "table netdev $table {"
  number=0
  for interface; do
    number=$((number + 1))
    for way in in out; do
      case $direction in both | "$way") ;; *) continue ;; esac
      case $way in in) hook=ingress ;; out) hook=egress ;; esac
      echo "chain $way$number {"
      echo "type filter hook $hook device \"$interface\" priority 0; policy drop;"
      spared "$way"
      echo "}"
    done
  done
  echo "}"
} | nft -f -
