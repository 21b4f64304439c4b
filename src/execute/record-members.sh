# Puts a membership on record, in the folder of state. With it goes what a firewall reads of it: the addresses of those
# who were forgotten, which it loads at once.
: "${members:?}" "${rules:?}"

umask 022
printf '%s\n' "$members" >members.new && sync members.new || exit
printf '%s\n' "$rules" >forgotten.nft.new
sync forgotten.nft.new || exit
changed=yes
[ -e forgotten.nft ] && cmp -s forgotten.nft forgotten.nft.new && changed=no
mv -f forgotten.nft.new forgotten.nft && mv -f members.new members || exit
# The rules in place are replaced as a whole, so nobody stays shut out who is a member again.
if [ $changed = yes ] && systemctl is-active --quiet mcp-firewall.service; then systemctl reload mcp-firewall.service; fi
