import type { Socket } from 'node:net';

/** Answers one command with the bytes of a reply. */
export type Answer = (command: readonly string[]) => string;

/** Plays a Redis that completes the handshake and then answers as the test says. */
export function playRedis(answer: Answer): (client: Socket) => void {
  return (client) => {
    let received = '';
    client.on('data', (bytes) => {
      received += bytes.toString('latin1');
      for (let next = takeCommand(received); next !== undefined; next = takeCommand(received)) {
        received = received.slice(next.length);
        client.write(answerHandshake(next.command) ?? answer(next.command));
      }
    });
  };
}

function answerHandshake([name = '']: readonly string[]): string | undefined {
  if (name.toLowerCase() === 'hello') return '%1\r\n+server\r\n+redis\r\n';
  return ['client', 'select', 'info'].includes(name.toLowerCase()) ? '+OK\r\n' : undefined;
}

/** Reads one array of bulk strings. @returns undefined until it is complete */
function takeCommand(text: string): { command: string[]; length: number } | undefined {
  const header = /^\*(\d+)\r\n/.exec(text);
  if (header === null) return undefined;
  const command: string[] = [];
  let at = header[0].length;
  for (let i = 0; i < Number(header[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const from = at + size[0].length;
    const to = from + Number(size[1]);
    if (text.length < to + 2) return undefined;
    command.push(text.slice(from, to));
    at = to + 2;
  }
  return { command, length: at };
}
