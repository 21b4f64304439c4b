import { Duplex } from 'node:stream';

/**
 * A stream that is over as soon as it is destroyed. One through a jump host only asks that host to close it, and the answer
 * comes when the jump host itself has given up whoever lies behind: minutes after that has lost its power, or never.
 */
export function severable(channel: Duplex): Duplex {
  const stream = new Duplex({
    read: () => void channel.resume(),
    write: (chunk: Buffer, _encoding, done) => void channel.write(chunk, done),
    final: (done) => void channel.end(done),
    destroy(failure, done) {
      channel.destroy();
      done(failure);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) channel.pause();
  });
  channel.on('end', () => void stream.push(null));
  channel.on('close', () => void stream.destroy());
  channel.on('error', (failure) => void stream.destroy(failure));
  return stream;
}
