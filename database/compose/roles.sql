-- For docker-compose.yml: who may do what. The image of PostgreSQL runs this once, as its superuser, right after it
-- has made the database, so before any migration.
--
--   analytics_owner    owns the database and runs the migrations; no superuser, and creates no roles
--   analytics_service  the rights of the service, granted by the migrations; nobody logs in as it
--   analytics_app      the service's login, a member of that group and nothing else

\getenv owner_password POSTGRES_PASSWORD
\getenv service_password POSTGRES_SERVICE_PASSWORD

CREATE ROLE analytics_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE analytics_service NOLOGIN;
CREATE ROLE analytics_app LOGIN PASSWORD :'service_password' IN ROLE analytics_service;

ALTER DATABASE :"DBNAME" OWNER TO analytics_owner;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO analytics_service;

-- Without a password the superuser comes in from inside the container only:
-- docker compose exec postgres psql -U postgres rwa_analytics
ALTER ROLE CURRENT_USER PASSWORD NULL;
