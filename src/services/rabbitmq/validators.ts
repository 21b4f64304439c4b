import type { Validator } from '../../model/probe.ts';
import { programPaths, pythonCompiles } from '../../resources/index.ts';
import { carrierCompiles } from './carrier.ts';
import judgeSettingsText from './judge-settings.sh';
import { files, type RabbitmqInstance, watchProgram } from './names.ts';

/** RabbitMQ and Python read what they will be given, without starting. */
export const rabbitmqValidators = ({
  members,
  settings: { tls },
}: RabbitmqInstance): readonly Validator[] => [
  {
    name: `RabbitMQ reads ${files.config}`,
    program: '/usr/sbin/rabbitmq-server',
    // The second one is named in the first, and has to be there.
    files: [files.config, files.definitions],
    script: judgeSettingsText,
  },
  ...(members.length < 3 ? [] : [pythonCompiles(watchProgram.path, programPaths(watchProgram))]),
  ...(tls === 'optional' ? [carrierCompiles] : []),
];
