import { defineConfig } from 'vite';

/** Routes of the service that the page reads; `npm run dev:web` passes them on. */
const SERVICE_ROUTES = ['/analytics', '/presence', '/live', '/health', '/status', '/api'];
const SERVICE = 'http://127.0.0.1:3001';

export default defineConfig({
  root: import.meta.dirname,
  base: '/dashboard/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page admits no inline script, and every supported browser preloads modules.
    modulePreload: { polyfill: false },
    // Assets are files, so that the policy needs no other source than the service.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: Object.fromEntries(SERVICE_ROUTES.map((route) => [route, { target: SERVICE }])),
  },
});
