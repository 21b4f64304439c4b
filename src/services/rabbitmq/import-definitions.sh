# Makes the users, virtual hosts and policies of a file, and corrects them.
set -eu
: "${definitions:?}"

import() { rabbitmqctl --quiet --timeout 60 import_definitions "$definitions"; }

# Of members that make the same new user at once only one does; the next time it is there for all.
import || { sleep 2 && import; } || { sleep 2 && import; }
if rabbitmqctl --quiet --timeout 60 list_users --no-table-headers | cut -f1 | grep -qx guest; then
  rabbitmqctl --quiet --timeout 60 delete_user guest
fi
