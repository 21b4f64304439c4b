%% Written by mcp from rabbitmq/mcp_mixed_dist.erl. Changes here are overwritten.
%%
%% Carries what Erlang nodes say to each other, with TLS and without, at one port: `-proto_dist mcp_mixed`. Erlang's own
%% carriers do one or the other (inet_tls, inet_tcp), so that of a cluster that runs no member could change by itself. Members
%% have this one while some of them do not speak TLS yet, or no longer do.
%%
%% Who is called tells by the first bytes what the caller speaks: callers of all kinds speak first. Who calls asks: a node
%% that has this carrier says so, and both go on with TLS; one with inet_tls takes the question for a broken record and
%% answers with an alert; one with inet_tcp takes it for a name that is none, and hangs up. The two last are called again.
%%
%% It stands on what Erlang offers for carriers (kernel: dist_util, ssl: the option erl_dist), and does with a link what
%% inet_tls_dist and inet_tcp_dist of Erlang 25 to 27 do. Certificates are those of -ssl_dist_optfile, as for inet_tls.
-module(mcp_mixed_dist).

-export([childspecs/0, select/1, address/0, is_node_name/1]).
-export([listen/2, accept/1, accept_connection/5, setup/5, close/1]).

-include_lib("kernel/include/dist.hrl").
-include_lib("kernel/include/dist_util.hrl").
-include_lib("kernel/include/logger.hrl").
-include_lib("kernel/include/net_address.hrl").

-define(PROTOCOL, mcp_mixed).
%% With its length before it, as inet_tcp_dist sends each word of its handshake. None of those is as short, and the record
%% of TLS that begins with 0 does not exist.
-define(QUESTION, "mcp?").
-define(ANSWER, "mcp!").

%% What reads -ssl_dist_optfile.
childspecs() -> inet_tls_dist:childspecs().

select(Node) -> inet_tcp_dist:select(Node).

is_node_name(Node) -> dist_util:is_node_name(Node).

address() -> named(inet_tcp_dist:address()).

listen(Name, Host) ->
    case inet_tcp_dist:listen(Name, Host) of
        {ok, {Listening, Address, Creation}} -> {ok, {Listening, named(Address), Creation}};
        Failure -> Failure
    end.

%% By this name the kernel finds the module for a link that came in.
named(Address) -> Address#net_address{protocol = ?PROTOCOL}.

close(Socket) -> gen_tcp:close(Socket).

%% ---- Who is called

accept(Listening) ->
    Kernel = self(),
    spawn_opt(fun() -> accept_each(Listening, Kernel) end, [link, {priority, max}]).

%% A caller that is slow, or no node at all, keeps nobody else waiting.
accept_each(Listening, Kernel) ->
    case gen_tcp:accept(Listening) of
        {ok, Socket} ->
            Host = spawn(fun() -> receive {yours, Kernel} -> welcome(Socket, Kernel) end end),
            _ = gen_tcp:controlling_process(Socket, Host),
            Host ! {yours, Kernel},
            accept_each(Listening, Kernel);
        Failure ->
            exit(Failure)
    end.

welcome(Socket, Kernel) ->
    case understand(Socket) of
        {ok, Link} ->
            present(Link, Kernel);
        {error, Reason} ->
            Reason =:= closed orelse
                ?LOG_WARNING("a node could not come in (~tp): ~tp~n", [inet:peername(Socket), Reason]),
            gen_tcp:close(Socket)
    end.

understand(Socket) ->
    ok = inet:setopts(Socket, [{packet, raw}, list, {nodelay, true}]),
    case gen_tcp:recv(Socket, 2, net_kernel:connecttime()) of
        {ok, [22, 3] = Hello} -> ok = gen_tcp:unrecv(Socket, Hello), greet_with_tls(Socket);
        {ok, [0, 4]} -> answer(Socket);
        {ok, Length} -> ok = gen_tcp:unrecv(Socket, Length), without_tls(Socket);
        Failure -> Failure
    end.

