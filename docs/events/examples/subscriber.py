"""Stores each app session once in SQLite and prints each new one as a JSON line.

    KAFKA_BROKERS=localhost:9092 SUBSCRIBER_DATABASE=sessions.db python3 subscriber.py

Requires the package confluent-kafka, which wraps librdkafka, the client that most languages share. SIGTERM ends it
after the current write. Messages go to standard error.
"""

import json
import os
import signal
import sqlite3
import sys
import uuid
from datetime import datetime

from confluent_kafka import Consumer, KafkaException

EVENT_TYPE = "analytics.session.started"

# SQLite's INTEGER has 64 bits and Python's int has no limit: ids keep all digits.
CREATE = """CREATE TABLE IF NOT EXISTS subscriber_sessions (
    event_id TEXT PRIMARY KEY, user_id INTEGER, install_id TEXT NOT NULL, occurred_at TEXT NOT NULL, payload TEXT NOT NULL)"""
INSERT = "INSERT INTO subscriber_sessions VALUES (?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"

consumer = Consumer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS") or "localhost:9092",
        "group.id": os.environ.get("KAFKA_GROUP") or "session-store-python",
        "session.timeout.ms": 10_000,  # another member takes over from a killed process after this time
        "enable.auto.commit": False,  # committed below, after the write
        "auto.offset.reset": "earliest",  # a new group starts with the oldest record
    }
)
database = sqlite3.connect(os.environ.get("SUBSCRIBER_DATABASE") or "sessions.db")
database.execute(CREATE)
stopping = False


def stop(_signal, _frame):
    global stopping
    stopping = True


def session(message):
    """None for other event types, and for what is no event at all: an unreadable record must not stop its partition."""
    if message.key() != EVENT_TYPE.encode():
        return None
    try:
        event_id = str(uuid.UUID(dict(message.headers() or [])["event-id"].decode()))
        payload = json.loads(message.value())["payload"]
        user_id = None if payload["userId"] is None else int(payload["userId"])
        if user_id is not None and not 0 < user_id < 2**63:
            raise ValueError("userId is no 64-bit id")
        datetime.strptime(payload["occurredAt"], "%Y-%m-%dT%H:%M:%S.%fZ")
        if "\0" in payload["installId"].encode().decode():  # raises for lone surrogates too
            raise ValueError("installId is no text")
        return event_id, user_id, str(payload["installId"]), str(payload["occurredAt"]), json.dumps(payload)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        where = f"partition {message.partition()}, offset {message.offset()}"
        print(f"passed over: {where}: {error!r}", file=sys.stderr)
        return None


def store(sessions):
    """All of them in one transaction: sessions and the ids that dedupe them are the same rows. Returns the new ones."""
    with database:
        return [row for row in sessions if database.execute(INSERT, row).rowcount == 1]


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
consumer.subscribe([os.environ.get("KAFKA_TOPIC_ANALYTICS") or "analytics-events"])
try:
    while not stopping:
        polled = consumer.consume(num_messages=500, timeout=0.5)
        for message in polled:
            if message.error():  # librdkafka recovers by itself: unavailable brokers, a missing topic
                print(f"kafka: {message.error()}", file=sys.stderr)
        messages = [message for message in polled if not message.error()]
        if not messages:
            continue
        # An error here ends the process without a commit; after a restart it gets the same messages.
        for event_id, _, _, _, payload in store(filter(None, map(session, messages))):
            event = {"event_id": event_id, "eventType": EVENT_TYPE, "payload": json.loads(payload)}
            print(json.dumps(event, ensure_ascii=False), flush=True)
        try:
            consumer.commit(asynchronous=False)  # the positions after the consumed messages
        except KafkaException as error:  # the partitions have moved; their new owner drops the repeats
            print(f"kafka: not committed: {error}", file=sys.stderr)
finally:
    consumer.close()  # leaves the group, so that other members take over at once
    database.close()
