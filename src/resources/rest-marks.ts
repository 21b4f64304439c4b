import { quote } from '../model/transport.ts';
import { marksDirectory } from './vip-marks.ts';

/** The mark whose presence says that a service of a host has no work there while the host is in maintenance. */
export const restMark = (service: string): string => `${marksDirectory}/${service}`;

/** Shell that puts `value` into a mark: whole, and on the disk before anything else is done. */
export const setMark = (path: string, value = '1'): string =>
  `mkdir -p ${quote(marksDirectory)} || exit
echo ${quote(value)} >${quote(`${path}.new`)} && sync ${quote(`${path}.new`)} &&
  mv -f ${quote(`${path}.new`)} ${quote(path)} && sync ${quote(marksDirectory)} || exit
`;

/** Shell that takes a mark away. */
export const removeMark = (path: string): string =>
  `rm -f -- ${quote(path)} || exit
[ ! -d ${quote(marksDirectory)} ] || sync ${quote(marksDirectory)}
`;
