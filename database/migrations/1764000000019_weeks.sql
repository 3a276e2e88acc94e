-- Up Migration

-- A week has the users who were active on any of its days, so a longer span reads one row for seven: docs/adr/0039.
-- `week` is its Monday. All of it is made of the bits of the days. Rows of analytics_active_weeks may be deleted at any time,
-- those of the other two tables only for weeks that have none there.
CREATE TABLE analytics_week_bits (
  week   date       NOT NULL CHECK (extract(isodow FROM week) = 1),
  bucket smallint   NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  chunk  integer    NOT NULL CHECK (chunk >= 0),
  bits   bit(15872) NOT NULL,
  PRIMARY KEY (week, bucket, chunk)
);

CREATE TABLE analytics_week_places (
  week   date     NOT NULL CHECK (extract(isodow FROM week) = 1),
  level  smallint NOT NULL CHECK (level BETWEEN 1 AND 2),
  bucket smallint NOT NULL CHECK (bucket BETWEEN 0 AND 15),
  place  text     NOT NULL CHECK (place <> ''),
  ids    bytea    NOT NULL,
  PRIMARY KEY (week, level, bucket, place)
);

ALTER TABLE analytics_week_places ALTER COLUMN ids SET STORAGE EXTERNAL;

-- The builds that a week was united of: a week counts only while its days have no other builds.
CREATE TABLE analytics_active_weeks (
  week    date PRIMARY KEY CHECK (extract(isodow FROM week) = 1),
  version text NOT NULL
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    GRANT SELECT, INSERT, DELETE ON analytics_week_bits, analytics_week_places TO analytics_service;
    GRANT SELECT, INSERT, UPDATE ON analytics_active_weeks TO analytics_service;
  END IF;
END
$$;

-- Down Migration

DROP TABLE analytics_active_weeks;
DROP TABLE analytics_week_places;
DROP TABLE analytics_week_bits;
