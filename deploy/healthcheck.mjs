// Exits with 0 when GET /health/live of the service in this container answers 200, otherwise with 1.
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
  if (response.statusCode !== 200) fail(`GET ${url.path} answered ${response.statusCode}`);
  response.resume();
}).on('error', (error) =>
  fail(
    error.name === 'AbortError' ? `GET ${url.path} did not answer within ${TIMEOUT_MS} ms` : error.message,
  ),
);

function fail(reason) {
  console.error(reason);
  process.exitCode = 1;
}
