import { controllerOf } from './controller.ts';
import { actOf, hostsOf, scenarios } from './crash.ts';
import { cloudAt } from './local-cloud.ts';

// A run of a scenario that kills its own process at a point: arguments are the cloud's folder, the scenario, the point.
const [root = '', name, point = ''] = process.argv.slice(2);
const scenario = scenarios.find((each) => each.name === name);
if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
const cloud = cloudAt(root, hostsOf(scenario));
const kill = () => process.kill(process.pid, 'SIGKILL');
await actOf(scenario, cloud, controllerOf(cloud, { dieAt: JSON.parse(point), kill }));
