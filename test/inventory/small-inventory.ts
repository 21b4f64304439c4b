/** The text of an inventory that is valid and no larger than it need be. */
export const smallInventory = `format: 1
cloud: lab
platform: { distribution: debian, release: bookworm }
networks: { management: { cidr: 10.77.0.0/24, interface: host0 } }
machines:
  ctl01: { addresses: { management: 10.77.0.11 }, roles: [control] }
vips:
  public: { role: control, address: 10.77.0.100, routerId: 51, hostname: cloud.lab, tls: true }
`;
