# Whether credentials are encrypted with a key that the new files no longer have: nobody could read them any more.
set -eu
# The tree as it will be comes with the checker's environment.
: "${keys:?}" "${program:?}" "${user:?}" "${TREE:?}"

# As Keystone has it: beside each credential stands the SHA-1 of the key.
sums() { for key in "$1"/*; do if [ -f "$key" ]; then sha1sum <"$key" | cut -d ' ' -f 1; fi; done; }
after=$(sums "$TREE$keys")
going=
for sum in $(sums "$keys"); do
  case $after in *"$sum"*) ;; *) going="$going $sum" ;; esac
done
[ -n "$going" ] || exit 0
# shellcheck disable=SC2086 # words
exec runuser -u "$user" -- "$program" $going
