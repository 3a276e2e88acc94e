const KNOWN_SYSTEMS: ReadonlyMap<string, string> = new Map(
  ['Android', 'iOS', 'iPadOS', 'HarmonyOS', 'macOS', 'Windows', 'Linux'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** The device an event came from. Every part is optional: a client that does not tell is not guessed at. */
export class DeviceInfo {
  private constructor(
    /** The maker's spelling for a system we know, else as the client wrote it. */
    readonly os: string | undefined,
    readonly osVersion: string | undefined,
    readonly deviceModel: string | undefined,
    readonly screenResolution: string | undefined,
  ) {}

  static create(props: {
    readonly os?: string | undefined;
    readonly osVersion?: string | undefined;
    readonly deviceModel?: string | undefined;
    readonly screenResolution?: string | undefined;
  }): DeviceInfo {
    const os = clean(props.os);
    return new DeviceInfo(
      os === undefined ? undefined : (KNOWN_SYSTEMS.get(os.toLowerCase()) ?? os),
      clean(props.osVersion),
      clean(props.deviceModel),
      clean(props.screenResolution),
    );
  }
}

function clean(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}
