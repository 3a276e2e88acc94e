import '../../tools/typescript/register-ts.mjs';

export default async function globalSetup() {
  const { startServices } = await import('./global-services.ts');
  await startServices();
}
