-- Up Migration

-- Asks for the build and for marks in statements of their own: on a cluster the marks are on other nodes.
CREATE OR REPLACE FUNCTION analytics_actives_settled(p_day date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM analytics_active_days
    WHERE day = p_day AND built_at >= (p_day + 1 + time '01:00') AT TIME ZONE 'Asia/Shanghai'
  ) THEN
    RETURN false;
  END IF;
  PERFORM FROM analytics_dau_pending WHERE day = p_day LIMIT 1;
  RETURN NOT FOUND;
END
$$;

DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_actives_settled(date) SET search_path = %I, pg_temp', current_schema());
END
$$;

-- Down Migration

CREATE OR REPLACE FUNCTION analytics_actives_settled(p_day date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM analytics_active_days
    WHERE day = p_day AND built_at >= (p_day + 1 + time '01:00') AT TIME ZONE 'Asia/Shanghai'
  ) AND NOT EXISTS (SELECT FROM analytics_dau_pending WHERE day = p_day);
END
$$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION analytics_actives_settled(date) SET search_path = %I, pg_temp', current_schema());
END
$$;