answer(Socket) ->
    case gen_tcp:recv(Socket, length(?QUESTION), net_kernel:connecttime()) of
        {ok, ?QUESTION} -> ok = gen_tcp:send(Socket, ?ANSWER), greet_with_tls(Socket);
        {ok, _} -> {error, not_a_node};
        Failure -> Failure
    end.

greet_with_tls(Socket) -> ssl:handshake(Socket, tls_options(server), net_kernel:connecttime()).

%% The kernel starts the process that will own the link (accept_connection), and it is handed to that.
present(Link, Kernel) ->
    Kernel ! {accept, self(), Link, inet, ?PROTOCOL},
    receive
        {Kernel, controller, Owner} ->
            case hand_over(Link, Owner) of
                ok -> Owner ! {self(), controller};
                _ -> Owner ! {self(), exit}
            end;
        {Kernel, unsupported_protocol} ->
            ok
    end.

hand_over(Socket, Owner) when is_port(Socket) -> gen_tcp:controlling_process(Socket, Owner);
hand_over(Tls, Owner) -> ssl:controlling_process(Tls, Owner).

accept_connection(Host, Link, MyNode, Allowed, SetupTime) ->
    Kernel = self(),
    own(fun() ->
        Watch = erlang:monitor(process, Host),
        receive
            {Host, controller} ->
                erlang:demonitor(Watch, [flush]),
                Handshake = handshake(Link, dist_util:start_timer(SetupTime)),
                dist_util:handshake_other_started(
                    Handshake#hs_data{kernel_pid = Kernel, this_node = MyNode, allowed = Allowed});
            {Host, exit} ->
                ?shutdown2(MyNode, connection_setup_failed);
            {'DOWN', Watch, process, Host, _} ->
                ?shutdown2(MyNode, connection_setup_failed)
        end
    end).

%% ---- Who calls

setup(Node, Type, MyNode, _LongOrShortNames, SetupTime) ->
    Kernel = self(),
    own(fun() ->
        Timer = dist_util:start_timer(SetupTime),
        {node, Name, Host} = dist_util:split_node(Node),
        {Ip, Port, Version} = whereabouts(Node, Name, Host),
        dist_util:reset_timer(Timer),
        case reach(Ip, Port, Host) of
            {ok, Link} ->
                Handshake = handshake(Link, Timer),
                dist_util:handshake_we_started(
                    Handshake#hs_data{
                        kernel_pid = Kernel,
                        this_node = MyNode,
                        other_node = Node,
                        other_version = Version,
                        request_type = Type
                    });
            {error, Reason} ->
                ?shutdown2(Node, {unreachable, Ip, Port, Reason})
        end
    end).

whereabouts(Node, Name, Host) ->
    Epmd = net_kernel:epmd_module(),
    Resolver =
        case erlang:function_exported(Epmd, address_please, 3) of
            true -> Epmd;
            false -> erl_epmd
        end,
    case Resolver:address_please(Name, Host, inet) of
        {ok, Ip, Port, Version} ->
            {Ip, Port, Version};
        {ok, Ip} ->
            case Epmd:port_please(Name, Ip) of
                {port, Port, Version} -> {Ip, Port, Version};
                Nowhere -> ?shutdown2(Node, {port_please_failed, Nowhere})
            end;
        Unknown ->
            ?shutdown2(Node, {address_please_failed, Unknown})
    end.

reach(Ip, Port, Host) ->
    case call(Ip, Port) of
        {ok, Socket} ->
            ok = gen_tcp:send(Socket, [0, length(?QUESTION), ?QUESTION]),
            case gen_tcp:recv(Socket, 1, net_kernel:connecttime()) of
                {ok, "m"} -> {ok, _} = gen_tcp:recv(Socket, length(?ANSWER) - 1), ask_for_tls(Socket, Host);
                {ok, [21]} -> gen_tcp:close(Socket), call_again(Ip, Port, fun(Link) -> ask_for_tls(Link, Host) end);
                {error, closed} -> call_again(Ip, Port, fun without_tls/1);
                Strange -> gen_tcp:close(Socket), {error, {answered, Strange}}
            end;
        Failure ->
            Failure
    end.

call_again(Ip, Port, Continue) ->
    case call(Ip, Port) of
        {ok, Socket} -> Continue(Socket);
        Failure -> Failure
    end.

