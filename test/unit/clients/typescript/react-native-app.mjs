// An app whose engine has what React Native has: no crypto, no streams of compression, no TextEncoder, no localStorage.
for (const name of [
  'crypto',
  'CompressionStream',
  'TextEncoder',
  'TextDecoder',
  'Blob',
  'localStorage',
  'navigator',
])
  Reflect.deleteProperty(globalThis, name);

const CLIENT = '../../../../clients/typescript/src';
const { AnalyticsClient } = await import(`${CLIENT}/analytics-client.js`);
const { browserPlatform } = await import(`${CLIENT}/browser/browser-platform.js`);
const { KeyValueStorage } = await import(`${CLIENT}/storage/key-value-storage.js`);

const items = new Map();
const asyncStorage = {
  getAllKeys: async () => [...items.keys()],
  getItem: async (key) => items.get(key) ?? null,
  setItem: async (key, value) => void items.set(key, value),
  removeItem: async (key) => void items.delete(key),
};
const sent = [];
let isDown = true;
let ids = 0;

async function post(url, { headers, body }) {
  if (isDown) throw new TypeError('Network request failed');
  sent.push({ path: new URL(url).pathname, headers, body });
  const answer = { accepted: JSON.parse(body).events.length, duplicates: 0, failed: 0 };
  const types = new Map([['content-type', 'application/json']]);
  return { status: 200, headers: types, text: async () => JSON.stringify(answer) };
}

const open = () =>
  AnalyticsClient.open({
    baseUrl: 'https://analytics.example.com',
    appVersion: '1.0.0',
    platform: browserPlatform({
      storage: new KeyValueStorage(asyncStorage),
      newId: () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}`,
      fetch: post,
    }),
  });

const offline = await open();
offline.enterForeground();
for (let n = 0; n < 40; n++) await offline.track('page_view', { page: `页面${n}` });
await offline.flush();
const queued = offline.queuedEvents;
offline.close();

isDown = false;
const online = await open();
await online.flush();
const isSameInstall = online.installId === offline.installId;
process.stdout.write(JSON.stringify({ queued, left: online.queuedEvents, sent, isSameInstall }));
online.close();
