import '../../tools/typescript/register-ts.mjs';

export default async function globalTeardown() {
  const { stopServices } = await import('./global-services.ts');
  await stopServices();
}
