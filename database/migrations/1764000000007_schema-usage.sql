-- Up Migration

-- A schema of one's own admits nobody but its owner, whatever rights others have on its tables.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analytics_service') THEN
    IF NOT has_schema_privilege('analytics_service', current_schema(), 'USAGE') THEN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO analytics_service', current_schema());
    END IF;
  END IF;
END
$$;

-- Down Migration

-- The right stays: without it the tables that remain could not be reached.
SELECT 1;
