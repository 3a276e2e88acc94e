import { describe, expect, it } from '@jest/globals';
import { DeviceInfo } from '../../../../src/domain/value-objects/device-info.vo.js';

describe('DeviceInfo', () => {
  it.each(['HarmonyOS', 'harmonyos', 'HARMONYOS', ' HarmonyOS '])(
    'trap 13: recognizes %j as HarmonyOS',
    (os) => {
      expect(DeviceInfo.create({ os }).os).toBe('HarmonyOS');
    },
  );

  it.each(['KaiOS', 'Fuchsia', 'webOS'])(
    'trap 13: keeps the unknown %s and does not call it Android',
    (os) => {
      expect(DeviceInfo.create({ os }).os).toBe(os);
    },
  );

  it('trap 13: guesses no system for a device that sends none', () => {
    expect(DeviceInfo.create({})).toEqual(DeviceInfo.create({ os: undefined }));
    expect(DeviceInfo.create({}).os).toBeUndefined();
    expect(DeviceInfo.create({ os: '  ' }).os).toBeUndefined();
  });

  it.each([
    ['ios', 'iOS'],
    ['IOS', 'iOS'],
    ['android', 'Android'],
    ['IPADOS', 'iPadOS'],
    ['MacOS', 'macOS'],
  ])('normalizes %s to %s', (os, spelling) => {
    expect(DeviceInfo.create({ os }).os).toBe(spelling);
  });

  it('trims the other fields and omits blank ones', () => {
    const device = DeviceInfo.create({
      osVersion: ' 5.0.0 ',
      deviceModel: ' Mate 60 Pro',
      screenResolution: '',
    });
    expect(device.osVersion).toBe('5.0.0');
    expect(device.deviceModel).toBe('Mate 60 Pro');
    expect(device.screenResolution).toBeUndefined();
  });
});
