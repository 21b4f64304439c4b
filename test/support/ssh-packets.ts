/** A packet of ssh that nothing has sealed yet. */
export interface Packet {
  readonly direction: 'to-host' | 'to-client';
  /** Its number: 20 KEXINIT, 21 NEWKEYS, 30 and 31 the key exchange. */
  readonly type: number;
  readonly payload: Buffer;
  /** As it came, with its length and padding. */
  readonly whole: Buffer;
}

/** What is told of one direction of a connection, in order. */
interface Heard {
  banner(line: Buffer): void;
  packet(packet: Packet): void;
  /** Everything after NEWKEYS. */
  sealed(bytes: Buffer): void;
}

export const kexInit = 20;
const newKeys = 21;
export const kexReply = 31;

/** Takes one direction apart, whatever its chunks. */
export function sshPackets(direction: Packet['direction'], heard: Heard): (chunk: Buffer) => void {
  let left: Buffer = Buffer.alloc(0);
  let phase: Phase = 'banner';
  const tell = (bytes: Buffer): Phase => {
    if (phase === 'banner') {
      heard.banner(bytes);
      return 'clear';
    }
    if (phase === 'sealed') {
      heard.sealed(bytes);
      return 'sealed';
    }
    const payload = bytes.subarray(5, bytes.length - (bytes[4] ?? 0));
    const type = payload[0] ?? 0;
    heard.packet({ direction, type, payload, whole: bytes });
    return type === newKeys ? 'sealed' : 'clear';
  };
  return (chunk) => {
    left = Buffer.concat([left, chunk]);
    for (;;) {
      const length = nextLength[phase](left);
      if (length === 0 || left.length < length) return;
      const bytes = left.subarray(0, length);
      left = left.subarray(length);
      phase = tell(bytes);
    }
  };
}

type Phase = 'banner' | 'clear' | 'sealed';

/** Bytes of what comes next; 0: not known yet. */
const nextLength: Readonly<Record<Phase, (bytes: Buffer) => number>> = {
  banner: (bytes) => bytes.indexOf('\n') + 1,
  clear: (bytes) => (bytes.length < 4 ? 0 : 4 + bytes.readUInt32BE(0)),
  sealed: (bytes) => bytes.length,
};

/** A payload as a packet that nothing seals. */
export function packetOf(payload: Buffer): Buffer {
  // At least four bytes, and the whole a multiple of eight.
  const padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

/** The ten lists of a KEXINIT: key exchange, host keys, ciphers there and back, MACs there and back, compression, languages. */
export function nameLists({ payload }: Pick<Packet, 'payload'>): readonly (readonly string[])[] {
  const lists: (readonly string[])[] = [];
  let at = 17;
  for (let list = 0; list < 10; list += 1) {
    const length = payload.readUInt32BE(at);
    lists.push(payload.toString('latin1', at + 4, at + 4 + length).split(','));
    at += 4 + length;
  }
  return lists;
}

/** The same KEXINIT with other lists. */
export function withNameLists(
  { payload }: Pick<Packet, 'payload'>,
  lists: readonly (readonly string[])[],
): Buffer {
  const texts = lists.map((names) => sshString(Buffer.from(names.join(','), 'latin1')));
  return packetOf(Buffer.concat([payload.subarray(0, 17), ...texts, Buffer.alloc(5)]));
}

/** With its length before it. */
export function sshString(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
