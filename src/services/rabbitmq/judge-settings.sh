# RabbitMQ's own reader of rabbitmq.conf, with all schemas, as the server itself does it when it starts.
set -eu
: "${TREE:?}"
file=$TREE/etc/rabbitmq/rabbitmq.conf
read=$(mktemp)
trap 'rm -f "$read"' EXIT
# What it names beside it is still to come there.
sed "s#= */etc/rabbitmq/#= $TREE/etc/rabbitmq/#" "$file" >"$read"
said=$(
  cd /
  set --
  for part in cuttlefish getopt rabbit rabbit_common rabbitmq_prelaunch; do
    for folder in /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/"$part"-[0-9]*/ebin; do
      [ ! -d "$folder" ] || set -- "$@" -pa "$folder"
    done
  done
  HOME=/ ERL_CRASH_DUMP=/dev/null FILE=$read
  export HOME ERL_CRASH_DUMP FILE
  erl -noinput "$@" -eval '
    Schemas = filelib:wildcard("/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/*/priv/schema/*.schema"),
    Refuse = fun(Errors) ->
      [io:format("~ts~n", [cuttlefish_error:xlate(Error)]) || {error, Error} <- Errors],
      % What it has said of near misses is written by a process of its own.
      logger_std_h:filesync(default),
      halt(1)
    end,
    case cuttlefish_conf:file(os:getenv("FILE")) of
      {errorlist, Errors} ->
        Refuse(Errors);
      Settings ->
        case cuttlefish_generator:map(cuttlefish_schema:files(Schemas), Settings) of
          {error, _Phase, {errorlist, Errors}} -> Refuse(Errors);
          _Accepted -> halt(0)
        end
    end.' 2>&1
) && exit 0
printf '%s\n' "$said" | sed "/^=[A-Z ]*REPORT====/d; /^\$/d; s#$read#/etc/rabbitmq/rabbitmq.conf#g; s#$TREE##g" >&2
exit 1
