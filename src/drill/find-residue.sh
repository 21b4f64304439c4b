# Prints what a drill has left on this host, a line each.
: "${prefix:?}" "${table:?}"

systemctl list-units --all --plain --no-legend "$prefix*" | cut -d ' ' -f 1
for left in "/run/$prefix" "/etc/systemd/system/$prefix"* "/var/lib/$prefix" /var/lib/*/"$prefix"*; do
  if [ -e "$left" ]; then echo "$left"; fi
done
if command -v nft >/dev/null && nft list table netdev "$table" >/dev/null 2>&1; then
  echo "the nftables table netdev $table"
fi
exit 0
