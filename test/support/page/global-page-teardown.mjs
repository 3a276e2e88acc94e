import '../../../tools/typescript/register-ts.mjs';

export default async function globalPageTeardown() {
  const { stopPageServices } = await import('./global-page-services.ts');
  await stopPageServices();
}
