/**
 * Options of a request for the CSV of a figure, as `...CSV`. Spreadsheets take the byte order mark for UTF-8; without
 * it they garble Chinese names.
 */
export const CSV = { headers: { accept: 'text/csv;bom=true' }, parseAs: 'blob' } as const;

/** Returns the name of a CSV file: the figure, what it is limited to, and its days. */
export function csvFileName(figure: string, limits: Readonly<Record<string, string | null>>): string {
  const parts = [figure, ...Object.values(limits)].filter((part) => part !== null && part !== '');
  return `${parts.join('_').replaceAll(/[\s/\\:*?"<>|]+/g, '-')}.csv`;
}

/** Hands a file to the browser, which keeps it where its reader keeps downloads. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download begins after this task, and reads the file from its address.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
