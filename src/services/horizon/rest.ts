import { removeMark, restMark, setMark } from '../../resources/index.ts';
import { files, type HorizonInstance, ownAddress, serviceName, signInPath } from './names.ts';

const mark = restMark(serviceName);

/** The proxies are turned away, now and from each start on; what is in flight ends. */
export const markScript = (instance: HorizonInstance): string =>
  `${setMark(mark)}${atGate('drain', instance)}`;

/** They are let in again. */
export const unmarkScript = (instance: HorizonInstance): string =>
  `${removeMark(mark)}${atGate('remove', instance)}`;

const atGate = (verb: 'drain' | 'remove', { host, settings }: HorizonInstance): string =>
  `[ ! -x ${files.gate} ] || ${files.gate} ${verb} ${ownAddress(host)} ${settings.port} ${signInPath}
`;
