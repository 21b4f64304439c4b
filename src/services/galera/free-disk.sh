# Takes away what filled the disk of this member's data.
: "${filler:?}"

rm -f "$filler" "$filler.rest" "$filler.last"
