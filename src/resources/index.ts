export { directory } from './directory.ts';
export { configFile } from './file.ts';
export { fingerprintOf, meaningOf, sha256 } from './fingerprint.ts';
export { installedPackages } from './package.ts';
export { pythonCompiles } from './python-compiles.ts';
export { task } from './task.ts';
export { runningUnit, stoppedUnit } from './unit.ts';
export { handOver, holdersOf, joinVips, leaveVips, markScript } from './vip-hand-over.ts';
export { maintenanceMark, marksDirectory, vipMark, vrrpStateFile } from './vip-marks.ts';
