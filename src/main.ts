// SIGUSR2 ends a process that has no handler yet; the lifecycle adds the one that changes the log level.
process.on('SIGUSR2', () => undefined);

// A static import would be loaded before the handler is there.
await import('./lifecycle.js');
