// Every answer is sent within two seconds, whatever hangs. The time in which a client sends its body does not count.
// 150 ms (limit of an address) + 1.7 s (all that follows the body) leave 150 ms for a busy event loop.

/** Bounds the wait for a count that replicas share; each replica then counts for itself. */
export const SHARED_COUNT_TIMEOUT_MS = 150;
/** Bounds all that follows the body: the limit of an install, the stores, the answer. */
export const ANSWER_TIMEOUT_MS = 1700;
/** Bounds one command on Redis. Two of them fit into the answer: a heartbeat may wait for the group in flight. */
export const COMMAND_TIMEOUT_MS = 700;
/** Bounds the wait of a gateway's request for room among the events to be published, before two commands on Redis. */
export const PUBLISHER_ROOM_TIMEOUT_MS = 250;
