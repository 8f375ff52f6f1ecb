import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a driver and its server, and can lose what the server says. */
export async function startProxy(serverPort: number) {
  const sockets = new Set<Socket>();
  let onRequest: (bytes: Buffer) => 'pass' | 'lose the answer' | 'reset' = () => 'pass';

  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1');
    let isLost = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      const fate = onRequest(bytes);
      upstream.write(bytes, () => {
        // The server has it, and will carry it out; only its answer does not arrive.
        if (fate === 'reset') setTimeout(() => client.resetAndDestroy(), 30);
      });
      isLost ||= fate !== 'pass';
    });
    upstream.on('data', (bytes) => {
      if (!isLost) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    /** Decides, from now on, what becomes of the answer to what a client sends. */
    set: (decide: typeof onRequest) => {
      onRequest = decide;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
