export function noteSkipped(what: string): void;
