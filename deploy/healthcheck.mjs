// For containers: exit code 0 when the service beside it is alive, 1 when it is not. Needs nothing but Node.
import { get } from 'node:http';

const TIMEOUT_MS = 3000;
const ANY_ADDRESS = ['', '0.0.0.0', '::'];

const { HOST = '', PORT = '' } = process.env;
const url = {
  host: ANY_ADDRESS.includes(HOST) ? '127.0.0.1' : HOST,
  port: PORT || 3001,
  path: '/health/live',
};

get({ ...url, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
  if (response.statusCode !== 200) fail(`${url.path} answered ${response.statusCode}`);
  response.resume();
}).on('error', (error) =>
  fail(error.name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : error.message),
);

function fail(reason) {
  console.error(reason);
  process.exitCode = 1;
}
