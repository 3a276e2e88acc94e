-- Up Migration

-- A function with its owner's rights must not find tables that its caller made: temporary ones come first unless they
-- are put last by name.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_ensure_partitions(date, date) SET search_path = %I, pg_temp', current_schema());
END
$$;

-- Down Migration

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_ensure_partitions(date, date) SET search_path = %I', current_schema());
END
$$;
