-- Run once by the administrator of PostgreSQL when the database is new: the service's role owns its schema and nothing else.
-- psql variables: password (of the role tthc).
CREATE ROLE tthc LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA tthc AUTHORIZATION tthc;
ALTER ROLE tthc SET search_path = tthc;
