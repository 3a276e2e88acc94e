-- Creates the roles of docker-compose.yml. The PostgreSQL image runs this script once, as its superuser, after it
-- has created the database and before any migration.
--
--   analytics_owner    owns the database and runs the migrations; is no superuser and creates no roles
--   analytics_service  holds the rights that the migrations grant to the service; cannot log in
--   analytics_app      logs in for the service; is a member of analytics_service only

\getenv owner_password POSTGRES_PASSWORD
\getenv service_password POSTGRES_SERVICE_PASSWORD

CREATE ROLE analytics_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE analytics_service NOLOGIN;
CREATE ROLE analytics_app LOGIN PASSWORD :'service_password' IN ROLE analytics_service;

ALTER DATABASE :"DBNAME" OWNER TO analytics_owner;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO analytics_service;

-- Without a password the superuser can connect from inside the container only:
-- docker compose exec postgres psql -U postgres rwa_analytics
ALTER ROLE CURRENT_USER PASSWORD NULL;
