/** Returns an address of its own for a device, as a trusted proxy would name it. */
export function addressOf(device: number): string {
  return `10.${String((device >> 16) & 0x7f)}.${String((device >> 8) & 0xff)}.${String(device & 0xff)}`;
}
