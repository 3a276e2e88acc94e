import { describe, expect, it } from '@jest/globals';
import {
  readPastedToken,
  Session,
  takeTokenFromAddress,
  tokenInFragment,
} from '../../../../web/src/api/session.js';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

function memoryStorage() {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
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
    const addresses: string[] = [];
    takeTokenFromAddress(
      session,
      { hash: `#token=${TOKEN}`, pathname: '/dashboard', search: '?a=1' } as Location,
      {
        state: null,
        replaceState: (_: unknown, __: string, url: string) => void addresses.push(url),
      } as unknown as History,
    );
    expect(addresses).toEqual(['/dashboard?a=1']);
    expect(session.get().token).toBe(TOKEN);
    expect(new Session(storage).get().token).toBe(TOKEN);
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
