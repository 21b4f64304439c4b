import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Release } from '../../src/model/release.ts';
import { deployedLab } from '../lab/support/deployed.ts';
import { releaseOf } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { asAdministrator, type OpenstackClient } from '../lab/support/openstack-client.ts';
import { administratorPassword, publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { runTempest } from '../lab/support/tempest.ts';

// What OpenStack's own tests ask of a cloud that computes nothing, through the public VIP and its proxies. On the release
// of the lab: RELEASE names another.
const inventory = 'inventories/lab.yaml';
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

test("OpenStack's own tests of identity, images and networks, and of computing without a host for it", async () => {
  const release = await releaseOf(lab, 'ctl01');
  const { passed, failed, skipped, kept } = await runTempest({
    release,
    namespace: publicSeat.namespace,
    hosts: `${publicSeat.address} ${publicSeat.hostname}`,
    authority: publicSeat.authority,
    configuration: await configurationFor(await asAdministrator(lab, 'prx01')),
    include,
    exclude,
  });
  console.log(`${release}: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`);
  expect(failed.toSorted(), `see ${kept}`).toEqual(failingOn[release].toSorted());
  // 529 and 539 were seen.
  expect(passed.length).toBeGreaterThan(500);
});

const include = [
  String.raw`^tempest\.api\.(identity|image|network)\.`,
  String.raw`^tempest\.api\.compute\.(flavors|keypairs|limits|test_extensions|test_quotas|test_tenant_networks|test_versions)`,
  String.raw`^tempest\.api\.compute\.security_groups`,
  String.raw`^tempest\.api\.compute\.servers\.(test_server_group|test_availability_zone)`,
  String.raw`^tempest\.api\.compute\.admin\.test_(flavors|quotas|keypairs|services|availability_zone|agents|simple_tenant_usage|networks)`,
];

// Debian's Keystone takes nothing but a new blob when a credential is updated; the test sends the project and the type too.
const credential =
  'tempest.api.identity.admin.v3.test_credentials.CredentialsTestJSON.test_credentials_create_get_update_delete';

/** What fails wherever such a release is installed. */
const failingOn: Readonly<Record<Release, readonly string[]>> = {
  bookworm: [credential],
  trixie: [
    credential,
    // Its Glance refuses where such a task would import from before it makes the task; the test wants a task that fails.
    'tempest.api.image.v2.admin.test_image_task.ImageTaskCreate.test_task_create_fake_image_location',
    // Takes nothing but a disk of qcow2 there, and no server of the lab offers one.
    'tempest.api.image.v2.test_images.ImportImagesTest.test_image_web_download_import',
  ],
};

/** Needs a host that computes: for its service and its zone, or for a server to start there. */
const exclude: readonly string[] = [
  String.raw`\.test_get_availability_zone_list`,
  String.raw`\.test_get_service_by_service_binary_name`,
  String.raw`\.test_simple_tenant_usage`,
  String.raw`\.test_(list_security_groups_by_server|server_security_groups)`,
  String.raw`\.test_create_server_with_scheduler_hint_group`,
  String.raw`\.test_nova_image_snapshot_dependency`,
  String.raw`\.PortsAdminExtendedAttrs`,
];

/** What Tempest wants to find: two images and flavors, and a network that others are routed to. */
async function configurationFor(admin: OpenstackClient): Promise<string> {
  const [image, other] = [await made(admin, 'image', 'one'), await made(admin, 'image', 'other')];
  const [flavor, larger] = [await made(admin, 'flavor', 'one'), await made(admin, 'flavor', 'other')];
  const network = await made(admin, 'network', 'outside');
  await made(admin, 'subnet', 'outside');
  const extensions = (await admin('extension list --network -f value -c Alias'))
    .split('\n')
    .filter((alias) => !ofAgents.includes(alias));
  return `[auth]
use_dynamic_credentials = true
admin_username = admin
admin_password = ${await administratorPassword()}
admin_project_name = admin
admin_domain_name = Default

[identity]
uri_v3 = https://${publicSeat.hostname}:5000/v3
auth_version = v3
region = RegionOne
v3_endpoint_type = public
ca_certificates_file = /tempest/ca.crt

[compute]
image_ref = ${image}
image_ref_alt = ${other}
flavor_ref = ${flavor}
flavor_ref_alt = ${larger}
endpoint_type = public
max_microversion = latest

[image]
endpoint_type = public
# Fetched by Glance from a server of the lab: a page that nobody has to sign in for. It is no disk of any kind, so raw.
http_image = https://${publicSeat.hostname}/auth/login/
disk_formats = raw

[image-feature-enabled]
import_image = true

[identity-feature-enabled]
access_rules = true

[network]
endpoint_type = public
public_network_id = ${network}

[network-feature-enabled]
api_extensions = ${extensions.join()}

[service_available]
neutron = true
cinder = false
swift = false

[validation]
run_validation = false

[oslo_concurrency]
lock_path = /tmp
`;
}

/** Tests of these want an agent to be there, and so a host for networks. */
const ofAgents = ['agent', 'dhcp_agent_scheduler', 'l3_agent_scheduler'];

async function made(
  admin: OpenstackClient,
  kind: 'image' | 'flavor' | 'network' | 'subnet',
  which: string,
): Promise<string> {
  const name = `tempest-${which}`;
  const words = {
    image: '--public --disk-format raw --container-format bare --file /etc/hostname',
    flavor: `--ram ${which === 'one' ? 64 : 128} --disk 1 --vcpus 1`,
    network: '--external --share',
    subnet: '--network tempest-outside --subnet-range 203.0.113.0/24 --no-dhcp',
  };
  await admin(`${kind} show ${name} -f value -c id`).catch(() =>
    admin(`${kind} create ${words[kind]} ${name}`),
  );
  return admin(`${kind} show ${name} -f value -c id`);
}
