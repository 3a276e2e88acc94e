import { describe, expect, it } from '@jest/globals';
import {
  readPastedToken,
  Session,
  takeTokensFromAddress,
  tokenInFragment,
} from '../../../../web/src/api/session.js';
import { memoryStorage } from '../support/memory-storage.js';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

/** A tab whose address the reader edits. */
function tabAt(hash: string) {
  const addresses: string[] = [];
  const listeners: (() => void)[] = [];
  const location = { hash, pathname: '/dashboard', search: '?a=1' };
  const history = {
    state: null,
    replaceState(_: unknown, __: string, url: string): void {
      addresses.push(url);
      location.hash = '';
    },
  } as unknown as History;
  const addEventListener = (name: string, listener: () => void): void => {
    if (name === 'hashchange') listeners.push(listener);
  };
  const paste = (pasted: string): void => {
    location.hash = pasted;
    for (const listener of listeners) listener();
  };
  return { addresses, location, history, addEventListener, paste } as unknown as Window & {
    readonly addresses: readonly string[];
    readonly location: typeof location;
    readonly paste: typeof paste;
  };
}

describe('tokenInFragment', () => {
  it.each([
    [`#token=${TOKEN}`, TOKEN],
    [`#lang=zh&token=${TOKEN}`, TOKEN],
    ['#token=', null],
    ['#figures', null],
    ['', null],
  ])('reads %j', (hash, token) => {
    expect(tokenInFragment(hash)).toBe(token);
  });
});

describe('readPastedToken', () => {
  it.each([
    ['the token', ` ${TOKEN}\n`],
    ['a header', `Bearer ${TOKEN}`],
    ['the line that the demo prints', `export TOKEN=${TOKEN}`],
    ['the whole link', `http://127.0.0.1:3001/dashboard#token=${TOKEN}`],
    ['the end of a sentence', `Open http://127.0.0.1:3001/dashboard#token=${TOKEN}。`],
    ['a token that is cut off by dots', `${TOKEN}…`],
  ])('accepts %s', (_, text) => {
    expect(readPastedToken(text)).toBe(TOKEN);
  });

  it.each(['', 'secret', 'a.b', 'a.b.c.d', 'a b.c.d', '#token='])('refuses %j', (text) => {
    expect(readPastedToken(text)).toBeNull();
  });
});

describe('Session', () => {
  it('takes the token out of the address and keeps it for the tab', () => {
    const storage = memoryStorage();
    const session = new Session(storage);
    const tab = tabAt(`#token=${TOKEN}`);
    takeTokensFromAddress(session, tab);
    expect(tab.location.hash).toBe('');
    expect(tab.addresses).toEqual(['/dashboard?a=1']);
    expect(session.get().token).toBe(TOKEN);
    expect(new Session(storage).get().token).toBe(TOKEN);
  });

  it.each([
    ['that asks for a token', (): void => undefined],
    [
      'whose token has expired',
      (session: Session): void => {
        session.signIn('a.b.c');
        session.signOut('expired');
      },
    ],
    [
      'that shows the figures of another token',
      (session: Session): void => {
        session.signIn('a.b.c');
      },
    ],
  ])('takes the token of a link that is pasted into a page %s', (_, prepare) => {
    const session = new Session(memoryStorage());
    const tab = tabAt('');
    takeTokensFromAddress(session, tab);
    prepare(session);
    let changes = 0;
    session.subscribe(() => (changes += 1));
    tab.paste(`#token=${TOKEN}`);
    tab.paste(`#token=${TOKEN}`);
    expect(tab.location.hash).toBe('');
    expect(session.get()).toEqual({ token: TOKEN, ended: null });
    expect(changes).toBe(1);
  });

  it.each(['。', '.', '…', '，请看', ')', '%E3%80%82'])(
    'takes the token of a link with %j behind it',
    (text) => {
      const session = new Session(memoryStorage());
      takeTokensFromAddress(session, tabAt(`#token=${TOKEN}${text}`));
      expect(session.get()).toEqual({ token: TOKEN, ended: null });
    },
  );

  it.each(['eyJhbGciOiJIUzI1NiJ9…', '你好', `${TOKEN}.more`, `${TOKEN} more`])(
    'takes %j out of the address, asks for a token, and keeps nothing',
    (text) => {
      const storage = memoryStorage();
      const session = new Session(storage);
      session.signIn(TOKEN);
      const tab = tabAt(`#token=${encodeURIComponent(text)}`);
      takeTokensFromAddress(session, tab);
      expect(tab.location.hash).toBe('');
      expect(session.get()).toEqual({ token: null, ended: 'invalid' });
      expect(storage.values.size).toBe(0);
    },
  );

  it('asks for a token where the tab keeps a text that is none', () => {
    const storage = memoryStorage();
    new Session(storage).signIn('令牌');
    expect(new Session(storage).get().token).toBeNull();
  });

  it('leaves other fragments in the address', () => {
    const session = new Session(memoryStorage());
    const tab = tabAt('#figures');
    takeTokensFromAddress(session, tab);
    tab.paste('#other');
    expect(tab.location.hash).toBe('#other');
    expect(session.get().token).toBeNull();
  });

  it('forgets a refused token and says why', () => {
    const storage = memoryStorage();
    const session = new Session(storage);
    session.signIn(TOKEN);
    session.refuse(TOKEN, 'token_expired');
    expect(session.get()).toEqual({ token: null, ended: 'expired' });
    expect(storage.values.size).toBe(0);
  });

  it('keeps a new token when the answer to the one before arrives late', () => {
    const session = new Session(memoryStorage());
    session.signIn(TOKEN);
    session.refuse('old.token.here', 'token_expired');
    expect(session.get().token).toBe(TOKEN);
  });
});
