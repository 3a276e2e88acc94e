const KNOWN_SYSTEMS: ReadonlyMap<string, string> = new Map(
  ['Android', 'iOS', 'iPadOS', 'HarmonyOS', 'macOS', 'Windows', 'Linux'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** The device of an event. Missing parts stay undefined: none is guessed. */
export class DeviceInfo {
  private constructor(
    /** Spelling of the maker for known systems, else as the client sent it. */
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
