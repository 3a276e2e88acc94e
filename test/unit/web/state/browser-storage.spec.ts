import { describe, expect, it } from '@jest/globals';
import { Session } from '../../../../web/src/api/session.js';
import { BrowserStorage } from '../../../../web/src/state/browser-storage.js';
import { SettingsStore } from '../../../../web/src/state/settings.js';
import { memoryStorage } from '../support/memory-storage.js';

const TOKEN = 'a.b.c';

function refuse(): never {
  throw new DOMException('The operation is insecure.', 'SecurityError');
}

describe('BrowserStorage', () => {
  it('keeps values in the storage of the browser, and not beside it', () => {
    const real = memoryStorage();
    const storage = new BrowserStorage(() => real);
    storage.setItem('a', '1');
    expect(real.values).toEqual(new Map([['a', '1']]));
    real.setItem('a', '2');
    expect(storage.getItem('a')).toBe('2');
    storage.removeItem('a');
    expect(real.values.size).toBe(0);
    expect(storage.getItem('a')).toBeNull();
  });

  it.each([
    ['is blocked as a whole', refuse],
    ['refuses each use', () => ({ getItem: refuse, setItem: refuse, removeItem: refuse })],
    ['has no room', () => ({ ...memoryStorage(), setItem: refuse })],
  ])('lets the page work where the storage %s', (_, find) => {
    const storage = new BrowserStorage(find);
    const session = new Session(storage);
    const settings = new SettingsStore(storage, ['en']);
    session.signIn(TOKEN);
    settings.change({ theme: 'dark' });
    expect(session.get().token).toBe(TOKEN);
    expect(new Session(storage).get().token).toBe(TOKEN);
    expect(new SettingsStore(storage, ['en']).get().theme).toBe('dark');
    session.signOut();
    expect(new Session(storage).get().token).toBeNull();
  });
});
