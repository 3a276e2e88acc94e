-- Creates the roles of docker-compose.yml. The PostgreSQL image runs this script once, as its superuser, after it
-- has created the database and before any migration. The passwords come from files.
--
--   analytics_owner    owns the database and runs the migrations; is no superuser and creates no roles
--   analytics_service  holds the rights that the migrations grant to the service; cannot log in
--   analytics_app      logs in for the service; is a member of analytics_service only

CREATE ROLE analytics_owner LOGIN;
CREATE ROLE analytics_service NOLOGIN;
CREATE ROLE analytics_app LOGIN IN ROLE analytics_service;

DO $$
DECLARE
  owner_password text := btrim(pg_read_file('/run/secrets/postgres-owner-password'), E' \r\n');
  service_password text := btrim(pg_read_file('/run/secrets/postgres-service-password'), E' \r\n');
BEGIN
  IF '' IN (owner_password, service_password) THEN
    RAISE EXCEPTION 'the file of a password is empty: run deploy/compose/create-secrets.sh';
  END IF;
  EXECUTE format('ALTER ROLE analytics_owner PASSWORD %L', owner_password);
  EXECUTE format('ALTER ROLE analytics_app PASSWORD %L', service_password);
  EXECUTE format('ALTER DATABASE %I OWNER TO analytics_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO analytics_service', current_database());
END
$$;

-- Without a password the superuser can connect from inside the container only:
-- docker compose exec postgres psql -U postgres rwa_analytics
ALTER ROLE CURRENT_USER PASSWORD NULL;
