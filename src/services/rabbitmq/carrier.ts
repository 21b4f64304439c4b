import type { Validator } from '../../model/probe.ts';
import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { configFile, directory, task } from '../../resources/index.ts';
import { carrierFolder, files } from './names.ts';

/** Comes with Erlang itself. */
const erlangCompiler = '/usr/bin/erlc';
const carrierModule = `${carrierFolder}/mcp_mixed_dist.beam`;

/**
 * What speaks TLS and without it, at one port: Erlang has only the one or the other. Each start compiles it for the Erlang
 * that starts; rabbitmqctl needs it before that.
 */
export const carrierResources = (render: Render): readonly Resource[] => [
  directory({ path: carrierFolder }),
  configFile({
    path: files.carrier,
    comment: '%',
    template: 'rabbitmq/mcp_mixed_dist.erl',
    content: render('rabbitmq/mcp_mixed_dist.erl', {}),
  }),
  task({
    name: 'rabbitmq-carrier',
    title: 'compile what carries both TLS and none between the members of RabbitMQ',
    readsFiles: [files.carrier],
    when: 'before-units',
    script: `${compileCarrier}\n`,
  }),
];

/** Neither the umask of a run nor what an earlier one has left there keeps the broker's own user from reading it. */
export const compileCarrier = `/bin/sh -c 'umask 022 && ${erlangCompiler} -o ${carrierFolder} ${files.carrier} && chmod 0644 ${carrierModule}'`;

/** Erlang's own look at it, before any member needs it. */
export const carrierCompiles: Validator = {
  name: `erlc compiles ${files.carrier}`,
  program: erlangCompiler,
  files: [files.carrier],
  script: `into=$(mktemp -d) && trap 'rm -rf -- "$into"' EXIT
${erlangCompiler} -Werror -o "$into" "$TREE${files.carrier}"
`,
};
