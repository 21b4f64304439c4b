# Deletes the users that a file lists, where they are.
set -eu
: "${list:?}"
there=$(rabbitmqctl --quiet --timeout 60 list_users --no-table-headers | cut -f1)
while IFS= read -r user; do
  case $user in '#'* | '') continue ;; esac
  if printf '%s\n' "$there" | grep -qxF -e "$user"; then
    rabbitmqctl --quiet --timeout 60 delete_user "$user" </dev/null
  fi
done <"$list"
