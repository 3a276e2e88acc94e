/** A stream as the API documentation shows it. */
export const LIVE_EXAMPLE = `retry: 3000

event: status
data: {"status":"ok","dependencies":{"database":"up","redis":"up"},"clock":"ok","figures":{"online":"ok","dau":"ok"}}

event: dau
data: {"day":"2025-01-15","dauCount":56789,"method":"hyperloglog","standardError":0.0081,"queriedAt":"2025-01-15T10:30:00.004Z"}

id: 1736937000
event: online
data: {"count":1234,"isPartial":false,"coverage":1,"windowSeconds":180,"queriedAt":"2025-01-15T10:30:00.002Z"}

:

event: end
data: {"reason":"rotated"}

`;
