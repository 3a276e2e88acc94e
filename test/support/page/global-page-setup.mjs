import '../../../tools/typescript/register-ts.mjs';

export default async function globalPageSetup() {
  const { startPageServices } = await import('./global-page-services.ts');
  await startPageServices();
}
