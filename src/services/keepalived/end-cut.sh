# Ends what cuts this host off; nothing where nothing does.
: "${table:?}"

nft delete table netdev "$table" 2>/dev/null || :
