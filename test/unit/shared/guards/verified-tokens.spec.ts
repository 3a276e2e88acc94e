import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Reflector } from '@nestjs/core';
import { JwtAuthGuard } from '../../../../src/shared/guards/jwt-auth.guard.js';
import { JwtStrategy } from '../../../../src/shared/guards/jwt.strategy.js';
import { OptionalAuthGuard } from '../../../../src/shared/guards/optional-auth.guard.js';
import { VerifiedTokens } from '../../../../src/shared/guards/verified-tokens.js';
import {
  configWith,
  contextOf,
  requestWith,
  TOKEN_EXPIRED,
  tokenWith,
  type Request,
} from './fake-requests.js';

const USER = { userId: 42n, roles: [], validUntilMs: 1_060_000 };

afterEach(() => {
  jest.useRealTimers();
});

describe('VerifiedTokens', () => {
  it('keeps a token until it expires', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const tokens = new VerifiedTokens(() => Date.now());
    tokens.remember('Bearer a', USER);
    expect(tokens.find('Bearer a')).toEqual(USER);
    expect(tokens.find('Bearer b')).toBeUndefined();
    expect(tokens.find(undefined)).toBeUndefined();
    jest.setSystemTime(1_059_999);
    expect(tokens.find('Bearer a')).toEqual(USER);
    jest.setSystemTime(1_060_000);
    expect(tokens.find('Bearer a')).toBeUndefined();
    jest.setSystemTime(1_000_000);
    expect(tokens.find('Bearer a')).toBeUndefined();
  });

  it('keeps at most two hundred thousand tokens and evicts the oldest', () => {
    const tokens = new VerifiedTokens(() => Date.now());
    const lasting = { ...USER, validUntilMs: Date.now() + 60_000 };
    for (let i = 0; i <= 200_000; i++) tokens.remember(`Bearer ${i}`, lasting);
    expect(tokens.find('Bearer 0')).toBeUndefined();
    expect(tokens.find('Bearer 1')).toEqual(lasting);
    expect(tokens.find('Bearer 100000')).toEqual(lasting);
  });
});

describe('guards with VerifiedTokens', () => {
  const tokens = new VerifiedTokens(() => Date.now());
  const guards = {
    JwtAuthGuard: new JwtAuthGuard(new Reflector(), tokens, configWith()),
    OptionalAuthGuard: new OptionalAuthGuard(tokens),
  };
  const pass = async (name: keyof typeof guards, token: string): Promise<Request> => {
    const request = requestWith(token);
    await guards[name].canActivate(contextOf(request));
    return request;
  };

  it.each(['JwtAuthGuard', 'OptionalAuthGuard'] as const)('%s verifies a token once', async (name) => {
    const validate = jest.spyOn(JwtStrategy.prototype, 'validate');
    new JwtStrategy(configWith(), tokens);
    const token = tokenWith({ for: name });
    expect((await pass(name, token)).user).toMatchObject({ userId: 42n, roles: [] });
    expect((await pass(name, token)).user).toMatchObject({ userId: 42n, roles: [] });
    expect(validate).toHaveBeenCalledTimes(1);
    validate.mockRestore();
  });

  it.each(['JwtAuthGuard', 'OptionalAuthGuard'] as const)(
    '%s rejects a known token that has expired',
    async (name) => {
      new JwtStrategy(configWith(), tokens);
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      const token = tokenWith({ for: name }, { expiresIn: 60 });
      expect((await pass(name, token)).user).toMatchObject({ userId: 42n, roles: [] });
      jest.setSystemTime(Date.now() + 89_000);
      expect((await pass(name, token)).user).toMatchObject({ userId: 42n, roles: [] });
      jest.setSystemTime(Date.now() + 2_000);
      await expect(pass(name, token)).rejects.toEqual(TOKEN_EXPIRED);
    },
  );
});
