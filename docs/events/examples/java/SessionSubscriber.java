import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Stores each app session once in a PostgreSQL table and prints each new one as a JSON line. Creates the table.
 *
 * <pre>
 * mvn -q dependency:copy-dependencies -DoutputDirectory=lib
 * KAFKA_BROKERS=localhost:9092 SUBSCRIBER_JDBC_URL='jdbc:postgresql://localhost/sessions?user=me' \
 *   java -cp 'lib/*' SessionSubscriber.java
 * </pre>
 *
 * Requires a JDK of version 17 or later. SIGTERM ends it after the current write. Messages go to standard error.
 */
public final class SessionSubscriber {
    private static final String EVENT_TYPE = "analytics.session.started";

    private static final String CREATE = """
            CREATE TABLE IF NOT EXISTS subscriber_sessions (
              event_id uuid PRIMARY KEY, user_id bigint, install_id text NOT NULL, occurred_at timestamptz NOT NULL)""";
    private static final String INSERT = """
            INSERT INTO subscriber_sessions (event_id, user_id, install_id, occurred_at)
            SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::text[], ?::timestamptz[])
            ON CONFLICT (event_id) DO NOTHING RETURNING event_id""";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private static volatile boolean stopping = false;

    /** A long holds a 64-bit id; null is an install that nobody is logged in on. */
    private record Session(UUID eventId, Long userId, String installId, Instant occurredAt, JsonNode payload) {}

    public static void main(String[] args) throws SQLException {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", setting("KAFKA_BROKERS", "localhost:9092"),
                "group.id", setting("KAFKA_GROUP", "session-store-java"),
                "session.timeout.ms", 10_000, // another member takes over from a killed process after this time
                "enable.auto.commit", false, // committed below, after the write
                "auto.offset.reset", "earliest"); // a new group starts with the oldest record
        String database = setting("SUBSCRIBER_JDBC_URL", "jdbc:postgresql://localhost/sessions");
        stopOnSignal(Thread.currentThread());
        try (Connection connection = DriverManager.getConnection(database);
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(CREATE);
            }
            connection.setAutoCommit(false);
            consumer.subscribe(List.of(setting("KAFKA_TOPIC_ANALYTICS", "analytics-events")));
            while (!stopping) {
                handle(consumer.poll(Duration.ofMillis(500)), connection, consumer);
            }
        }
    }

    private static void handle(
            ConsumerRecords<byte[], byte[]> records, Connection connection, KafkaConsumer<byte[], byte[]> consumer)
            throws SQLException {
        if (records.isEmpty()) {
            return;
        }
        // The records of a partition come in their order, and one thread keeps it.
        List<Session> sessions = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Session session = toSession(record);
            if (session != null) {
                sessions.add(session);
            }
        }
        // An error here ends the process without a commit; after a restart it gets the same records.
        for (Session session : store(sessions, connection)) {
            OUT.println(JSON.createObjectNode()
                    .put("event_id", session.eventId().toString())
                    .put("eventType", EVENT_TYPE)
                    .set("payload", session.payload()));
        }
        try {
            consumer.commitSync(); // the positions after the records of the last poll
        } catch (CommitFailedException | RebalanceInProgressException error) {
            // The partitions have moved; their new owner drops the repeats.
            System.err.println("kafka: not committed: " + error.getMessage());
        }
    }

    /** Null for other event types, and for what is no event at all: an unreadable record must not stop its partition. */
    private static Session toSession(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || !EVENT_TYPE.equals(new String(record.key(), StandardCharsets.UTF_8))) {
            return null;
        }
        try {
            String eventId = new String(record.headers().lastHeader("event-id").value(), StandardCharsets.UTF_8);
            JsonNode payload = JSON.readTree(record.value()).required("payload");
            String installId = text(payload.required("installId"));
            JsonNode userId = payload.required("userId");
            return new Session(
                    UUID.fromString(eventId),
                    userId.isNull() ? null : userId(text(userId)),
                    installId,
                    Instant.parse(text(payload.required("occurredAt"))),
                    payload);
        } catch (IOException | RuntimeException error) {
            System.err.println("passed over: partition " + record.partition() + ", offset " + record.offset() + ": " + error);
            return null;
        }
    }

    /** PostgreSQL stores neither U+0000 nor lone surrogates; one such value would fail its whole batch. */
    private static String text(JsonNode node) {
        String text = node.isTextual() ? node.textValue() : null;
        if (text == null || text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("no text");
        }
        return text;
    }

    private static long userId(String text) {
        long userId = Long.parseLong(text);
        if (userId < 1) {
            throw new IllegalArgumentException("userId is no id");
        }
        return userId;
    }

    /** Stores all of them in one transaction: a session and the id that dedupes it are one row. Returns the new ones. */
    private static List<Session> store(List<Session> sessions, Connection connection) throws SQLException {
        if (sessions.isEmpty()) {
            return sessions;
        }
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setArray(1, column(connection, sessions, session -> session.eventId().toString()));
            insert.setArray(2, column(connection, sessions, session -> Objects.toString(session.userId(), null)));
            insert.setArray(3, column(connection, sessions, Session::installId));
            insert.setArray(4, column(connection, sessions, session -> session.occurredAt().toString()));
            // The counts of a JDBC batch would not do: with reWriteBatchedInserts they say nothing about single rows.
            Set<UUID> stored = new HashSet<>();
            try (ResultSet rows = insert.executeQuery()) {
                while (rows.next()) {
                    stored.add(rows.getObject(1, UUID.class));
                }
            }
            connection.commit();
            // A repeat within the batch is not new the second time.
            return sessions.stream().filter(session -> stored.remove(session.eventId())).toList();
        }
    }

    private static Array column(Connection connection, List<Session> sessions, Function<Session, String> value)
            throws SQLException {
        return connection.createArrayOf("text", sessions.stream().map(value).toArray());
    }

    /** Lets the loop end, and waits for it: the JVM exits when its hooks have ended. */
    private static void stopOnSignal(Thread main) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping = true;
            try {
                main.join(Duration.ofSeconds(20).toMillis());
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
