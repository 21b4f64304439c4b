# Starts this member without those that it waits for, and forgets them. Only while every member is stopped do the copies of
# queues that they led take their place: to forget them later would delete such queues. Should one come back with what it
# had, it finds its name in the cluster's parameters and puts that aside. held-unit.sh stands before it.
set -eu
: "${unit:?}" "${data:?}" "${environment:?}"
# Names of nodes, with blanks between.
: "${given_up?}"
# What copies of queues are in this release: `ha-mode`, mirrors; `quorum`, members of quorum queues.
: "${mirroring:?}"

# This member stopped after all others that are left, so of every queue that it has, it has the most. RabbitMQ would take
# the oldest of the copies that it knows of, and know of none that led when its member stopped. Done as RabbitMQ itself does
# it to a queue of a forgotten member (rabbit_amqqueue: forget_node_for_queue), in this member's own records.
take_queues_over() {
  (
    cd /
    # shellcheck source=/dev/null # a file of this host
    . "$environment"
    HOME=/var/lib/rabbitmq GIVEN_UP=$given_up FOLDER=$data
    export HOME GIVEN_UP FOLDER
    names=-sname
    [ "$USE_LONGNAME" != true ] || names=-name
    # shellcheck disable=SC2086 # words
    runuser -u rabbitmq -- erl -noinput $names "$NODENAME" $CTL_ERL_ARGS -mnesia dir "\"$data\"" \
      -pa /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/rabbit-*/ebin \
      -pa /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins/rabbit_common-*/ebin -eval '
        GivenUp = [list_to_atom(Name) || Name <- string:lexemes(os:getenv("GIVEN_UP"), " ")],
        NameIn = fun(File) ->
          {ok, Text} = file:read_file(File),
          [[_, Vhost], [_, Queue] | _] =
            [binary:split(Line, <<": ">>) || Line <- binary:split(Text, <<"\n">>, [global])],
          {Vhost, Queue}
        end,
        Places = os:getenv("FOLDER") ++ "/msg_stores/vhosts/*/queues/*/.queue_name",
        Here = [NameIn(File) || File <- filelib:wildcard(Places)],
        ok = mnesia:start(),
        yes = mnesia:force_load_table(rabbit_durable_queue),
        TakeOver = fun(Record, Taken) ->
          {resource, Vhost, queue, Queue} = amqqueue:get_name(Record),
          Leader = amqqueue:get_pid(Record),
          IsOrphan = is_pid(Leader) andalso lists:member(node(Leader), GivenUp),
          case IsOrphan andalso lists:member({Vhost, Queue}, Here) of
            true ->
              Own = amqqueue:set_pid(Record, rabbit_misc:node_to_fake_pid(node())),
              ok = mnesia:write(rabbit_durable_queue, Own, write),
              Taken + 1;
            false ->
              Taken
          end
        end,
        {atomic, Taken} = mnesia:transaction(fun() -> mnesia:foldl(TakeOver, 0, rabbit_durable_queue) end),
        stopped = mnesia:stop(),
        io:format("leads ~b queues that others led~n", [Taken]),
        halt(0).'
  )
}

# A quorum queue most of whose members are given up can't decide anything any more: it goes on with this one, and gets others
# when they are back. Where most are left they decide, which takes longer than this: whoever has more of it leads.
go_on_without_majority() {
  rabbitmqctl --quiet --timeout 120 eval '
    GivenUp = [list_to_atom(Name) || Name <- string:lexemes("'"$given_up"'", " ")],
    IsStuck = fun(Queue) ->
      #{nodes := Nodes} = amqqueue:get_type_state(Queue),
      lists:member(node(), Nodes) andalso 2 * length(Nodes -- GivenUp) =< length(Nodes)
    end,
    Stuck = [Queue || Queue <- rabbit_amqqueue:list_by_type(rabbit_quorum_queue), IsStuck(Queue)],
    lists:foreach(
      fun(Queue) ->
        {resource, Vhost, queue, Name} = amqqueue:get_name(Queue),
        rabbit_quorum_queue:force_shrink_member_to_current_member(Vhost, Name)
      end,
      Stuck),
    length(Stuck).' >/dev/null
}

# It must not run; what an earlier run has started by this is kept.
if ! rabbitmqctl --quiet --timeout 15 await_startup >/dev/null 2>&1; then
  hold_unit "$unit"
  systemctl stop "$unit"
  if [ "$mirroring" = ha-mode ] && [ -n "$given_up" ]; then take_queues_over; fi
  for node in $given_up; do
    # An earlier run that was cut off may have got as far as that.
    ! grep -qF "$node" "$data/cluster_nodes.config" || rabbitmqctl --quiet forget_cluster_node --offline "$node"
  done
  rabbitmqctl --quiet force_boot
  release_unit "$unit"
  systemctl start --no-block "$unit"
fi
for _ in $(seq 60); do
  if systemctl is-active --quiet "$unit"; then break; fi
  sleep 1
done
rabbitmqctl --quiet await_startup --timeout 120
if [ "$mirroring" = quorum ] && [ -n "$given_up" ]; then go_on_without_majority; fi
for node in $given_up; do rabbitmqctl --quiet set_global_parameter "mcp_given_up_$node" true; done
