import type { HostFile } from './host-file.ts';

/** How much a recorder keeps; it starts anew when that is full. */
const mostBytes = 64_000_000;

/** What makes a host of the lab a recorder: it writes every TCP payload that arrives, whoever it was meant for. */
export const recorderFiles = (card: string): readonly HostFile[] => [
  { path: '/usr/lib/lab/record', content: program(card), mode: 0o755 },
  { path: '/etc/systemd/system/lab-record.service', content: unit, mode: 0o644 },
];

/** The unit is started by this link: presets and enabling are for hosts that something is deployed to. */
export const recorderLink = {
  path: 'etc/systemd/system/multi-user.target.wants/lab-record.service',
  target: '/etc/systemd/system/lab-record.service',
} as const;

const unit = `[Unit]
Description=Records what is copied to this host
[Service]
ExecStart=/usr/bin/python3 /usr/lib/lab/record
Restart=always
`;

/** A frame that was copied has our MAC and somebody else's address, so it is taken below IP. */
const program = (card: string): string => `#!/usr/bin/python3
# One line before each payload: "SOURCE:PORT > DESTINATION:PORT LENGTH". Read it with strings or grep -a.
import socket, struct
FILE = "/var/log/lab-record"
frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
frames.bind(("${card}", 0x0800))
out = open(FILE, "ab", buffering=0)
while True:
    frame, (_, _, kind, _, _) = frames.recvfrom(65535)
    if kind == socket.PACKET_OUTGOING:
        continue
    packet = frame[14:]
    if len(packet) < 40 or packet[9] != 6:
        continue
    header = (packet[0] & 15) * 4
    total = struct.unpack("!H", packet[2:4])[0]
    source, destination = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    ports = struct.unpack("!HH", packet[header:header + 4])
    payload = packet[header + (packet[header + 12] >> 4) * 4:total or None]
    if not payload or 22 in ports:
        continue
    if out.tell() > ${mostBytes}:
        out.truncate(0)
        out.seek(0)
    out.write(b"\\n%s:%d > %s:%d %d\\n" % (source.encode(), ports[0], destination.encode(), ports[1], len(payload)) + payload)
`;
