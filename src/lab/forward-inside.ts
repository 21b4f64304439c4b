/** Started by forward.ts inside the lab's network: accepts from the socket it is handed, connects to ADDRESS PORT. */
import { connect, Server, type Socket } from 'node:net';

const [address = '', port = ''] = process.argv.slice(2);

process.on('message', (_, server) => {
  if (server instanceof Server) server.on('connection', carry);
});
// Ctrl-C reaches the whole terminal; the parent decides and ends us.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function carry(outside: Socket): void {
  const within = connect({ host: address, port: Number(port), allowHalfOpen: true });
  outside.pipe(within).pipe(outside);
  outside.on('error', () => within.destroy());
  within.on('error', () => outside.destroy());
  outside.on('close', () => within.destroy());
  within.on('close', () => outside.destroy());
}