call(Ip, Port) ->
    Given = application:get_env(kernel, inet_dist_connect_options, []),
    Own = [inet, list, {active, false}, {packet, raw}, {nodelay, true}],
    gen_tcp:connect(Ip, Port, Given ++ Own, net_kernel:connecttime()).

%% The certificate must be for the host that the node's name says.
ask_for_tls(Socket, Host) ->
    ssl:connect(Socket, [{server_name_indication, Host} | tls_options(client)], net_kernel:connecttime()).

%% ---- Of both

own(Work) -> spawn_opt(Work, dist_util:net_ticker_spawn_options()).

tls_options(Side) ->
    [{Side, Options}] = ets:lookup(ssl_dist_opts, Side),
    [{erl_dist, true}, binary, {active, false}, {packet, 4} | Options].

%% Words of the handshake have a length of two bytes before them.
without_tls(Socket) ->
    case inet:setopts(Socket, [{packet, 2}]) of
        ok -> {ok, Socket};
        Failure -> Failure
    end.

%% What dist_util does with a link until the other node is known, and afterwards to keep it.
handshake(Socket, Timer) when is_port(Socket) ->
    {ok, Peer} = inet:peername(Socket),
    #hs_data{
        socket = Socket,
        timer = Timer,
        this_flags = 0,
        f_send = fun inet_tcp:send/2,
        f_recv = fun inet_tcp:recv/3,
        f_setopts_pre_nodeup = fun(_) -> inet:setopts(Socket, [{active, false}, {packet, 4}, {nodelay, true}]) end,
        f_setopts_post_nodeup = fun(_) ->
            inet:setopts(Socket, [{active, true}, {deliver, port}, {packet, 4}, binary, {nodelay, true}])
        end,
        f_getll = fun inet:getll/1,
        f_address = fun(_, Node) -> address_of(Peer, Node) end,
        mf_tick = fun(_) -> inet_tcp_dist:tick(inet_tcp, Socket) end,
        mf_getstat = fun inet_tcp_dist:getstat/1,
        mf_setopts = fun inet_tcp_dist:setopts/2,
        mf_getopts = fun inet_tcp_dist:getopts/2
    };
handshake({sslsocket, _, [_Receiver, Sender | _]} = Tls, Timer) ->
    {ok, Peer} = ssl:peername(Tls),
    %% The link is gone with the process that sends on it, and the other way round.
    link(Sender),
    #hs_data{
        socket = Sender,
        timer = Timer,
        this_flags = 0,
        f_send = fun(_, Data) -> ssl:send(Tls, Data) end,
        f_recv = fun(_, Length, Timeout) -> received(ssl:recv(Tls, Length, Timeout)) end,
        f_setopts_pre_nodeup = fun(_) -> ok end,
        f_setopts_post_nodeup = fun(_) -> ssl:setopts(Tls, [{nodelay, true}]) end,
        f_getll = fun(_) -> {ok, Sender} end,
        f_address = fun(_, Node) -> address_of(Peer, Node) end,
        mf_tick = fun(_) -> Sender ! tick, ok end,
        mf_getstat = fun(_) -> counted(ssl:getstat(Tls, [recv_cnt, send_cnt, send_pend])) end,
        mf_setopts = fun(_, Options) -> ssl:setopts(Tls, Options) end,
        mf_getopts = fun(_, Options) -> ssl:getopts(Tls, Options) end,
        f_handshake_complete = fun(_, Node, Handle) -> tls_sender:dist_handshake_complete(Sender, Node, Handle) end
    }.

address_of(Peer, Node) ->
    {node, _, Host} = dist_util:split_node(Node),
    #net_address{address = Peer, host = Host, protocol = ?PROTOCOL, family = inet}.

received({ok, Data}) when is_binary(Data) -> {ok, binary_to_list(Data)};
received(Other) -> Other.

counted({ok, Counts}) ->
    [Received, Sent, Pending] = [proplists:get_value(Key, Counts) || Key <- [recv_cnt, send_cnt, send_pend]],
    {ok, Received, Sent, Pending};
counted(Failure) ->
    Failure.
